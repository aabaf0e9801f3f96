"""Agendas: every one that ships can be led; a coach's own is read, and a wrong one lists its faults."""

import pytest

import kit
from kit.errors import InputError, KitError
from kit.sessions.agenda import agenda, agenda_files, read_agenda

GOOD = """# Our session
Purpose: Look before we explain.
Roles: facilitator, timekeeper
Materials: pens

## Welcome (5 min)
Say your name.

One sentence each.

Ask: What brought you here?
Materials: name tags, pens
> Start on time.
>
> Smile.

## Look (20 minutes)
Ask: What do you see?
Ask: What surprises you?
"""


def write(tmp_path, text, name="ours.md"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_coachs_own_agenda_is_read(tmp_path):
    found = read_agenda(write(tmp_path, GOOD))
    assert (found.title, found.minutes, found.roles) == ("Our session", 25, ("facilitator", "timekeeper"))
    welcome, look = found.parts
    assert welcome.activity == "Say your name.\n\nOne sentence each."
    assert welcome.notes == "Start on time.\n\nSmile."
    assert "Smile" not in welcome.activity
    assert look.asks == ("What do you see?", "What surprises you?")
    assert found.everything == ("pens", "name tags")


def test_every_fault_is_named_with_its_row(tmp_path):
    text = "Hello\n# A\n# B\nPurpose:\n## Welcome\n## Look (ten min)\n## Look (0 min)\nPurpose: late\n"
    with pytest.raises(InputError) as caught:
        read_agenda(write(tmp_path, text))
    rows = sorted({f.row for f in caught.value.faults})
    assert rows == [1, 3, 4, 5, 6, 7, 8]
    assert all(f.mend for f in caught.value.faults)


def test_an_empty_file_and_no_utf8_are_refused(tmp_path):
    with pytest.raises(InputError):
        read_agenda(write(tmp_path, ""))
    (tmp_path / "latin.md").write_bytes("# Ü".encode("latin-1"))
    with pytest.raises(KitError, match="UTF-8"):
        read_agenda(tmp_path / "latin.md")


def test_a_teams_own_agenda_comes_before_the_kits(tmp_path):
    name = next(iter(agenda_files()))
    write(tmp_path, GOOD, f"{name}.md")
    assert agenda(name, tmp_path).title == "Our session"
    with pytest.raises(KitError, match=name):
        agenda("no such agenda")


@pytest.mark.parametrize("path", sorted((kit.home() / "templates" / "sessions").glob("*.md")), ids=lambda p: p.stem)
def test_the_kits_agendas_can_be_led_as_they_are(path):
    found = read_agenda(path)
    assert found.purpose
    assert found.roles
    assert found.source
    for part in found.parts:
        assert part.activity or part.asks
        assert part.notes, f"{part.name} has no note for the facilitator"
    assert any(part.asks for part in found.parts)
