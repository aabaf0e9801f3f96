"""Small, nasty data folders from a seed: what a results table is judged on happens in a few dozen pupils.

Only what the records contract settles is drawn (no two sittings on one date, no two spells with one entry date, a
school has a calendar in every year or in none): what it leaves open is not for a random test to decide. A folder
holds several worlds of two to five schools in two districts, because one folder costs the kit the same time as eight.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["TABLES", "YEARS", "random_tables", "write_folder"]

YEARS = (2024, 2025, 2026)
SCHOOLS = {"01": "D1", "002": "D1", "s 3": "D1", "1": "D2", "=1+1": "D2"}
PUPILS = ["0007", "7", "=1+1", "-2", "é 'x'", *(f"{i:03}" for i in range(10, 60))]
RACES = ["Native Hawaiian / Pacific Islander", "Black or African American", "White", "Asian", "", "Two or  more"]
MARKS = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F", "P", "NP", "I"]
PORTIONS = ["", "", "", "0.1", "0.1", "0.1", "0.2", "0.3", "0.5", "0.7", "1", "0"]
OUTCOMES = ["graduated", "graduated", "still_enrolled", "dropped_out", "transferred_out", "other", "vanished"]
CONSTRUCTS = [
    "sel_growth_mindset", "sel_self_management", "sel_self_efficacy", "climate_safety", "climate_belonging",
    "climate_safety", "climate_rules", "happiness",
]  # fmt: skip
TABLES = (
    "schools", "students", "enrollments", "calendar", "attendance", "attendance_totals", "discipline", "marks",
    "assessments", "survey", "cohorts", "college",
)  # fmt: skip
DATES = {"el_since", "reclassified_on", "entry_date", "exit_date", "date", "action_date"}
WHOLE = {"school_year", "cohort_year", "completion_year", "years", "days_enrolled", "achievement_level", "response"}
DECIMAL = {"absent_portion", "days_absent", "credits"}
FLAGS = {"english_learner", "disability", "disadvantaged", "homeless", "foster", "instructional", "final"}

Row = dict[str, str]


def random_tables(seed: int, worlds: int = 1) -> dict[str, list[Row]]:
    """Draw the tables of one folder; every value is the text that a CSV would hold.

    Parameters
    ----------
    seed : int
    worlds : int
        How many separate sets of schools and pupils; their ids end in ``~`` and a number where there are several.
    """
    rng = random.Random(seed)
    folder = {
        "discipline_years": [y for y in YEARS if rng.random() < 0.75],
        "marks_years": [y for y in YEARS if rng.random() < 0.85],
        "flags": [f for f in ("homeless", "foster") if rng.random() < 0.7],
        "with_final": rng.random() < 0.7,
        "with_portion": rng.random() < 0.85,
    }
    tables: dict[str, list[Row]] = {t: [] for t in TABLES}
    for world in range(worlds):
        _World(rng, tables, f"~{world}" if worlds > 1 else "", **folder).draw()
    return tables


class _World:
    """Two to five schools in two districts and 26 pupils over three years."""

    def __init__(self, rng, tables, mark, *, discipline_years, marks_years, flags, with_final, with_portion):
        self.rng, self.tables, self.mark = rng, tables, mark
        self.discipline_years, self.marks_years = discipline_years, marks_years
        self.flags, self.with_final, self.with_portion = flags, with_final, with_portion
        self.schools = dict(rng.sample(sorted(SCHOOLS.items()), rng.randint(2, 5)))
        self.pupils = rng.sample(PUPILS, 26)
        self.with_calendar = {s for s in self.schools if self.maybe(0.75)}
        self.reclassified: dict[str, dict[int, object]] = {p: {} for p in self.pupils}

    def draw(self) -> None:
        for school, district in self.schools.items():
            self.put("schools", school_id=school, school_name=f"S, «{school}»", district_id=district,
                     district_name=f"N {district}", level="other")  # fmt: skip
        for year in YEARS:
            self.year(year)
        self.finishers()

    def maybe(self, chance: float) -> bool:
        return self.rng.random() < chance

    def yes(self, chance: float) -> str:
        return str(int(self.maybe(chance)))

    def put(self, table: str, **row: object) -> None:
        texts = {k: str(v) for k, v in row.items()}
        for column in ("student_id", "school_id", "district_id"):
            if texts.get(column):
                texts[column] += self.mark
        self.tables[table].append(texts)

    # ----------------------------------------------------------------------------------- one school year

    def year(self, year: int) -> None:
        first, last = dt.date(year - 1, 7, 1), dt.date(year, 6, 30)
        # 30 June and 1 July part two school years, so both are always among the days.
        drawn = (first + dt.timedelta(self.rng.randrange(365)) for _ in range(13))
        self.days = sorted({first, last, *drawn})
        enrolled = {}
        for pupil in self.pupils:
            if self.maybe(0.85):
                enrolled[pupil] = self.spells(year, pupil)
            if self.maybe(0.85):
                self.student(year, pupil)
        self.attendance(year, enrolled)
        if year in self.discipline_years:
            self.discipline(year, enrolled)
        if year in self.marks_years:
            self.marks(year, enrolled)
        self.tests(year, enrolled)
        self.surveys(year)

    def spells(self, year: int, pupil: str) -> list[str]:
        """Draw one to three spells, one after another; re-entry at the same school is common."""
        rng, last = self.rng, dt.date(year, 6, 30)
        entry = dt.date(year - 1, 7, 1) + dt.timedelta(rng.choice([0, 0, 0, rng.randrange(90)]))
        schools, grade = [], rng.choice(["TK", "K", "3", "4", "8", "8", "8", "8", "9", "12"])
        for left in reversed(range(rng.choice([1, 1, 1, 2, 2, 3]))):
            school = schools[-1] if schools and self.maybe(0.3) else rng.choice(sorted(self.schools))
            leaves = rng.choice([d for d in self.days if d >= entry]) if left or self.maybe(0.4) else None
            self.put("enrollments", student_id=pupil, school_id=school, school_year=year, grade=grade,
                     entry_date=entry, exit_date=leaves or "")  # fmt: skip
            schools.append(school)
            if leaves is None or leaves + dt.timedelta(9) > last:
                break
            entry = leaves + dt.timedelta(rng.choice([1, 1, 9]))
            grade = grade if self.maybe(0.7) else rng.choice(["8", "9", "K"])
        return schools

    def student(self, year: int, pupil: str) -> None:
        rng = self.rng
        edges = [dt.date(y, m, d) for y in range(year - 6, year - 3) for m, d in ((6, 30), (7, 1), (1, 15))]
        on = [dt.date(year, 6, 30), dt.date(year, 7, 1), dt.date(year - 1, 7, 1), dt.date(year - 1, 6, 30)]
        on = rng.choice([*on, dt.date(year, 2, 1), dt.date(year - 3, 5, 5)]) if self.maybe(0.4) else ""
        self.reclassified[pupil][year] = on
        self.put("students", student_id=pupil, school_year=year, race_ethnicity=rng.choice(RACES),
                 gender=rng.choice(["F", "M", "Non-binary", ""]), english_learner=self.yes(0.5),
                 disability=self.yes(0.2), disadvantaged=self.yes(0.5),
                 el_since=rng.choice(edges) if self.maybe(0.75) else "", reclassified_on=on,
                 **{f: self.yes(0.1) for f in self.flags})  # fmt: skip

    def attendance(self, year: int, enrolled: dict[str, list[str]]) -> None:
        for school in self.schools:
            if school in self.with_calendar:
                for n, day in enumerate(self.days):
                    if n < 2 or self.maybe(0.9):
                        self.put("calendar", school_id=school, date=day, instructional=self.yes(0.85))
            there = [p for p in self.pupils if school in enrolled.get(p, ())]
            strangers = [p for p in self.pupils if p not in there][:2]
            kind = self.rng.choice(["complete", "complete", "absences", "absences", "totals", "totals", "neither"])
            if kind in ("complete", "absences"):
                self.daily(school, kind == "complete", [*there, *strangers])
            if kind == "totals" or self.maybe(0.2):
                for pupil in [*there, *strangers]:
                    days = self.rng.choice([180, 180, 90, 25, 0])
                    absent = self.rng.choice(["0", "18", "17", "19", "7.2", "7.2", "3.6", "9", "1", "2.5"])
                    self.put("attendance_totals", student_id=pupil, school_id=school, school_year=year,
                             days_enrolled=days, days_absent=absent if days > 19 else "0")  # fmt: skip

    def daily(self, school: str, complete: bool, pupils: list[str]) -> None:
        """Put rows on every day, within the pupil's spells or not, and on days that are not instructional."""
        for pupil in pupils:
            if self.maybe(0.1):
                continue
            often = self.rng.choice([0.02, 0.1, 0.3])
            for day in self.days:
                if self.maybe(often):
                    status = "absent"
                elif complete:
                    status = self.rng.choice(["tardy", "late", *["present"] * 8])
                elif self.maybe(0.1):
                    status = "tardy"
                else:
                    continue
                portion = self.rng.choice(PORTIONS) if status == "absent" or self.maybe(0.2) else ""
                row = {"student_id": pupil, "school_id": school, "date": day, "status": status}
                self.put("attendance", **row, **({"absent_portion": portion} if self.with_portion else {}))

    def discipline(self, year: int, enrolled: dict[str, list[str]]) -> None:
        for pupil in self.rng.sample(self.pupils, 9):
            for _ in range(self.rng.choice([1, 1, 2, 5])):
                school = self.rng.choice(enrolled.get(pupil, []) + sorted(self.schools)[:1])
                action = self.rng.choice(["suspension_out", "suspension_in", "expulsion", "other", "warned"])
                self.put("discipline", student_id=pupil, school_id=school, school_year=year,
                         action_date=self.rng.choice(self.days), action=action)  # fmt: skip

    def marks(self, year: int, enrolled: dict[str, list[str]]) -> None:
        for pupil in self.pupils:
            # Most are near the edge of ready for high school: good marks, and now and then one D+.
            marks = self.rng.choice([MARKS[:6], MARKS[:9], [*MARKS[:4] * 3, "D+"], MARKS])
            schools = enrolled.get(pupil, []) * 3 + sorted(self.schools)[:1]
            for term in ("T1", "T2"):
                for subject in ("ela", "math", "science", "social_studies", "other"):
                    if self.maybe(0.5):
                        continue
                    final = {"final": self.rng.choice(["1", "1", "0", ""])} if self.with_final else {}
                    self.put("marks", student_id=pupil, school_id=self.rng.choice(schools), school_year=year,
                             term=term, subject=subject, mark=self.rng.choice(marks),
                             credits=self.rng.choice(["1", "5", "0.5", "0.33333", "0", ""]), **final)  # fmt: skip

    def tests(self, year: int, enrolled: dict[str, list[str]]) -> None:
        levels = ["1", "2", "3", "3", "4", "5", "", "9"]
        for pupil in self.pupils:
            school = self.rng.choice(enrolled.get(pupil, []) * 4 + sorted(self.schools)[:1])
            for subject in ("ela", "math", "science"):
                for n, day in enumerate(self.rng.sample(self.days, self.rng.choice([0, 1, 1, 2, 3]))):
                    self.put("assessments", student_id=pupil, school_id=school, school_year=year, test=f"T{n}",
                             subject=subject, grade="5", scale_score=2400 + n, date=day,
                             achievement_level=self.rng.choice(levels))  # fmt: skip

    def surveys(self, year: int) -> None:
        for _ in range(60):
            who = self.rng.choice(["student", "student", "student", "staff", "family", "visitor"])
            self.put("survey", school_id=self.rng.choice(sorted(self.schools)), school_year=year, respondent=who,
                     construct=self.rng.choice(CONSTRUCTS), item="q1",
                     response=self.rng.choice(["1", "2", "3", "4", "5", "", "6", "0"]),
                     student_id=self.rng.choice([*self.pupils, "", "nobody"]))  # fmt: skip

    # ----------------------------------------------------------------------------------- cohorts and completers

    def finishers(self) -> None:
        for pupil in self.pupils:
            years = [y for y in (*YEARS, 2027) if self.may_finish(pupil, y)]
            for length in self.rng.sample([4, 5, 6], self.rng.choice([0, 1, 2])):
                year = self.rng.choice(years)
                for school in self.rng.sample(sorted(self.schools), self.rng.choice([1, 1, 2])):
                    self.put("cohorts", student_id=pupil, school_id=school, cohort_year=year,
                             outcome=self.rng.choice(OUTCOMES), years=length)  # fmt: skip
            year = self.rng.choice(years)
            for school in self.rng.sample(sorted(self.schools), self.rng.choice([0, 1, 1, 2])):
                self.put("college", student_id=pupil, school_id=school, completion_year=year, enrolled=self.yes(0.5))

    def may_finish(self, pupil: str, year: int) -> bool:
        """Leave out a pupil whose latest row is an earlier one that names a later day: «the year» has two readings."""
        held = [y for y in self.reclassified[pupil] if y <= year]
        on = self.reclassified[pupil][max(held)] if held else ""
        return not (on and max(held) < year and on > dt.date(max(held), 6, 30)) or year == YEARS[0]


