"""Write a sample network: its Parquet files, its dictionary, and beside the folder the sealed answers."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kit.errors import KitError
from kit.records.sample import classes, daily, learning, outcomes, registers, surveys
from kit.records.sample.columns import TABLES, Coded, arrow_column
from kit.records.sample.dictionary import DICTIONARY_HEAD, dictionary
from kit.records.sample.history import simulate
from kit.records.sample.network import build_network
from kit.records.sample.stories import HEAD, answers, choose_stories, with_stories

__all__ = ["write_sample"]

ROWS_IN_GROUP = 1_000_000
ORDER = {
    "marks": ("school", "school_year", "pupil"),
    "assessments": ("school", "school_year", "subject", "pupil"),
    "discipline": ("school_year", "school", "action_date", "pupil"),
    "items": ("school", "pupil"),
    "sections": ("school_year", "school", "pupil"),
    "cohorts": ("cohort_year", "years", "school", "pupil"),
    "college": ("completion_year", "school", "pupil"),
}


def write_sample(
    out: Path,
    *,
    schools: int = 60,
    students_per_school: int | None = None,
    years: int = 3,
    seed: int = 7,
) -> Path:
    """Write a synthetic network as a data folder, and its sealed answers beside it.

    Parameters
    ----------
    out : Path
        Folder to write. It must not exist, be empty, or hold an earlier sample (which is replaced). The
        answers for coaches go to ``NAME-answers.md`` in the same parent folder.
    schools, years : int
        The last school year is always 2026.
    students_per_school : int, optional
        Mean over all schools; by default schools have usual sizes of their level.
    seed : int
        The same numbers and seed give the same bytes.

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    KitError
        For numbers out of range, or where ``out`` holds other files.

    Examples
    --------
    >>> import tempfile
    >>> folder = write_sample(Path(tempfile.mkdtemp()) / "net", schools=4, students_per_school=40, years=1)
    >>> (folder / "students.parquet").exists()
    True
    """
    _check_numbers(schools=schools, students_per_school=students_per_school, years=years, seed=seed)
    out = Path(out)
    sealed = out.parent / f"{out.name}-answers.md"
    _check_target(out, sealed)
    network = build_network(schools, students_per_school, years, seed)
    stories = choose_stories(network)
    network = with_stories(network, stories)
    history = simulate(network, stories, seed)
    ids = registers.student_ids(len(history.pupils), seed)

    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        folder, secret = beside / "network", beside / "answers.md"
        folder.mkdir()
        rows = _write_tables(folder, _tables(network, stories, history, ids, seed), ids, network.school_id)
        (folder / "dictionary.md").write_text(dictionary(network, rows, seed), encoding="utf-8", newline="\n")
        secret.write_text(answers(network, stories), encoding="utf-8", newline="\n")
        _put_in_place(folder, out, beside / "earlier")
        os.replace(secret, sealed)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def _check_numbers(*, schools, students_per_school, years, seed) -> None:
    most = {"schools": 5000, "students_per_school": 5000, "years": 20}
    for name, value in (("schools", schools), ("students_per_school", students_per_school), ("years", years)):
        if value is None and name == "students_per_school":
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most[name]:
            raise KitError(
                f"{name} is {value!r}",
                where="sample network",
                mend=f"Give a whole number from 1 to {most[name]}",
            )
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise KitError(f"seed is {seed!r}", where="sample network", mend="Give a whole number from 0 up")


def _put_in_place(folder: Path, out: Path, earlier: Path) -> None:
    """Rename the finished folder; an earlier sample comes back should that fail."""
    if out.exists():
        out.rename(earlier)
    try:
        folder.rename(out)
    except BaseException:
        if earlier.exists():
            earlier.rename(out)
        raise


def _starts(path: Path, head: str) -> bool:
    return path.is_file() and path.read_bytes()[: len(head.encode())] == head.encode()


def _check_target(out: Path, sealed: Path) -> None:
    """Refuse to replace anything but an earlier sample."""
    ours = {f"{name}.parquet" for name in TABLES} | {"dictionary.md"}
    if out.exists() and not out.is_dir():
        raise KitError("there is a file of this name", where=str(out), mend="Give the name of a new folder")
    held = {p.name for p in out.iterdir()} if out.exists() else set()
    if held - ours or (held and not _starts(out / "dictionary.md", DICTIONARY_HEAD)):
        other = sorted(held - ours) or sorted(held)
        raise KitError(
            f"the folder holds other files ({', '.join(other[:3])}{' …' if len(other) > 3 else ''})",
            where=str(out),
            mend="Give the name of a new or empty folder",
        )
    if sealed.exists() and not _starts(sealed, HEAD):
        raise KitError("this file is not a sample's answers", where=str(sealed), mend="Move it, or give another name")


def _tables(network, stories, history, ids, seed) -> Iterator[tuple[str, dict]]:
    """Yield the tables in pieces; the pieces of a table follow each other."""
    yield "schools", registers.schools(network)
    yield "students", registers.students(network, history)
    yield "enrollments", registers.enrollments(history)
    yield "calendar", registers.calendar(network)
    yield from daily.attendance(network, stories, history, seed)
    yield "discipline", daily.discipline(network, history, seed)
    yield "marks", classes.marks(network, history, seed)
    yield "assessments", learning.assessments(network, stories, history, seed)
    yield "items", classes.items(network, stories, history, seed)
    for piece in surveys.survey(network, history, ids, seed):
        yield "survey", piece
    yield "sections", classes.sections(network, history, seed)
    yield "cohorts", outcomes.cohorts(network, history)
    yield "college", outcomes.college(network, history, seed)


def _write_tables(folder: Path, tables: Iterable[tuple[str, dict]], ids, school_ids) -> dict[str, int]:
    """Write every table, a row group at a time; returns the rows of each."""
    writers: dict[str, pq.ParquetWriter] = {}
    held: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    rows = dict.fromkeys(TABLES, 0)

    def flush(name: str) -> None:
        if held[name]:
            together = pa.concat_tables(held[name]).unify_dictionaries().combine_chunks()
            if name not in writers:
                # Without the Arrow schema in the file, dictionary columns read back as plain text.
                writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet",
                    together.schema,
                    compression="zstd",
                    compression_level=12,
                    store_schema=False,
                )
            writers[name].write_table(together, row_group_size=ROWS_IN_GROUP)
            held[name] = []

    try:
        for name, columns in tables:
            piece = _arrow(name, columns, ids, school_ids)
            rows[name] += piece.num_rows
            held[name].append(piece)
            if sum(p.num_rows for p in held[name]) >= ROWS_IN_GROUP:
                flush(name)
        for name in TABLES:
            flush(name)
    finally:
        for writer in writers.values():
            writer.close()
    return rows


def _arrow(name: str, columns: dict, ids, school_ids) -> pa.Table:
    """Return a piece of a table, sorted, with the ids and constants put in."""
    columns = dict(columns)
    if name in ORDER:
        keys = [columns[k].codes if isinstance(columns[k], Coded) else columns[k] for k in ORDER[name]]
        order = np.lexsort(keys[::-1])
        columns = {k: Coded(v.codes[order], v.values) if isinstance(v, Coded) else v[order] for k, v in columns.items()}
    wanted = TABLES[name][2]
    if "pupil" in columns:
        columns["student_id"] = _only_used(columns.pop("pupil"), ids)
    if "school" in columns:
        columns["school_id"] = Coded(columns.pop("school"), school_ids)
    if name == "assessments":
        columns["test"] = Coded(np.zeros(len(columns["date"]), int), np.array([learning.TEST]))
        columns["subject"] = Coded(columns["subject"], np.array(learning.SUBJECTS))
        columns["grade"] = Coded(columns["grade"] + 1, registers.GRADE_VALUES)
    arrays = [arrow_column(column, columns[key]) for key, column in wanted.items()]
    return pa.Table.from_arrays(arrays, names=list(wanted))


def _only_used(pupil: np.ndarray, ids: np.ndarray) -> Coded:
    """Keep only the ids that a piece uses, so that many small pieces do not each carry all."""
    used, codes = np.unique(pupil, return_inverse=True)
    return Coded(codes, ids[used])
