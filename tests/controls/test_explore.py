"""The monthly explorations: released numbers only, live and in a batch; what is missing is said."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from html import unescape

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kit.compare import explore_attendance as closer
from kit.compare.explore_cells import whole_rows
from kit.controls import explore_attention as attention
from kit.controls import explore_snapshots as snapshots
from kit.controls.explore_decision import OpenProject, open_project
from kit.controls.explore_help import help_kinds, help_text
from kit.controls.explore_place import PlacePicker
from kit.controls.explore_prompts import OWN, QUICK
from kit.controls.explore_themes import theme, themes
from kit.controls.exploring import open_explore
from kit.disclosure.parts import shown_parts
from kit.errors import KitError
from kit.inquiry import open_store
from kit.records.records import open_records
from kit.records.sample import write_sample
from kit.workspace import open_workspace

CALLS = (
    "project", "session", "place", "sources", "since", "attention", "level", "trend", "groups", "districts", "pair",
    "four_questions", "story", "next_step", "closing",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    place = tmp_path_factory.mktemp("explore") / "data"
    write_sample(place, schools=6, years=2, students_per_school=120)
    return place


@pytest.fixture
def published(tmp_path):
    from published_folder import write_published

    return write_published(tmp_path / "data")


def copied(sample, tmp_path, *without):
    folder = tmp_path / "data"
    shutil.copytree(sample, folder, ignore=shutil.ignore_patterns("inquiry.sqlite*", "snapshots", *without))
    return folder


def printed(explore) -> dict[str, str]:
    """Return what each part of the notebook prints."""
    parts = {name: getattr(explore, name)().html() for name in CALLS}
    return parts | {name: explore.own(name).html() for name in explore.theme.own}


def plain(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", html, flags=re.S))))


# The numbers, against counts made in another way


def counted_by_hand(folder, school_year):
    """Count the days of each student at each school with pandas, one student at a time."""
    spells = pd.read_parquet(folder / "enrollments.parquet")
    rows = pd.read_parquet(folder / "attendance.parquet")
    calendar = pd.read_parquet(folder / "calendar.parquet")
    start, end = datetime.date(school_year - 1, 7, 1), datetime.date(school_year, 6, 30)
    for t in (rows, calendar):
        t["date"] = pd.to_datetime(t["date"])
    rows = rows[rows["date"].between(str(start), str(end)) & rows["status"].eq("absent")]
    missed = {}
    for r in rows.itertuples():
        portion = getattr(r, "absent_portion", None)
        missed[r.student_id, r.school_id, r.date] = 1.0 if portion is None or portion != portion else float(portion)
    open_days = {s: set(t["date"]) for s, t in calendar[calendar["instructional"]].groupby("school_id")}
    out = []
    for s in spells[spells["school_year"].eq(school_year)].itertuples():
        first = pd.Timestamp(s.entry_date if pd.notna(s.entry_date) else start)
        last = pd.Timestamp(s.exit_date if pd.notna(s.exit_date) else end)
        for day in open_days.get(s.school_id, ()):
            if first <= day <= last:
                out.append((s.student_id, s.school_id, day, missed.get((s.student_id, s.school_id, day), 0.0)))
    return pd.DataFrame(out, columns=["student_id", "school_id", "date", "missed"])


@pytest.fixture(scope="module")
def by_hand(sample):
    return counted_by_hand(sample, 2026)


@pytest.fixture(scope="module")
def parts(sample):
    found = closer.attendance_parts(open_records(sample))
    return found[found["school_year"].eq(2026)].reset_index(drop=True)


def test_bands_and_distances_are_those_counted_student_by_student(by_hand, parts):
    each = by_hand.groupby("student_id").agg(days=("date", "nunique"), missed=("missed", "sum"))
    bands, distances = {}, {}
    for r in each.itertuples():
        absent = Fraction(str(round(r.missed, 3)))
        share = absent / r.days
        band = 3 if share >= Fraction(1, 5) else 2 if share >= Fraction(1, 10) else 1 if share >= Fraction(1, 20) else 0
        over = share >= Fraction(1, 10)
        side = "over" if over else "under"
        bands[f"bands_{side}", str(band)] = bands.get((f"bands_{side}", str(band)), 0) + 1
        steps = 0
        while (10 * (absent - steps) >= r.days) if over else (10 * (absent + steps) < r.days):
            steps += 1
        part = "1" if steps <= 2 else "2" if steps <= 5 else "3" if steps <= 10 else "4"
        distances[f"days_{side}", part] = distances.get((f"days_{side}", part), 0) + 1
    network = parts[parts["unit_type"].eq("network") & parts["grade"].ne("all")]
    found = {(r.measure, r.grade): int(r.n) for r in network.itertuples()}
    assert found == bands | distances


def test_weekdays_and_days_are_those_added_up_row_by_row(sample, by_hand):
    records = open_records(sample)
    days = closer.by_day(records, 2026)
    expected = by_hand.groupby(["school_id", "date"]).agg(enrolled=("student_id", "nunique"), missed=("missed", "sum"))
    found = days.set_index(["school_id", "date"])
    assert found["enrolled"].to_dict() == expected["enrolled"].to_dict()
    assert np.allclose(found["missed"], expected["missed"].reindex(found.index))
    rates = closer.day_rates(days, closer.unit_homes(records), 2026)
    monday = by_hand[by_hand["date"].dt.day_of_week.eq(0)]
    row = rates[rates["unit_type"].eq("network") & rates["measure"].eq("weekday_1")].iloc[0]
    assert row["value"] == pytest.approx(100 * monday["missed"].sum() / len(monday))


# Nobody can be worked out


def attacked(parts, shown, schools, at):
    """Return the least and the most that a withheld part can be, for whoever knows what is shown and every whole."""
    t = parts[parts["grade"].ne("all")].reset_index(drop=True)
    key = ["unit_type", "unit_id", "measure", "grade"]
    index = {tuple(k): i for i, k in enumerate(t[key].to_numpy())}
    seen = {tuple(k): n for k, n in zip(shown[key].to_numpy(), shown["n"], strict=True)}
    rows, sums = [], []

    def equal(members, total, minus=None):
        row = np.zeros(len(t))
        row[[index[m] for m in members]] = 1
        if minus is not None:
            row[index[minus]] = -1
        rows.append(row)
        sums.append(total)

    for name, n in seen.items():
        equal([name], n)
    for (kind, unit, measure), some in t.groupby(["unit_type", "unit_id", "measure"]):
        equal([(kind, unit, measure, g) for g in some["grade"]], some["n"].sum())
    for (measure, grade), some in t[t["unit_type"].eq("school")].groupby(["measure", "grade"]):
        whole = ("network", "network", measure, grade)
        # What moved pupils add is taken as known: the attacker is stronger than life.
        extra = some["n"].sum() - t["n"].iloc[index[whole]]
        equal([("school", u, measure, grade) for u in some["unit_id"]], extra, whole)
    c = np.zeros(len(t))
    c[index[at]] = 1
    ends = [linprog(s * c, A_eq=np.array(rows), b_eq=np.array(sums), bounds=(0, None)) for s in (1, -1)]
    assert all(e.status == 0 for e in ends)
    return ends[0].fun, -ends[1].fun


def test_no_small_part_can_be_worked_out(parts, sample):
    schools = open_workspace(sample).schools()
    shown = shown_parts(parts, schools, minimum=20, near=2, spread=3)
    assert len(shown)
    assert shown["n"].ge(20).all()
    assert not shown["grade"].eq("all").any()
    for measure in parts["measure"].unique():
        mine, left = parts[parts["measure"].eq(measure)], shown[shown["measure"].eq(measure)]
        of = mine[mine["grade"].ne("all")]
        several = of.groupby(["unit_type", "unit_id"])["grade"].transform("size") > 1
        for r in of[several & of["n"].lt(20)].itertuples():
            low, high = attacked(mine, left, schools, (r.unit_type, r.unit_id, r.measure, r.grade))
            assert high - low >= 1.99, f"{r.measure} {r.unit_id} {r.grade}: {low} to {high}"


def test_one_small_part_takes_another_with_it():
    rows = [(2026, "school", "a", "x", part, n) for part, n in (("1", 77), ("2", 17), ("3", 40))]
    columns = ["school_year", "unit_type", "unit_id", "measure", "grade", "n"]
    parts = whole_rows(pd.DataFrame(rows, columns=columns))
    left = shown_parts(parts, None, minimum=20, near=2, spread=3)
    assert left["grade"].tolist() == ["1"]


# The notebooks


@pytest.mark.parametrize("name", list(themes()))
def test_every_theme_prints_for_the_sample(sample, name):
    text = {k: plain(v) for k, v in printed(open_explore(str(sample), name, live=False, district_id="01")).items()}
    assert "Alder Bay Unified" in text["place"]
    assert "Source:" in text["sources"]
    assert "What it cannot tell" in text["sources"]
    for part in ("level", "trend", "groups", "districts", "pair", *theme(name).own):
        assert "A common misreading." in text[part]
    assert "The numbers as a table" in text["groups"]


def test_the_displays_of_chronic_absence_hold_the_numbers(sample, parts):
    text = {k: plain(v) for k, v in printed(open_explore(str(sample), "chronic-absence", live=False)).items()}
    network = parts[parts["unit_type"].eq("network")]
    severe = int(network.loc[network["measure"].eq("bands_over") & network["grade"].eq("3"), "n"].iloc[0])
    assert severe >= 20
    assert re.search(rf"Severe chronic, 20 % or more [\d.]+ % {severe}\b", text["bands"])
    assert "1 or 2 days more" in text["distance"]
    assert "no source sets them" in text["distance"]
    assert all(day in text["when"] for day in closer.WEEKDAYS)
    assert "p′ chart" in text["daily"]


@pytest.mark.parametrize("name", list(themes()))
def test_published_results_alone_say_what_is_missing(published, name):
    html = printed(open_explore(str(published), name, live=False))
    assert "<script>" not in "".join(html.values())  # the schools have hostile names
    text = {k: plain(v) for k, v in html.items()}
    assert "published results" in text["sources"]
    for own in set(theme(name).own) - {"grades", "bright", "constructs", "longer"}:
        assert "This folder holds results only." in text[own]


def test_missing_tables_are_named(sample, tmp_path):
    folder = copied(sample, tmp_path, "calendar.parquet", "survey.parquet", "marks.parquet")
    for gone, name, own in (
        ("calendar", "chronic-absence", "daily"),
        ("survey", "culture-climate-sel", "items"),
        ("marks", "high-school-readiness", "criteria"),
    ):
        explore = open_explore(str(folder), name, live=False)
        assert f"'{gone}'" in plain(explore.own(own).html())
        assert "What is missing" in plain(explore.sources().html()) or gone == "calendar"


def test_no_student_stands_in_a_display_of_the_theme(sample):
    ids = set(pd.read_parquet(sample / "students.parquet")["student_id"])
    for name, own in (("chronic-absence", "distance"), ("english-learners", "years"), ("culture-climate-sel", "items")):
        words = set(re.findall(r"[\w-]+", open_explore(str(sample), name, live=False).own(own).html()))
        assert not words & ids


def test_every_display_has_its_two_minutes_of_help():
    kinds = {*QUICK, *OWN}
    assert kinds == set(help_kinds())
    assert {o for t in themes().values() for o in t.own} == set(OWN)
    for kind in kinds:
        assert all(len(t.split()) >= 8 for t in help_kinds()[kind].values())
    with pytest.raises(KitError, match="no help"):
        help_text("pie")


def test_an_unknown_theme_names_the_others():
    with pytest.raises(KitError, match="chronic-absence, suspension"):
        theme("weather")


# What changed


def snapshot_of(folder, month, change):
    explore = open_explore(str(folder), "chronic-absence", live=False)
    opened = explore.desk.numbers().opened
    mark = snapshots.keep_snapshot(explore.desk.workspace, opened, datetime.date.fromisoformat(f"{month}-15"))
    details = json.loads(mark.read_text(encoding="utf-8")) | {"fingerprint": "another"}
    details["reach"] |= change
    mark.write_text(json.dumps(details), encoding="utf-8")
    return explore, opened, mark


@pytest.fixture
def quiet(sample):
    """The sample, without what another test wrote beside it."""
    shutil.rmtree(sample / "snapshots", ignore_errors=True)
    yield sample
    shutil.rmtree(sample / "snapshots", ignore_errors=True)


def test_new_restated_and_real_change_are_told_apart(quiet):
    explore, opened, mark = snapshot_of(quiet, "2026-05", {"attendance": "2026-01-31"})
    path = mark.with_suffix(".parquet")
    told = pd.read_parquet(path)
    mine = told["unit_type"].eq("network") & told["measure"].eq("chronic_absence") & told["grade"].eq("all")
    assert told.loc[mine & told["student_group"].eq("all"), "status"].eq("shown").all()
    old = opened.latest.released
    table = old.table.copy()
    m = table["unit_type"].eq("network") & table["measure"].eq("chronic_absence") & table["grade"].eq("all")
    everyone = m & table["student_group"].eq("all")
    table.loc[everyone, "value"] += 1.0  # both years: the earlier one is restated, the latest goes on
    table = table[~(m & table["student_group"].eq("gender_female") & table["school_year"].eq(2026))]
    replace(old, table=table).write(path)

    def since(on="2026-06-10"):
        day = datetime.date.fromisoformat(on)
        return snapshots.since_last_month(explore.desk.workspace, opened, day, ("network", "network"),
                                          ["chronic_absence"])  # fmt: skip

    found = {k: [(c.school_year, c.student_group) for c in v] for k, v in since().changes.items() if v}
    assert found == {"restated": [(2025, "all")], "real": [(2026, "all")], "new": [(2026, "gender_female")]}
    assert "Real change" in since().html()
    # The records reach no further than in May: the same number is restated, not real.
    details = json.loads(mark.read_text(encoding="utf-8"))
    details["reach"]["attendance"] = snapshots._reach(opened)["attendance"]
    mark.write_text(json.dumps(details), encoding="utf-8")
    again = since().changes
    assert [c.school_year for c in again["restated"]] == [2025, 2026]
    assert not again["real"]
    # A snapshot of the same month is no earlier month.
    assert since("2026-05-20").month == ""


def test_the_same_files_changed_nothing(quiet):
    explore = open_explore(str(quiet), "chronic-absence", live=False)
    opened = explore.desk.numbers().opened
    snapshots.keep_snapshot(explore.desk.workspace, opened, datetime.date(2026, 5, 3))
    where = ("network", "network"), ["chronic_absence"]
    found = snapshots.since_last_month(explore.desk.workspace, opened, datetime.date(2026, 6, 3), *where)
    assert found.same
    assert (quiet / "snapshots" / "2026-05.json").is_file()


# What is written


@pytest.fixture
def led(published):
    """A live exploration with a project, at the first district."""
    explore = open_explore(str(published), "chronic-absence")
    explore.project()
    with open_store(open_workspace(published), author="Ana") as store:
        made = store.new_project(title="June", purpose="exploration")
    explore.desk.open_project(made.id)
    return explore


def test_words_are_kept_with_the_display_and_the_picks(led):
    picker = PlacePicker(led.desk)
    picker.read()
    assert not picker.message.failed
    district = picker.drops["district"].options[1][1]
    picker.drops["district"].value = district
    assert led.desk.choice.unit == f"district:{district}"
    step = led.trend().children[-1]
    step.prediction.value = "It rose"
    step.reveal()
    assert step.display.outputs
    assert not step.message.failed
    step.boxes["decide"].value = "Ask the <b>schools</b> of the coast"
    (decision,) = led.desk.entries("decision")
    assert decision["display"].startswith("Over the years: ")
    view = json.loads(decision["view"])
    assert (view["unit"], view["measure"], view["student_group"]) == (f"district:{district}", "chronic_absence", "all")


def test_a_decision_opens_a_project_with_the_problem_drafted(led):
    choice = led.desk.numbers()
    district = next(r["district_id"] for r in choice.opened.latest.school_rows.values())
    choice.unit = f"district:{district}"
    step = led.level().children[-1]
    step.reveal()
    step.boxes["decide"].value = "Look into absence"
    panel = OpenProject(led.desk)
    choice.unit = "network:network"  # Someone picks another place meanwhile.
    panel.begin()
    assert not panel.message.failed
    (decision,) = led.desk.entries("decision")
    made = led.desk.store.project(decision["opened"])
    about = made.about.fields
    assert (about["unit_type"], about["unit_id"]) == ("district", district)
    assert (about["records_measure"], about["purpose"]) == ("chronic_absence", "improvement")
    (problem,) = made.entries("problem")
    row = led.desk.choice.opened.latest.released.where(
        unit_type="district", unit_id=district, measure="chronic_absence", student_group="all", grade="all",
        school_year=about["school_year"],
    ).table.iloc[0]  # fmt: skip
    assert f"{row['value']:.1f} %" in problem["how_much"]
    assert problem["who"] == "all students"
    with pytest.raises(KitError, match="already"):
        open_project(led.desk, decision)


def test_a_project_answers_its_signal(published, monkeypatch):
    explore = open_explore(str(published), "chronic-absence", live=False)
    school = next(iter(explore.desk.numbers().opened.latest.school_rows))
    signal = pd.DataFrame([(school, "chronic_absence", "all", "clearly worse than the year before")],
                          columns=["unit_id", "measure", "student_group", "why"])  # fmt: skip
    monkeypatch.setattr(attention, "theme_signals", lambda *_: signal)
    assert "clearly worse than the year before" in explore.attention().html()
    explore.desk.store.new_project(
        title="Mornings", unit_type="school", unit_id=school, records_measure="chronic_absence"
    )
    assert "every signal has a project" in explore.attention().html()


# Pre-reads


def kit_command(*words):
    """Run the command in a process of its own: it takes over the kernel of the one that it runs in."""
    return subprocess.run([sys.executable, "-m", "kit.cli", *words], capture_output=True, text=True, timeout=300)


def test_a_pre_read_for_every_district(published, tmp_path):
    out = tmp_path / "pre"
    districts = set(pd.read_csv(published / "schools.csv", dtype=str)["district_id"].dropna())
    done = kit_command("explore", str(published), "--theme", "chronic-absence", "--all-districts", "--out", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Made {len(districts)} page" in done.stdout
    pages = sorted(out.glob("*.html"))
    assert [p.name for p in pages] == sorted(f"chronic-absence-{d}.html" for d in districts)
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "A pre-read of" in html
        assert "This folder holds results only." in html
        assert "Run All Cells" not in html
        assert html.count('class="chart"') >= 3


def test_a_wrong_district_is_said(published, tmp_path):
    out = str(tmp_path / "out")
    done = kit_command("explore", str(published), "--theme", "suspension", "--district", "zz", "--out", out)
    assert done.returncode == 1
    assert "There is no district 'zz'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
