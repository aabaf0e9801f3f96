"""A second, independent count of every measure, written from the records contract only.

Plain dictionaries, :class:`datetime.date` and :class:`fractions.Fraction`; nothing of the kit is imported. It is
slow and obvious on purpose: where it and the kit differ, one of the two misreads ``design/records.md``. The
paragraphs that comments name are those of its «Settled: how the measures count».
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import re
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

__all__ = ["COLUMNS", "Row", "expected_results", "read_folder"]

COLUMNS = {
    "schools": "school_id school_name district_id district_name level",
    "students": "student_id school_year race_ethnicity gender english_learner disability disadvantaged "
    "homeless foster el_since reclassified_on",
    "enrollments": "student_id school_id school_year grade entry_date exit_date",
    "calendar": "school_id date instructional",
    "attendance": "student_id school_id date status absent_portion",
    "attendance_totals": "student_id school_id school_year days_enrolled days_absent",
    "discipline": "student_id school_id school_year action_date action",
    "marks": "student_id school_id school_year term subject mark credits final",
    "assessments": "student_id school_id school_year test subject achievement_level date",
    "survey": "school_id school_year respondent construct item response student_id",
    "cohorts": "student_id school_id cohort_year outcome years",
    "college": "student_id school_id completion_year enrolled",
}
DATES = {"el_since", "reclassified_on", "entry_date", "exit_date", "date", "action_date"}
NUMBERS = {
    "school_year", "absent_portion", "days_enrolled", "days_absent", "credits", "achievement_level",
    "response", "cohort_year", "years", "completion_year",
}  # fmt: skip
BOOLEANS = {"english_learner", "disability", "disadvantaged", "homeless", "foster", "instructional", "final"}

GRADES = ["TK", "K", *map(str, range(1, 13))]
FLAGS = ["english_learner", "disability", "disadvantaged", "homeless", "foster"]
SUSPENSIONS = {"suspension_out", "suspension_in", "expulsion"}
SUBJECTS = {"ela", "math", "science", "social_studies", "other"}
POINTS = {letter: Fraction(p) for p, letter in enumerate("FDCBA")}
POINTS |= {f"{x}+": POINTS[x] + Fraction(3, 10) for x in "BCD"} | {f"{x}-": POINTS[x] - Fraction(3, 10) for x in "ABCD"}
POINTS |= {"A+": Fraction(4)}
D_OR_F = {"D+", "D", "D-", "F"}
SEL = ["sel_growth_mindset", "sel_self_efficacy", "sel_self_management", "sel_social_awareness"]
CLIMATE = ["climate_support", "climate_belonging", "climate_rules", "climate_safety"]


class Row(NamedTuple):
    """What one row of the results holds beside its key; ``count`` is None for a mean."""

    n: int
    count: int | None
    value: Fraction


class Spell(NamedTuple):
    school: str
    grade: str | None
    entry: dt.date
    last: dt.date


# --------------------------------------------------------------------------------------------------- reading


def read_folder(folder: Path) -> dict[str, list[dict]]:
    """Read each table that is there as typed dictionaries, with every known column (None where empty)."""
    tables = {}
    for name, columns in COLUMNS.items():
        raw = _raw_rows(Path(folder), name)
        if raw is not None:
            tables[name] = [{c: _typed(c, row.get(c), name) for c in columns.split()} for row in raw]
    return tables


def _raw_rows(folder: Path, name: str) -> list[dict] | None:
    for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if path.exists():
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
                return list(csv.DictReader(file))
    path = folder / f"{name}.parquet"
    if path.exists():
        import pyarrow.parquet as pq

        return pq.read_table(path).to_pylist()
    return None


def _typed(column: str, value, table: str):
    if value is None or value == "" or value != value:
        return None
    if column in DATES:
        return value.date() if isinstance(value, dt.datetime) else dt.date.fromisoformat(str(value)[:10])
    if column in BOOLEANS or (table == "college" and column == "enrolled"):
        return {"true": True, "1": True, "y": True, "false": False, "0": False, "n": False}[str(value).lower()]
    if column in NUMBERS:
        number = Fraction(str(value))  # the decimal as written
        return int(number) if column in {"school_year", "cohort_year", "completion_year", "years"} else number
    return str(value)


# --------------------------------------------------------------------------------------------------- counting


def expected_results(folder: Path) -> dict[tuple, Row]:
    """Return the results table as {(school_year, unit_type, unit_id, measure, student_group, grade): Row}."""
    return _Count(read_folder(folder)).results()


def year_of(day: dt.date) -> int:
    """Days and spells: July begins a school year."""
    return day.year + (day.month >= 7)


def slug(text: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "_", (text or "").lower()).strip("_")


class _Count:
    def __init__(self, tables: dict[str, list[dict]]):
        self.tables = tables
        self.cells = defaultdict(list)  # key of a result → one entry per student or answer
        self.spells = defaultdict(list)  # (year, student) → spells
        for r in self.rows("enrollments"):
            last = r["exit_date"] or dt.date(r["school_year"], 6, 30)
            grade = r["grade"] if r["grade"] in GRADES else None
            self.spells[r["school_year"], r["student_id"]].append(Spell(r["school_id"], grade, r["entry_date"], last))
        self.student_rows = {(r["school_year"], r["student_id"]): r for r in self.rows("students")}
        self.units = self._units()
        self.instructional = defaultdict(set)  # (year, school) → days; present as a key where there is a calendar
        for r in self.rows("calendar"):
            days = self.instructional[year_of(r["date"]), r["school_id"]]
            if r["instructional"]:
                days.add(r["date"])
        self.days = self._days()

    def rows(self, table: str) -> list[dict]:
        return self.tables.get(table, [])

    def _units(self) -> list[tuple[str, str, set[str]]]:
        district = {r["school_id"]: r["district_id"] for r in self.rows("schools")}
        named = set(district) | {
            r["school_id"] for t in ("enrollments", "survey", "cohorts", "college") for r in self.rows(t)
        }
        schools_of = defaultdict(set)
        for school, its_district in district.items():
            schools_of[its_district].add(school)
        return (
            [("school", s, {s}) for s in sorted(named)]
            + [("district", d, schools) for d, schools in sorted(schools_of.items())]
            + [("network", "network", named)]
        )

    # ----------------------------------------------------------------------------------- who is where, in which group

    def spells_in(self, year: int, student: str, schools: set[str]) -> list[Spell]:
        return [s for s in self.spells.get((year, student), ()) if s.school in schools]

    def pupils(self):
        """Yield (year, unit_type, unit_id, schools, student, grade) for each pupil with a spell at each unit."""
        for year, student in sorted(self.spells):
            for unit_type, unit_id, schools in self.units:
                if self.spells_in(year, student, schools):
                    yield year, unit_type, unit_id, schools, student, self.grade(year, student, schools)

    def grade(self, year: int, student: str | None, schools: set[str]) -> str | None:
        """Days and spells: the grade is that of the latest entry date at the unit."""
        spells = self.spells_in(year, student, schools)
        return max(spells, key=lambda s: s.entry).grade if spells else None

    def groups(self, year: int, student: str | None, *, or_earlier: bool = False) -> list[str]:
        row = self.student_rows.get((year, student))
        if row is None and or_earlier:
            earlier = [y for y, s in self.student_rows if s == student and y < year]
            row = self.student_rows[max(earlier), student] if earlier else None
        if row is None:
            return []
        found = [flag for flag in FLAGS if row[flag]]
        if row["reclassified_on"] and row["reclassified_on"] <= dt.date(year, 6, 30):
            found.append("reclassified")
        for prefix, column in (("race_", "race_ethnicity"), ("gender_", "gender")):
            if slug(row[column]):
                found.append(prefix + slug(row[column]))
        return found

    def add(self, year, unit_type, unit_id, measure, groups, grade, entry) -> None:
        for group in ["all", *groups]:
            self.cells[year, unit_type, unit_id, measure, group, "all"].append(entry)
        if grade is not None:
            self.cells[year, unit_type, unit_id, measure, "all", grade].append(entry)

    # ----------------------------------------------------------------------------------- attendance

    def _days(self) -> dict[tuple[int, str, str], tuple[Fraction, Fraction]]:
        """Days enrolled and absent by (year, student, school), for the schools that have data."""
        daily = defaultdict(list)
        for r in self.rows("attendance"):
            # Days and spells: rows at a school where the pupil has no spell that year are left out of every measure,
            # so they do not make a school one «where there are any».
            spells = self.spells_in(year_of(r["date"]), r["student_id"], {r["school_id"]})
            if r["status"] in {"present", "absent", "tardy"} and spells:
                daily[year_of(r["date"]), r["school_id"]].append(r)
        totals = defaultdict(list)
        for r in self.rows("attendance_totals"):
            totals[r["school_year"], r["school_id"]].append(r)
        days = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for year, school in daily.keys() | totals.keys():
            if rows := daily.get((year, school)):
                self._add_daily(days, year, school, rows)
            else:
                for r in totals[year, school]:
                    if self.spells_in(year, r["student_id"], {school}):
                        days[year, r["student_id"], school][0] += r["days_enrolled"]
                        days[year, r["student_id"], school][1] += r["days_absent"]
        return {key: (e, a) for key, (e, a) in days.items() if e > 0}

    def _add_daily(self, days: dict, year: int, school: str, rows: list[dict]) -> None:
        complete = any(r["status"] == "present" for r in rows)
        calendar = self.instructional.get((year, school))
        if not complete:
            if calendar is None:
                return  # absences only and no calendar: no rate
            for spell_year, student in self.spells:
                if spell_year == year:
                    within = {d for d in calendar if self._enrolled_on(year, student, school, d)}
                    days[year, student, school][0] += len(within)
        for r in rows:
            if not self._enrolled_on(year, r["student_id"], school, r["date"]):
                continue
            if calendar is not None and r["date"] not in calendar:
                continue
            portion = r["absent_portion"]
            if portion is None:
                portion = Fraction(r["status"] == "absent")
            days[year, r["student_id"], school][0] += complete
            days[year, r["student_id"], school][1] += portion

    def _enrolled_on(self, year: int, student: str, school: str, day: dt.date) -> bool:
        return any(s.entry <= day <= s.last for s in self.spells_in(year, student, {school}))

    def attended(self, year: int, student: str, schools: set[str]) -> tuple[Fraction, Fraction] | None:
        known = [self.days[year, student, s] for s in schools if (year, student, s) in self.days]
        return (sum(e for e, _ in known), sum(a for _, a in known)) if known else None

    # ----------------------------------------------------------------------------------- one theme after another

    def results(self) -> dict[tuple, Row]:
        self._pupil_measures()
        self._cohorts()
        self._college()
        self._surveys()
        return {key: _row(key[3], entries) for key, entries in self.cells.items()}

    def _pupil_measures(self) -> None:
        actions, action_years = defaultdict(set), set()
        for r in self.rows("discipline"):
            action_years.add(r["school_year"])
            if r["action"] in SUSPENSIONS:
                actions[r["school_year"], r["student_id"]].add(r["school_id"])
        marks = defaultdict(list)
        for r in self.rows("marks"):
            if r["final"] is not False and r["subject"] in SUBJECTS:
                marks[r["school_year"], r["student_id"]].append(r)
        sittings = self._sittings()
        ready_years = action_years & {r["school_year"] for r in self.rows("marks")}
        ready_years &= {year_of(r["date"]) for r in self.rows("attendance")} | {
            r["school_year"] for r in self.rows("attendance_totals")
        }
        for year, unit_type, unit_id, schools, student, grade in self.pupils():
            groups = self.groups(year, student)

            def add(measure, entry, at=(year, unit_type, unit_id), groups=groups, grade=grade):
                self.add(*at, measure, groups, grade, entry)

            at_schools = {s.school for s in self.spells_in(year, student, schools)}
            days = self.attended(year, student, at_schools)
            if days:
                add("chronic_absence", 10 * days[1] >= days[0])
                add("attendance_rate", days)
            suspended = bool(actions[year, student] & at_schools)
            if year in action_years:
                add("suspension", suspended)
            own = [m for m in marks[year, student] if m["school_id"] in at_schools]
            average = _average(own)
            if average is not None:
                add("gpa", average)
            if grade == "8" and year in ready_years:
                low = any(m["mark"] in D_OR_F and m["subject"] in {"ela", "math"} for m in own)
                present = days is not None and 25 * days[1] <= days[0]
                add(
                    "hs_readiness",
                    average is not None and average >= Fraction(5, 2) and present and not low and not suspended,
                )
            if (redesignated := self._redesignated(year, student)) is not None:
                add("el_redesignation", redesignated)
            for subject in ("ela", "math"):
                level, school = sittings.get((year, student, subject), (None, None))
                if level is not None and school in schools:
                    add(f"{subject}_proficient", level >= 3)

    def _sittings(self) -> dict[tuple[int, str, str], tuple[Fraction, str]]:
        """Tests: the level of the latest sitting that has one."""
        latest = {}
        for r in self.rows("assessments"):
            spells = self.spells_in(r["school_year"], r["student_id"], {r["school_id"]})
            if r["achievement_level"] in {1, 2, 3, 4, 5} and spells:
                key = (r["school_year"], r["student_id"], r["subject"])
                date = r["date"] or dt.date.min
                if key not in latest or date > latest[key][0]:
                    latest[key] = (date, r["achievement_level"], r["school_id"])
        return {key: (level, school) for key, (_, level, school) in latest.items()}

    def _redesignated(self, year: int, student: str) -> bool | None:
        row = self.student_rows.get((year, student))
        if row is None:
            return None
        on, since = row["reclassified_on"], row["el_since"]
        if on and year_of(on) == year:
            return True
        not_yet = on is None or on > dt.date(year, 6, 30)
        if row["english_learner"] and not_yet and since and year_of(since) <= year - 5:
            return False
        return None

    def _cohorts(self) -> None:
        stays = defaultdict(list)  # a row that left the school holds nobody in the denominator
        for r in self.rows("cohorts"):
            known = r["outcome"] in {"graduated", "still_enrolled", "dropped_out", "other"}
            if known and r["years"] in {4, 5, 6}:
                stays[r["cohort_year"], r["years"], r["student_id"]].append(r)
        for (year, years, student), rows in stays.items():
            for unit_type, unit_id, schools in self.units:
                own = [r for r in rows if r["school_id"] in schools]
                if own:
                    graduated = any(r["outcome"] == "graduated" for r in own)
                    self._add_finisher(year, unit_type, unit_id, schools, f"graduation_{years}", student, graduated)

    def _college(self) -> None:
        completers = defaultdict(list)
        for r in self.rows("college"):
            completers[r["completion_year"], r["student_id"]].append(r)
        for (year, student), rows in completers.items():
            for unit_type, unit_id, schools in self.units:
                own = [r["enrolled"] for r in rows if r["school_id"] in schools]
                if own:
                    self._add_finisher(year, unit_type, unit_id, schools, "college_going", student, any(own))

    def _add_finisher(self, year, unit_type, unit_id, schools, measure, student, entry) -> None:
        groups = self.groups(year, student, or_earlier=True)
        # Groups: «graduates and completers without one» (a row for the year) «take their latest earlier row, and
        # have no grade».
        has_row = (year, student) in self.student_rows
        grade = self.grade(year, student, schools) if has_row else None
        self.add(year, unit_type, unit_id, measure, groups, grade, entry)

    def _surveys(self) -> None:
        for r in self.rows("survey"):
            who, construct, year, student = r["respondent"], r["construct"], r["school_year"], r["student_id"]
            if r["response"] not in {1, 2, 3, 4, 5} or who not in {"student", "staff", "family"}:
                continue
            if construct not in CLIMATE and not (construct in SEL and who == "student"):
                continue
            measure = construct if construct in SEL else f"{construct}_{who}"
            of_pupil = who != "staff" and student is not None
            for unit_type, unit_id, schools in self.units:
                if r["school_id"] not in schools:
                    continue
                grade = self.grade(year, student, schools) if of_pupil else None
                if construct in SEL and grade in {"TK", "K", "1", "2", "3"}:
                    continue
                groups = self.groups(year, student) if of_pupil else []
                self.add(year, unit_type, unit_id, measure, groups, grade, r["response"] >= 4)


def _average(marks: list[dict]) -> Fraction | None:
    """Marks: points weighted by credits; unknown without a mark that has both."""
    counted = [(POINTS[m["mark"]], m["credits"]) for m in marks if m["mark"] in POINTS and m["credits"] is not None]
    credits = sum((c for _, c in counted), Fraction(0))
    return sum(p * c for p, c in counted) / credits if credits > 0 else None


def _row(measure: str, entries: list) -> Row:
    n = len(entries)
    if measure == "attendance_rate":
        enrolled, absent = sum(e for e, _ in entries), sum(a for _, a in entries)
        return Row(n, None, 100 * (enrolled - absent) / enrolled)
    if measure == "gpa":
        return Row(n, None, sum(entries) / n)
    return Row(n, sum(entries), Fraction(100 * sum(entries), n))
