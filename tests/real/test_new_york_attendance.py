"""New York City's daily attendance, as results that somebody published: no records, and everything works."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import defaultdict
from fractions import Fraction

import pandas as pd
import pytest

from kit.cli import main
from kit.measures.results import RESULT_COLUMNS, read_results
from kit.privacy import Released
from kit.workspace import open_workspace

pytestmark = pytest.mark.real_data

FILE = "nyc_daily_attendance/2018-2019_Daily_Attendance.csv"
YEAR = 2019
SOME = ["01M015", "02M475", "75X811", "31R605", "79X695"]  # of five districts


@pytest.fixture(scope="module")
def days(real_data):
    """One row per school and day, as integers."""
    with open(real_data / FILE, encoding="utf-8", newline="") as file:
        return [
            (r["School DBN"], r["Date"], int(r["Enrolled"]), int(r["Present"]), int(r["Absent"]), int(r["Released"]))
            for r in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def results(days):
    """The results table of schools, districts (the first two digits of the DBN) and the city, with pandas."""
    table = pd.DataFrame(days, columns=["school", "date", "enrolled", "present", "absent", "released"])
    table["district"] = table.school.str[:2]
    pupils = table.sort_values("date").groupby("school").enrolled.last()
    parts = []
    for kind, unit in (("school", table.school), ("district", table.district), ("network", "network")):
        total = table.assign(unit_id=unit).groupby("unit_id")[["present", "enrolled"]].sum()
        of_pupils = unit if kind == "network" else pupils.index.str[: 2 if kind == "district" else None]
        total["n"] = pupils.groupby(of_pupils).sum() if kind != "network" else pupils.sum()
        parts.append(total.reset_index().assign(unit_type=kind))
    out = pd.concat(parts)
    out["value"] = 100 * out.present / out.enrolled
    out = out.assign(school_year=YEAR, measure="attendance_rate", student_group="all", grade="all", count=pd.NA)
    return out[list(RESULT_COLUMNS)].reset_index(drop=True)


@pytest.fixture(scope="module", params=["csv", "parquet", "csv with schools"])
def folder(request, results, tmp_path_factory):
    """A folder with published results and no records; once also with a table of schools."""
    folder = tmp_path_factory.mktemp("published") / "new-york-city"
    folder.mkdir()
    if request.param == "parquet":
        results.to_parquet(folder / "results.parquet", index=False)
    else:
        results.to_csv(folder / "results.csv", index=False)
    if request.param == "csv with schools":
        ids = results.loc[results.unit_type == "school", "unit_id"]
        schools = pd.DataFrame({"school_id": ids, "school_name": "PS " + ids, "district_id": ids.str[:2]})
        schools.assign(district_name="District " + ids.str[:2], level="other").to_csv(
            folder / "schools.csv", index=False
        )
    return folder


def exact(days) -> dict[tuple[str, str], Fraction]:
    """Return present over enrolled of each unit as an exact fraction, added up in whole numbers."""
    present, enrolled = defaultdict(int), defaultdict(int)
    for school, _, all_day, here, _, _ in days:
        for unit in (("school", school), ("district", school[:2]), ("network", "network")):
            present[unit] += here
            enrolled[unit] += all_day
    return {unit: Fraction(100 * present[unit], enrolled[unit]) for unit in enrolled}


def test_the_file_is_the_one_that_is_described(days):
    """The README's facts: rows, schools, days; enrolled is the sum of the rest; the city's daily rates."""
    assert len(days) == 59_399
    assert len({school for school, *_ in days}) == 1_608
    assert all(enrolled == sum(rest) for _, _, enrolled, *rest in days)
    present, enrolled = defaultdict(int), defaultdict(int)
    for _, date, all_day, here, *_ in days:
        present[date] += here
        enrolled[date] += all_day
    rates = [100 * present[d] / enrolled[d] for d in enrolled]
    assert len(rates) == 38
    assert (round(min(rates), 2), round(max(rates), 2), round(sum(rates) / 38, 2)) == (88.34, 97.35, 92.59)


def test_measures_gives_the_published_numbers(days, folder, tmp_path):
    out = tmp_path / "out.parquet"
    assert main(["measures", str(folder), "--out", str(out)]) == 0
    found = read_results(out)
    expected = exact(days)
    assert len(found) == len(expected) == 1_608 + found.unit_type.eq("district").sum() + 1
    assert found["count"].isna().all()
    for row in found.itertuples():
        assert abs(row.value - float(expected[row.unit_type, row.unit_id])) < 1e-9, row.unit_id


def test_check_finds_nothing_and_names_what_is_not_there(folder, capsys):
    assert main(["check", str(folder), "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["faults"] == []
    assert page["tables"]["results"] > 1_608
    assert "attendance_rate" not in page["switched_off"]
    assert {"chronic_absence", "suspension", "ela_proficient"} <= set(page["switched_off"])


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_release_withholds_small_schools_only(days, folder, tmp_path, audience, capsys):
    out = tmp_path / "released.parquet"
    assert main(["release", str(folder), "--audience", audience, "--out", str(out)]) == 0
    table = Released.read(out).table
    small = table[table.status != "shown"]
    assert table.unit_id.nunique() > 1_608
    assert small[["n", "count", "value"]].isna().all().all()
    last = dict(sorted((date + school, (school, enrolled)) for school, date, enrolled, *_ in days)).values()
    below = {school for school, enrolled in dict(last).items() if enrolled < 11}
    assert below
    assert below <= set(small.unit_id)
    # Where it is not known which schools are whose, a district could be used to subtract and is withheld too.
    schools_known = (folder / "schools.csv").exists()
    districts = table[table.unit_type == "district"]
    assert (districts.status == "shown").any() == schools_known
    assert len(small[small.unit_type != "district"]) <= 0.01 * len(table)
    assert len(small[small.unit_type == "district"]) <= (2 if schools_known else len(districts))
    expected = exact(days)
    shown = table[table.status == "shown"]
    assert all(abs(r.value - float(expected[r.unit_type, r.unit_id])) < 1e-9 for r in shown.itertuples())


@pytest.mark.parametrize("folder", ["csv with schools"], indirect=True)
def test_a_small_school_cannot_be_worked_out_from_its_district(folder):
    """District 79 has three schools, with 12, 180 and 225 pupils: the first is withheld and so is the next."""
    table = open_workspace(folder).released(minimum=20).table.set_index("unit_id")
    status = {i: table.status[i] for i in ("79M331", "79Q344", "79X695", "79")}
    assert status == {"79M331": "suppressed", "79Q344": "suppressed", "79X695": "shown", "79": "shown"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_reports_of_a_handful_of_schools(days, folder, tmp_path, capsys):
    out = tmp_path / "reports"
    asked = [a for school in SOME for a in ("--school", school)]
    assert main(["report", str(folder), "--out", str(out), *asked]) == 0
    assert "5 reports made" in capsys.readouterr().out
    record = json.loads((out / "manifest.json").read_text("utf-8"))
    made = {s["school_id"]: s for s in record["schools"] if s["status"] == "made"}
    assert set(made) == set(SOME)
    expected = exact(days)
    for school, entry in made.items():
        page = (out / entry["file"]).read_text("utf-8")
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
        assert f"{float(expected['school', school]):.1f} %" in text
        assert f"{float(expected['network', 'network']):.1f} %" in text
        assert school in text
