"""Which reports there are, what each file is called, and what each was made from."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

import kit
from kit.privacy import Released

__all__ = ["School", "alphabetical", "code_fingerprint", "data_fingerprints", "file_names", "school_list"]

_LONGEST_NAME = 60
# Names that mean something else: ours, and those that Windows keeps for devices.
_KEPT_NAMES = {"index", "manifest", "con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
# Where another version draws or writes another page.
_LIBRARIES = ("altair", "ipython", "nbconvert", "pandas", "papermill", "vl-convert-python")


@dataclass(frozen=True)
class School:
    """One school as the index and the manifest name it; ``file`` is its report."""

    school_id: str
    name: str
    district: str
    level: str
    file: str


def file_names(school_ids: Iterable[str]) -> dict[str, str]:
    """Give each school's report a file name that is safe on every system.

    A plain id is its own name (``0101`` gives ``0101.html``). Where an id has other characters, is very long or
    differs from another by case only, a mark made from the id itself is added, so that no two
    share a file and the name is the same in the next run.

    Examples
    --------
    >>> file_names(["0101", "../x"])
    {'0101': '0101.html', '../x': 'x-92c4def6.html'}
    """
    ids = [str(i) for i in school_ids]
    folded = Counter(i.casefold() for i in set(ids))
    names = {}
    for school_id in ids:
        slug = re.sub(r"[^A-Za-z0-9_-]+", "-", school_id).strip("-")[:_LONGEST_NAME]
        if slug != school_id or folded[school_id.casefold()] > 1 or slug.casefold() in _KEPT_NAMES:
            mark = hashlib.sha256(school_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            slug = f"{slug or 'school'}-{mark}"
        names[school_id] = f"{slug}.html"
    return names


def school_list(schools: pd.DataFrame) -> list[School]:
    """Return the schools of the schools table by district and name, in alphabetical order.

    Parameters
    ----------
    schools : DataFrame
        Columns ``school_id``, ``school_name``, ``district_name``, ``level``.
    """
    files = file_names(schools["school_id"])
    rows = [
        School(str(r.school_id), str(r.school_name), str(r.district_name), str(r.level), files[str(r.school_id)])
        for r in schools.drop_duplicates("school_id").itertuples()
    ]
    return sorted(rows, key=lambda s: (alphabetical(s.district), alphabetical(s.name), s.school_id))


def alphabetical(text: str) -> str:
    """Return what to sort a name by: as a list for readers does, without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def code_fingerprint(settings: dict, template: Path | None = None) -> str:
    """Fingerprint what is the same for all reports: code, page, libraries, settings, template."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    digest.update(template.read_bytes() if template else b"")
    root = kit.home()
    parts = [*(root / "kit").rglob("*"), *(root / "templates" / "html").rglob("*")]
    for path in sorted(p for p in parts if p.is_file() and p.suffix not in (".pyc", ".pyo")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {version(library)}\0".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def data_fingerprints(prepared) -> dict[str, str]:
    """Fingerprint, for each school, the released numbers that its report can show.

    These are its own rows, those of its district and of the network, and, because the report places
    the school among those of its level, the whole-school rows (no group, no grade) of these schools.

    Parameters
    ----------
    prepared : kit.reports.prepared.Prepared
        Any dataclass whose fields are tables or plain values.
    """
    schools = prepared.schools.drop_duplicates("school_id")
    ids, levels = schools["school_id"].astype(str), schools["level"].astype(str)
    districts = dict(zip(ids, schools["district_id"].astype(str), strict=True))
    level_of = dict(zip(ids, levels, strict=True))
    digests = {i: hashlib.sha256() for i in ids}
    for name, value in _parts(prepared):
        if not isinstance(value, pd.DataFrame):
            for digest in digests.values():
                digest.update(f"{name}={value!r}\0".encode())
            continue
        own, shared = _split(value, districts, level_of)
        for school_id, digest in digests.items():
            digest.update(f"{name}:{','.join(map(str, value.columns))}\0".encode())
            digest.update(own.get(school_id, b"") + b"\0")
            for key in (("district", districts[school_id]), ("level", level_of[school_id]), ("all", "")):
                digest.update(shared.get(key, b"") + b"\0")
    return {i: d.hexdigest() for i, d in digests.items()}


def _parts(prepared) -> list[tuple[str, object]]:
    parts = []
    for field in fields(prepared):
        value = getattr(prepared, field.name)
        if isinstance(value, Released):
            parts.append((f"{field.name}.audience", value.audience))
        if isinstance(table := getattr(value, "table", None), pd.DataFrame):
            value = table
        if is_dataclass(value) and hasattr(value, "fingerprint"):
            value = replace(value, fingerprint="")  # of all the files: what counts is what came of them
        if isinstance(value, dict):
            parts += [(f"{field.name}.{k}", v) for k, v in sorted(value.items(), key=lambda kv: str(kv[0]))]
        else:
            parts.append((field.name, value))
    return parts


def _split(table: pd.DataFrame, districts: dict, level_of: dict) -> tuple[dict, dict]:
    """Hash a table's rows and sort the hashes by the school, district or level that they concern."""
    plain = table.astype({c: str for c in table.columns if table[c].dtype == object})
    hashes = pd.util.hash_pandas_object(plain, index=False).to_numpy()

    def joined(keys: pd.Series) -> dict:
        return {k: hashes[i].tobytes() for k, i in keys.groupby(keys, sort=True).indices.items()}

    def place(keys: pd.Series, mask) -> pd.Series:
        return keys.reset_index(drop=True).where(pd.Series(mask).reset_index(drop=True))

    shared: dict = {}
    if "unit_id" in table.columns:
        unit = table["unit_id"].astype(str)
        kind = table["unit_type"].astype(str) if "unit_type" in table.columns else unit.map(lambda _: "school")
        whole = kind == "school"
        for column in ("student_group", "grade"):
            if column in table.columns:
                whole &= table[column].astype(str) == "all"
        own = joined(place(unit, kind == "school"))
        shared |= {("district", k): v for k, v in joined(place(unit, kind == "district")).items()}
        shared[("all", "")] = hashes[(~kind.isin(["school", "district"])).to_numpy()].tobytes()
        shared |= {("level", k): v for k, v in joined(place(unit.map(level_of), whole)).items()}
    elif "school_id" in table.columns:
        unit = table["school_id"].astype(str)
        own = joined(unit.reset_index(drop=True))
        if "school_name" in table.columns:  # the schools named beside this one
            shared |= {("level", k): v for k, v in joined(unit.map(level_of).reset_index(drop=True)).items()}
    else:
        own, shared[("all", "")] = {}, hashes.tobytes()
    return own, shared
