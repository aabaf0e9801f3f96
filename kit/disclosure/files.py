"""Released tables as files: written whole or not at all, and refused when read if they are anything else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.measures.results import RESULT_COLUMNS

__all__ = ["read_released", "write_released"]

COLUMNS = {**RESULT_COLUMNS, "status": "str", "low": "float64", "high": "float64"}
TEXT = [c for c, kind in COLUMNS.items() if kind == "str"]
# A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection).
FORMULA = r"^([=+\-@\t\r])"
FACTS = ("audience", "minimum", "profile")


def write_released(table: pd.DataFrame, path: Path, audience: str, minimum: int, profile: str) -> Path:
    """Write a released table beside its place and rename it there.

    Both hold the columns of the contract and no other; Parquet says audience, minimum and profile in its metadata.
    Text cells of a CSV that a spreadsheet would run as a formula get an apostrophe in front.

    Raises
    ------
    KitError
        If the name ends in none of ``.parquet``, ``.csv`` and ``.csv.gz``.
    """
    if not path.name.endswith((".parquet", ".csv", ".csv.gz")):
        raise KitError("The file's ending is not known", where=path.name, mend="Use .parquet, .csv or .csv.gz.")
    facts = {"audience": audience, "minimum": str(minimum), "profile": profile}
    table = table[list(COLUMNS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        if not path.name.endswith(".parquet"):
            safe = table.assign(**{c: table[c].astype(str).str.replace(FORMULA, r"'\1", regex=True) for c in TEXT})
            packed = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
            safe.to_csv(beside, index=False, lineterminator="\n", compression=packed)
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            arrow = pa.Table.from_pandas(table, preserve_index=False)
            marks = {f"kit_{k}".encode(): v.encode() for k, v in facts.items()}
            pq.write_table(arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **marks}), beside)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return path


def read_released(path: Path) -> tuple[pd.DataFrame, str, int, str]:
    """Read a released Parquet table and check that it is one; a CSV does not say for whom it was made.

    Returns
    -------
    table, audience, minimum, profile

    Raises
    ------
    InputError
        With every fault: missing facts or columns, an unknown status, a row that is not shown with a number,
        a row that is shown below the minimum.
    """
    if not path.is_file():
        raise KitError("There is no such file", where=str(path), mend="Make it with kit release.")
    table, facts = _read_parquet(path)
    faults = _faults(table, facts, path.name)
    if faults:
        raise InputError(faults, str(path))
    return table[list(COLUMNS)].astype(COLUMNS), facts["audience"], int(facts["minimum"]), facts["profile"]


def _read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.read_table(path)
    except pa.ArrowInvalid as wrong:
        raise KitError("This is no Parquet file", where=str(path), mend="Make it with kit release.") from wrong
    marks = arrow.schema.metadata or {}
    return arrow.to_pandas(), {f: marks.get(f"kit_{f}".encode(), b"").decode() for f in FACTS}


def _faults(table: pd.DataFrame, facts: dict[str, str], name: str) -> list[Fault]:
    again = "Make the file again with kit release."
    missing = [c for c in COLUMNS if c not in table]
    wrong = []
    if missing:
        wrong.append(Fault("error", name, f"it has no column {', '.join(missing)}", again, rule="missing-column"))
    if facts["audience"] not in ("internal", "public") or not facts["minimum"].isdecimal():
        wrong.append(Fault("error", name, "it does not say its audience and minimum", again, rule="not-released"))
    if wrong:
        return wrong
    numbers = table[["n", "count", "value"]].notna().any(axis=1)
    shown = table["status"] == "shown"
    small = shown & ~(pd.to_numeric(table["n"]) >= int(facts["minimum"])).fillna(False).astype(bool)
    checks = (
        (
            ~table["status"].isin(["shown", "suppressed", "banded"]),
            "status",
            "unknown status",
            "unknown-status",
        ),
        (~shown & numbers, "n", "a row that is not shown holds a number", "withheld-number"),
        (small, "n", f"a row is shown with fewer than {facts['minimum']}", "below-minimum"),
        (
            (table["status"] == "banded") & table["low"].isna(),
            "low",
            "a band without bounds",
            "band-without-bounds",
        ),
    )
    for bad, column, problem, rule in checks:
        if bad.any():
            row = int(bad.to_numpy().argmax()) + 2
            wrong.append(Fault("error", name, problem, again, row, column, rule, int(bad.sum())))
    return wrong
