"""A run is planned before it is made, and the manifest says from what each report was made."""

import os
import shutil
from pathlib import Path

import pytest
from batch_network import NAMES, content, pages, read, write_data, write_template
from report_network import results as all_results
from report_network import schools as all_schools

from kit.cli import main
from kit.errors import KitError
from kit.reports import batch, fingerprints, run
from kit.reports.batch import make_reports, plan_reports
from kit.reports.estimate import BatchPlan, duration, estimate
from kit.reports.manifest import Entry, File
from kit.reports.progress import seconds_left

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
FEW = {i: NAMES[i] for i in ("0101", "ab", "raises", "hangs")}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or os.environ.get("KIT_CHROMIUM")


def entry(number: int, size: int, seconds: float, out: Path) -> Entry:
    (out / f"{number}.html").write_bytes(b"x" * size)
    (out / f"{number}.pdf").write_bytes(b"x" * 500)
    pdf = File(f"{number}.pdf", "made", 4.0, "digest")
    return Entry(str(number), "A", "D", "high", f"{number}.html", "made", seconds, "f", "digest", formats={"pdf": pdf})


def test_the_last_run_says_how_long_and_how_large(tmp_path):
    before = [entry(1, 1000, 1.0, tmp_path), entry(2, 2000, 2.0, tmp_path), entry(3, 9000, 9.0, tmp_path)]
    make = {"html": ["1.html", "4.html", "5.html", "6.html"], "pdf": ["1.pdf", "4.pdf"]}
    planned = estimate(make, before, tmp_path, 2, of=7)
    assert planned.seconds == 10 + 4 * 2.0 / 2 + 2 * 4.0 / 2  # the start, then four pages and two PDF at two a time
    assert planned.bytes == 4 * 2000 + 2 * 500
    assert planned.grows == planned.bytes - 1000 - 500  # of the first school the old files go
    assert planned.free == shutil.disk_usage(tmp_path).free
    assert planned.first == ()
    assert planned.words().startswith("Plan: 4 of 7 reports to make, 2 pdf; 2 at a time, about 18 s and 9 kB (")
    assert planned.words().endswith("Measured on the last run.")


def test_a_first_estimate_is_called_one(tmp_path):
    planned = estimate({"html": ["1.html"] * 1000}, [], tmp_path / "not" / "there", 4, of=1000)
    assert planned.first == ("html",)
    assert planned.seconds == 10 + 1000 * 1.0 / 4
    assert planned.bytes == 600_000_000
    assert "1,000 of 1,000 reports to make; 4 at a time, about 4 min and 600 MB" in planned.words()
    assert "A first estimate (html 1 s, 600 kB each), corrected as files are made." in planned.words()


def test_a_run_without_room_is_refused(tmp_path):
    planned = BatchPlan({"html": 10}, 10, 2, 10.0, 20_000_000, 20_000_000, 24_999_999)
    with pytest.raises(KitError, match="about 25 MB are needed and 25 MB are free"):
        planned.require_room(tmp_path)
    BatchPlan({"html": 10}, 10, 2, 10.0, 20_000_000, 20_000_000, 25_000_000).require_room(tmp_path)
    BatchPlan({"html": 0}, 10, 2, 0.0, 0, 0, 0).require_room(tmp_path)  # nothing to make needs no room


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (5400, "1 h 30 min")])
def test_a_stretch_of_time(seconds, words):
    assert duration(seconds) == words


def test_time_left_goes_from_the_plan_to_what_was_measured():
    assert seconds_left(1, 11, 0.0, 2.0) == 20.0  # nothing measured yet: 10 left at 2 s
    assert seconds_left(5, 9, 4.0, 2.0) == 4 * (8 + 4) / 8  # half plan (2 s), half measured (1 s)
    assert seconds_left(1001, 2001, 1000.0, 9.0) == pytest.approx(1000, rel=0.05)
    assert seconds_left(7, 7, 3.0, 2.0) == 0


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_EARLY", ())
    write_data(tmp_path / "data", names=FEW)
    write_template(tmp_path / "t.ipynb", "pass")
    return tmp_path


def test_a_dry_run_plans_and_writes_nothing(small, capsys):
    command = ["report", str(small / "data"), "--out", str(small / "out"), "--template", str(small / "t.ipynb")]
    assert main([*command, "--dry-run", "--format", "pdf,xlsx", "--jobs", "2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Plan: 4 of 4 reports to make, 4 pdf, 4 xlsx; 2 at a time, about ")
    assert {p.name for p in small.iterdir()} == {"data", "t.ipynb"}

    options = {"template": small / "t.ipynb"}
    make_reports(small / "data", small / "out", progress=False, **options)
    before = {p: p.stat().st_mtime_ns for p in (small / "out").rglob("*")}
    assert plan_reports(small / "data", small / "out", **options).make == {"html": 0}
    write_data(small / "data", names=FEW, changed="ab")
    assert plan_reports(small / "data", small / "out", **options).make == {"html": 1}
    assert main([*command, "--dry-run", "--school", "ab", "--force"]) == 0
    assert "Plan: 1 of 1 report to make; 1 at a time" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in (small / "out").rglob("*")} == before


