"""Records made from a district's real test file: 42 schools, five years, two subjects."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

__all__ = ["FILE", "FLAGS", "LEVELS", "SUBJECTS", "read_growth_file", "write_records"]

FILE = Path("growth") / "sgpData_LONG_district2690.csv.gz"
# The levels by name, lowest first; «No Score» is a sitting without a level.
LEVELS = {"Unsatisfactory": "1", "Partially Proficient": "2", "Proficient": "3", "Advanced": "4", "No Score": ""}
FLAGS = {
    "english_learner": "ELL_STATUS",
    "disability": "IEP_STATUS",
    "disadvantaged": "FREE_REDUCED_LUNCH_STATUS",
}
SUBJECTS = {"READING": "ela", "MATHEMATICS": "math"}


def read_growth_file(real_data: Path) -> pd.DataFrame:
    """Return the file as text, one row per pupil, year and subject, and the ending year as ``year``."""
    rows = pd.read_csv(real_data / FILE, dtype=str, keep_default_na=False)
    return rows.assign(year=rows.YEAR.str[-4:])


def write_records(rows: pd.DataFrame, folder: Path) -> Path:
    """Write the file as a data folder of four tables in four kinds of file.

    A pupil who sat at two schools in a year has a spell at each, the second from 1 February. Groups are those of the
    pupil's rows of the year together: a flag holds if any row has it. ``students`` keeps the pupils' names as columns
    that the contract does not know, as an export would.
    """
    folder.mkdir(parents=True, exist_ok=True)
    level = rows.groupby("SCHOOL_NUMBER").EMH_LEVEL.agg(lambda s: s.value_counts().index[0].lower())
    schools = rows.drop_duplicates("SCHOOL_NUMBER").sort_values("SCHOOL_NUMBER")
    pd.DataFrame(
        {
            "school_id": schools.SCHOOL_NUMBER,
            "school_name": schools.SCHOOL_NAME,
            "district_id": schools.DISTRICT_NUMBER,
            "district_name": schools.DISTRICT_NAME,
            "level": schools.SCHOOL_NUMBER.map(level),
        }
    ).to_csv(folder / "schools.csv", index=False)

    students = rows.assign(**{c: rows[c].str.endswith(": Yes") for c in FLAGS.values()})
    last = {"race_ethnicity": "ETHNICITY", "gender": "GENDER", "LAST_NAME": "LAST_NAME", "FIRST_NAME": "FIRST_NAME"}
    students = students.groupby(["ID", "year"], as_index=False).agg(
        **{name: (c, "max") for name, c in FLAGS.items()}, **{name: (c, "last") for name, c in last.items()}
    )
    students["gender"] = students.gender.str.removeprefix("Gender: ")
    students = students.rename(columns={"ID": "student_id", "year": "school_year"})
    students.to_csv(folder / "students.csv.gz", index=False)

    spells = rows.drop_duplicates(["ID", "year", "SCHOOL_NUMBER"]).sort_values(["ID", "year", "SCHOOL_NUMBER"])
    nth, last = spells.groupby(["ID", "year"]).cumcount(), ~spells.duplicated(["ID", "year"], keep="last")
    before = (spells.year.astype(int) - 1).astype(str)
    pd.DataFrame(
        {
            "student_id": spells.ID,
            "school_id": spells.SCHOOL_NUMBER,
            "school_year": spells.year,
            "grade": spells.GRADE,
            "entry_date": (before + "-08-01").where(nth == 0, spells.year + "-02-01"),
            "exit_date": (spells.year + "-01-31").where(~last, ""),
        }
    ).to_csv(folder / "enrollments.csv", index=False)

    pd.DataFrame(
        {
            "student_id": rows.ID,
            "school_id": rows.SCHOOL_NUMBER,
            "school_year": rows.year,
            "test": "state test",
            "subject": rows.CONTENT_AREA.map(SUBJECTS),
            "grade": rows.GRADE,
            "scale_score": rows.SCALE_SCORE,
            "achievement_level": rows.ACHIEVEMENT_LEVEL.map(LEVELS),
            "date": rows.year + "-04-15",
        }
    ).astype("str").to_parquet(folder / "assessments.parquet", index=False)
    return folder
