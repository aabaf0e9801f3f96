"""A language of the moment, a district's own catalogue, and what is refused."""

from __future__ import annotations

import datetime
import os
import threading

import pytest

from kit.charts.words import change, count, difference, listing, year
from kit.errors import InputError, KitError
from kit.language import (
    N_,
    Language,
    _,
    current,
    date,
    direction,
    get_language,
    languages,
    ngettext,
    number,
    percent,
    use,
)
from kit.measures.registry import group_name, measure
from kit.workspace import open_workspace

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals={n}; plural={rule};\\n"\n\n'
)
TWO_FORMS = HEADER.format(n=2, rule="(n != 1)")


def _own(folder, tag, entries, header=TWO_FORMS):
    folder.mkdir(exist_ok=True)
    text = header + "".join(f'msgid "{one}"\nmsgstr "{other}"\n\n' for one, other in entries.items())
    (folder / f"{tag}.po").write_text(text, encoding="utf-8")
    return folder


def test_english_is_as_it_is_written_and_the_default():
    assert (current(), direction()) == ("en", "ltr")
    assert _("District") == "District"
    assert [ngettext("{n} school", "{n} schools", n) for n in (0, 1, 2)] == ["{n} schools", "{n} school", "{n} schools"]


def test_a_language_holds_within_its_block_only():
    with use("es"):
        assert current() == "es"
        assert _("District") == "Distrito"
        with use("en"):
            assert _("District") == "District"
        assert _("District") == "Distrito"
    assert _("District") == "District"
    with pytest.raises(ZeroDivisionError), use("es"):
        raise ZeroDivisionError
    assert current() == "en"