def test_the_manifest_tells_data_rules_template_and_kit_apart(small, monkeypatch):
    out, template = small / "out", small / "t.ipynb"

    def prints():
        result = make_reports(small / "data", out, template=template, jobs=2, progress=False)
        return result.made, {i: (e["fingerprint"], e["fingerprints"]) for i, e in read(out).items()}

    def differ(one, other):
        assert set(one) == set(other) == set(FEW)
        assert all((one[i][0] == other[i][0]) == (one[i][1] == other[i][1]) for i in one)
        return {i: {p for p in fingerprints.PARTS if one[i][1][p] != other[i][1][p]} for i in one}

    made, first = prints()
    assert set(made) == set(FEW)
    assert set(next(iter(first.values()))[1]) == {"data", "rules", "template", "kit"}

    write_data(small / "data", names=FEW, changed="ab")
    made, data = prints()
    assert made == ("ab",)
    assert differ(first, data) == {i: {"data"} if i == "ab" else set() for i in FEW}

    (small / "data" / "kit.toml").write_text("[absence]\nthreshold = 9\n")
    made, rules = prints()
    assert set(made) == set(FEW)
    assert differ(data, rules) == {i: {"rules"} for i in FEW}

    write_template(template, "pass  # otherwise")
    made, other = prints()
    assert set(made) == set(FEW)
    assert differ(rules, other) == {i: {"template"} for i in FEW}

    monkeypatch.setattr(run.fingerprints, "kit_fingerprint", lambda: "another kit")
    made, newer = prints()
    assert set(made) == set(FEW)
    assert differ(other, newer) == {i: {"kit"} for i in FEW}
    assert content(out)["run"]["template"] == "t"


def test_where_the_records_are_is_no_rule_and_cut_points_are(tmp_path):
    plain = fingerprints.rules_fingerprint({}, tmp_path)
    assert (
        fingerprints.rules_fingerprint({"records": {"connection": "postgresql://me:secret@there"}}, tmp_path) == plain
    )
    settings = {"levels": {"baseline": "cuts.csv"}}
    without = fingerprints.rules_fingerprint(settings, tmp_path)
    (tmp_path / "cuts.csv").write_text("1")
    one = fingerprints.rules_fingerprint(settings, tmp_path)
    (tmp_path / "cuts.csv").write_text("2")
    assert len({plain, without, one, fingerprints.rules_fingerprint(settings, tmp_path)}) == 4


def test_definitions_are_rules_and_code_is_the_kit(tmp_path, monkeypatch):
    """On a copy of the kit in which one file is changed at a time."""
    home = tmp_path / "home"
    shutil.copytree(fingerprints.kit.home() / "kit", home / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprints.kit, "home", lambda: home)

    def both():
        return fingerprints.rules_fingerprint({}, tmp_path), fingerprints.kit_fingerprint()

    for name, changed in (
        ("measures/definitions.toml", (True, False)),
        ("rules/core.toml", (True, False)),
        ("rules/core.py", (False, True)),
        ("language/catalogues/es/kit.po", (False, True)),
    ):
        rules, kit = both()
        with open(home / "kit" / name, "a") as file:
            file.write("\n# another\n")
        assert tuple(a != b for a, b in zip((rules, kit), both(), strict=True)) == changed, name


@pytest.mark.skipif(not CHROMIUM, reason="PDF files need Chromium")
def test_the_same_input_gives_the_same_bytes_in_every_format(tmp_path):
    (tmp_path / "data").mkdir()
    table = all_results()
    table[table["measure"].ne("attendance_rate")].to_csv(tmp_path / "data" / "results.csv", index=False)
    all_schools().to_csv(tmp_path / "data" / "schools.csv", index=False)
    options = {"schools": ["s0", "s7"], "formats": "html,pdf,xlsx", "progress": False, "jobs": 2}
    out, seen = tmp_path / "out", []
    for force in (False, True):
        assert make_reports(tmp_path / "data", out, force=force, **options).ok
        names = [f"{s}.{form}" for s in ("s0", "s7") for form in ("html", "pdf", "xlsx")]
        seen.append(({n: (out / n).read_bytes() for n in names}, {n: (out / n).stat().st_mtime_ns for n in names}))
    assert seen[0][0] == seen[1][0]
    assert all(seen[0][1][n] < seen[1][1][n] for n in seen[0][1]), "they were made again"
    assert set(pages(out)) == {"s0.html", "s7.html"}