# --------------------------------------------------------------------------------------------------- writing


def write_folder(folder: Path, tables: dict[str, list[Row]], seed: int = 0, kinds=("csv", "csv.gz", "parquet")) -> Path:
    """Write each table in a kind drawn by the seed, its rows shuffled; return the folder."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        kind = rng.choice(kinds)
        rows = rng.sample(rows, len(rows))
        columns = list(dict.fromkeys(c for row in rows for c in row))
        if not columns:
            continue
        path = folder / f"{name}.{kind}"
        if kind == "parquet":
            pq.write_table(_typed_table(rows, columns, name), path)
        else:
            words = rng.choice([("true", "false"), ("1", "0"), ("Y", "N")])
            pack = gzip.compress if kind == "csv.gz" else bytes
            path.write_bytes(pack(_csv(rows, columns, name, words).encode()))
    return folder


def _is_boolean(column: str, table: str) -> bool:
    return column in FLAGS or (table, column) == ("college", "enrolled")


def _csv(rows: list[Row], columns: list[str], table: str, words: tuple[str, str]) -> str:
    booleans = {"1": words[0], "0": words[1]}
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({c: booleans.get(v, v) if _is_boolean(c, table) else v for c, v in row.items()})
    return text.getvalue()


def _typed_table(rows: list[Row], columns: list[str], table: str) -> pa.Table:
    def column(name: str) -> pa.Array:
        kind, read = _parquet_type(name, table)
        return pa.array([read(row[name]) if row.get(name) else None for row in rows], kind)

    return pa.table({name: column(name) for name in columns})


def _parquet_type(column: str, table: str) -> tuple[pa.DataType, Callable]:
    if column in DATES:
        return pa.date32(), dt.date.fromisoformat
    if _is_boolean(column, table):
        return pa.bool_(), "1".__eq__
    if column in WHOLE:
        return pa.int32(), int
    if column in DECIMAL:
        return pa.float64(), float
    return pa.string(), str
