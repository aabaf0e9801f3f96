"""The results table: what every measure gives and all that anything downstream reads."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pandas as pd

from kit.errors import Fault, InputError, KitError

__all__ = [
    "KEY",
    "RESULT_COLUMNS",
    "UNIT_TYPES",
    "finish_results",
    "read_results",
    "validate_results",
    "write_results",
]

KEY = ("school_year", "unit_type", "unit_id", "measure", "student_group", "grade")
RESULT_COLUMNS = {
    "school_year": "int32",
    "unit_type": "str",
    "unit_id": "str",
    "measure": "str",
    "student_group": "str",
    "grade": "str",
    "n": "Int64",
    "count": "Int64",
    "value": "float64",
}
UNIT_TYPES = ("school", "district", "network")
# A spreadsheet runs a text that begins so. In CSV such a text, or one that has apostrophes before it, gets one
# apostrophe more, which reading takes away.
FORMULA = r"'*[=+\-@\t\r]"
LISTED = 20


def finish_results(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with exactly the contract's columns and types, sorted by its key."""
    out = pd.DataFrame({c: frame.get(c, []) for c in RESULT_COLUMNS})
    return out.astype(RESULT_COLUMNS).sort_values(list(KEY), ignore_index=True)


def read_results(path: Path) -> pd.DataFrame:
    """Read a results table that somebody else made (Parquet, CSV or gzipped CSV).

    Raises
    ------
    InputError
        Every fault together: missing columns, wrong types, unknown units, impossible numbers, repeated keys.
    """
    name = path.name
    try:
        if name.endswith(".parquet"):
            frame = pd.read_parquet(path).reset_index(drop=True)
        else:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False)
            # Blank lines are left out, but a fault's row is that of the file.
            frame = frame.rename(columns=str.strip)[frame.ne("").any(axis=1)]
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise KitError(
            f"The results cannot be read ({str(error).splitlines()[0][:120]})",
            where=name,
            mend="Export them again.",
        ) from None
    return validate_results(frame, name)


def validate_results(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table in the contract's types, or raise every fault in it together."""
    needed = [c for c in RESULT_COLUMNS if c != "count"]
    missing = [c for c in needed if c not in frame.columns]
    if twice := sorted({c for c in frame.columns[frame.columns.duplicated()] if c in RESULT_COLUMNS}):
        raise InputError(
            [
                Fault("error", name, f"The column '{c}' is there twice", "Keep one of the two", row=1, column=c,
                      rule="duplicate-column", stops=True)
                for c in twice
            ],
            name,
        )  # fmt: skip
    if missing:
        raise InputError(
            [
                Fault("error", name, f"The column '{c}' is missing", f"Add a column '{c}'", row=1, column=c,
                      rule="missing-column", stops=True)
                for c in missing
            ],
            name,
        )  # fmt: skip
    faults: list[Fault] = []
    out = pd.DataFrame(index=frame.index)
    for column, kind in RESULT_COLUMNS.items():
        given = frame[column] if column in frame else pd.Series(pd.NA, index=frame.index)
        if kind == "str":
            text = (
                given.astype("str").str.strip()
                if given.dtype == object or str(given.dtype) == "str"
                else given.astype("str")
            )
            if not name.endswith(".parquet"):
                text = text.where(~text.str.match("'" + FORMULA), text.str[1:])
            blank = given.isna() | (text == "")
            _list(faults, name, column, blank, "is empty", "Fill it in")
            out[column] = text
        else:
            text = given.astype("str").str.strip() if not pd.api.types.is_numeric_dtype(given) else given
            blank = given.isna() | (text == "") if not pd.api.types.is_numeric_dtype(given) else given.isna()
            number = pd.to_numeric(
                text.mask(blank) if not pd.api.types.is_numeric_dtype(given) else given, errors="coerce"
            )
            number = number.astype("float64")
            wrong = number.isna() & ~blank
            if kind != "float64":
                wrong |= (number % 1 != 0) & number.notna()
            _list(faults, name, column, wrong, "is not a number" if kind == "float64" else "is not a whole number",
                  "Write a plain number")  # fmt: skip
            if column == "school_year":
                _list(faults, name, column, blank, "is empty", "Fill it in")
            out[column] = number.mask(wrong)
    from kit.measures.registry import measures

    _list(
        faults,
        name,
        "unit_type",
        ~out.unit_type.isin(UNIT_TYPES),
        "is not school, district or network",
        "Use one of the three",
    )
    _list(
        faults,
        name,
        "measure",
        ~out.measure.isin(list(measures())),
        "is not a measure of the contract",
        "Use a measure id",
    )
    _list(faults, name, "count", out["count"] > out.n, "is more than n", "Give the students in the numerator")
    _list(faults, name, "n", out.n < 0, "is negative", "Give the students in the denominator")
    percent = [m.id for m in measures().values() if m.scale in ("percent", "percentile")]
    beyond = out.measure.isin(percent) & ((out.value < 0) | (out.value > 100))
    _list(faults, name, "value", beyond, "is not between 0 and 100", "Give a percentage")
    _list(faults, name, "school_year", ~out.school_year.between(1900, 2200) & out.school_year.notna(),
          "is not a year", "Name a school year by its ending year")  # fmt: skip
    again = out.duplicated(list(KEY), keep="first")
    _list(
        faults,
        name,
        "unit_id",
        again,
        "repeats a row with the same unit, year, measure, group and grade",
        "Keep one",
    )
    if faults:
        raise InputError(faults, name)
    return finish_results(out)


def _list(faults: list[Fault], name: str, column: str, wrong: pd.Series, what: str, mend: str) -> None:
    rows = [int(i) + 2 for i in wrong.index[wrong.fillna(False).astype(bool)]]
    for row in rows[:LISTED]:
        faults.append(
            Fault("error", name, f"The value {what}", mend, row=row, column=column, rule="results", stops=True)
        )
    if len(rows) > LISTED:
        faults.append(
            Fault("error", name, f"{len(rows) - LISTED} more rows: the value {what}", mend, row=rows[LISTED],
                  column=column, rule="results", count=len(rows) - LISTED, stops=True)
        )  # fmt: skip


def write_results(results: pd.DataFrame, path: Path) -> None:
    """Write the results table as Parquet or CSV, beside and then in place, so that nothing is half written.

    In CSV a text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith(".parquet"):
            results.to_parquet(beside, index=False)
        elif path.name.endswith((".csv", ".csv.gz")):
            texts = results.select_dtypes("str").columns
            safe = results.assign(
                **{c: results[c].where(~results[c].str.match(FORMULA), "'" + results[c]) for c in texts}
            )
            safe.to_csv(
                beside,
                index=False,
                compression="gzip" if path.name.endswith(".gz") else None,
                lineterminator="\n",
            )
        else:
            raise KitError("The file's ending is not known", where=path.name, mend="Use .parquet, .csv or .csv.gz.")
        os.replace(beside, path)
    except OSError as error:
        raise KitError(f"The file cannot be written ({error.strerror or error})", where=str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