def test_two_threads_have_a_language_each():
    seen, both = {}, threading.Barrier(2)

    def work(tag):
        with use(tag):
            both.wait()
            seen[tag] = _("District")
            both.wait()

    threads = [threading.Thread(target=work, args=(tag,)) for tag in ("en", "es")]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert seen == {"en": "District", "es": "Distrito"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_the_language_of_its_parent():
    read, write = os.pipe()
    with use("es"):
        child = os.fork()
        if child == 0:
            os.write(write, _("District").encode())
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"Distrito"


def test_definitions_groups_and_numbers_are_in_the_language_of_the_moment():
    assert measure("chronic_absence").name == "Chronic absence"
    with use("es"):
        assert measure("chronic_absence").name == "Ausentismo crónico"
        assert group_name("english_learner") == "Aprendices de inglés"
    assert measure("chronic_absence").name == "Chronic absence"


def test_a_districts_own_words_go_before_the_kits(tmp_path):
    folder = _own(tmp_path / "languages", "es", {"District": "Nuestro distrito"})
    with use("es", folder):
        assert _("District") == "Nuestro distrito"
        assert _("School") == "Escuela"  # the kit's
    with use("es"):
        assert _("District") == "Distrito"


def test_a_district_may_keep_an_english_word_and_change_english_itself(tmp_path):
    folder = _own(tmp_path / "languages", "es", {"District": "District"})
    _own(folder, "en", {"Students": "Scholars"})
    with use("es", folder):
        assert _("District") == "District"
    with use("en", folder):
        assert (_("Students"), _("District")) == ("Scholars", "District")


def test_a_district_adds_a_language_without_code(tmp_path):
    folder = _own(tmp_path / "languages", "hmn", {"District": "Koog tsev kawm ntawv"})
    assert languages(folder) == ("en", "es", "hmn")
    assert languages() == ("en", "es")
    with use("hmn", folder):
        assert (_("District"), current(), direction()) == ("Koog tsev kawm ntawv", "hmn", "ltr")
        assert _("School") == "School"  # what it lacks is English


def test_the_settings_name_a_default_and_a_folder(tmp_path):
    (tmp_path / "results.csv").write_text("school_year\n")
    _own(tmp_path / "words", "so", {"District": "Degmo"})
    (tmp_path / "kit.toml").write_text('[language]\ndefault = "so"\nfolder = "words"\n')
    workspace = open_workspace(tmp_path)
    assert workspace.language().tag == "so"
    with use(workspace.language()):
        assert _("District") == "Degmo"
    assert workspace.language("es").tag == "es"


def test_forms_of_a_plural_are_those_of_the_language(tmp_path):
    rule = "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
    text = HEADER.format(n=3, rule=rule)
    text += 'msgid "{n} school"\nmsgid_plural "{n} schools"\n'
    text += 'msgstr[0] "{n} школа"\nmsgstr[1] "{n} школы"\nmsgstr[2] "{n} школ"\n'
    (tmp_path / "ru.po").write_text(text, encoding="utf-8")
    with use("ru", tmp_path):
        said = [ngettext("{n} school", "{n} schools", n).format(n=n) for n in (1, 2, 5, 11, 21)]
    assert said == ["1 школа", "2 школы", "5 школ", "11 школ", "21 школа"]


def test_a_translation_that_is_not_sure_or_empty_stays_english(tmp_path):
    text = TWO_FORMS + '#, fuzzy\nmsgid "District"\nmsgstr "Distrikt?"\n\nmsgid "School"\nmsgstr ""\n'
    (tmp_path / "de.po").write_text(text, encoding="utf-8")
    with use("de", tmp_path):
        assert (_("District"), _("School")) == ("District", "School")


def test_a_region_takes_the_words_of_its_language():
    with use("es-MX"):
        assert (_("District"), current()) == ("Distrito", "es-MX")


def test_an_unknown_language_names_those_that_there_are(tmp_path):
    _own(tmp_path, "so", {"District": "Degmo"})
    with pytest.raises(KitError, match=r"no catalogue of the language 'eo'.*There are: en, es, so.*languages/eo\.po"):
        get_language("eo", tmp_path)
    for odd in ("../es", "es/../../x", "é", "x" * 50):
        with pytest.raises(KitError, match="no catalogue"):
            get_language(odd, tmp_path)


@pytest.mark.parametrize(
    ("translation", "says"),
    [
        ("de {ano} a {last}", r"it has \{ano\}, which the message does not have"),
        ("hasta {last}", r"it lacks \{first\}"),
        ("de {first} a {last", "a brace is not in a pair"),
        ("de {first.__class__} a {last}", r"it has \{first.__class__\}"),
        ("de {first!r} a {last}", r"it has \{first!r\}"),
        ("de {first:>99999} a {last}", r"it has \{first:>99999\}"),
    ],
)
def test_a_translation_with_other_places_is_refused_with_its_line_and_the_mend(tmp_path, translation, says):
    _own(tmp_path, "es", {"District": "Distrito", "{first} to {last}": translation})
    with pytest.raises(InputError, match=says) as caught:
        get_language("es", tmp_path)
    fault = caught.value.faults[0]
    # Five lines of header, three of the first text: the second begins in line 9.
    assert (fault.file, fault.row) == ("es.po", 9)
    assert "Copy each place in braces from the English" in fault.mend


def test_every_fault_of_a_catalogue_is_told_at_once(tmp_path):
    _own(tmp_path, "es", {"{first} to {last}": "a", "{n} of 100": "{m} de 100"})
    with pytest.raises(InputError) as caught:
        get_language("es", tmp_path)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    "content",
    [
        b'msgid "District\nmsgstr "x"\n',
        b'\xff\xfe"',
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "District"\nmsgstr "\xff"\n',
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n\nmsgid "District"\nmsgstr "x"\n',
        HEADER.format(n=2, rule="__import__(n)").encode()
        + b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n',
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_by_name(tmp_path, content):
    (tmp_path / "es.po").write_bytes(content)
    with pytest.raises(InputError, match=r"es\.po"):
        get_language("es", tmp_path)


def test_a_catalogue_that_is_changed_is_read_again(tmp_path):
    _own(tmp_path, "es", {"District": "uno"})
    assert get_language("es", tmp_path) is get_language("es", tmp_path)
    path = tmp_path / "es.po"
    before = path.stat().st_mtime_ns
    _own(tmp_path, "es", {"District": "otro"})
    os.utime(path, ns=(before + 10**9, before + 10**9))
    with use("es", tmp_path):
        assert _("District") == "otro"


def test_numbers_are_written_as_in_the_language(tmp_path):
    assert (number(1234.56, 1), percent(12.34, 1), count(1234)) == ("1,234.6", "12.3 %", "1,234")
    with use("es"):  # as in the United States and Mexico, not as in Spain
        assert (number(1234.56, 1), count(1234)) == ("1,234.6", "1,234")
    _own(tmp_path, "fr", {"{number} %": "{number} %"})
    _own(tmp_path, "ar", {"{number} %": "%{number}"})
    with use("fr", tmp_path):
        assert number(1234.56, 1) == "1\u202f234,6"
        assert change(-2.14, measure("chronic_absence")) == "−2,1 points"
    with use("ar", tmp_path):
        assert (percent(12.34, 1), direction()) == ("%12.3", "rtl")


def test_days_are_written_as_in_the_language():
    day = datetime.date(2026, 6, 30)
    assert date(day) == "June 30, 2026"
    with use("es"):
        assert date(day) == "30 de junio de 2026"


@pytest.mark.parametrize(
    ("tag", "runs"),
    [("ar", "rtl"), ("ar-test", "rtl"), ("fa", "rtl"), ("ur-PK", "rtl"), ("he", "rtl"), ("zh-Hant", "ltr")],
)
def test_the_direction_is_that_of_the_language(tag, runs):
    assert Language(tag).direction == runs


def test_a_school_year_and_a_sign_keep_their_order_in_a_right_to_left_language(tmp_path):
    assert (year(2026), difference(-2.14, measure("chronic_absence"))) == ("2025-26", "−2.1")
    _own(tmp_path, "ar", {"District": "منطقة"})
    with use("ar", tmp_path):
        assert year(2026) == "\u20662025-26\u2069"
        assert difference(-2.14, measure("chronic_absence")) == "\u2066−2.1\u2069"
    with use("es"):
        assert year(2026) == "2025-26"


def test_a_list_is_joined_as_in_the_language():
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(list("abcdef"), 4) == "a, b, c and 3 more"
    with use("es"):
        assert listing(["a", "b", "c"]) == "a, b y c"


def test_a_mark_for_later_changes_nothing():
    with use("es"):
        assert N_("District") == "District"
