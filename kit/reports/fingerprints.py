"""What each report was made from: fingerprints of the data, the rules, the template and the kit.

Each is a digest (SHA-256) that changes where what it stands for does. A report is current while all four are those it
was made from, and the manifest says which of them changed where it is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

import kit
from kit.privacy import Released
from kit.reports.plan import Unit

__all__ = [
    "PARTS",
    "combined",
    "data_fingerprints",
    "kit_fingerprint",
    "rules_fingerprint",
    "template_fingerprint",
    "unit_fingerprints",
]

PARTS = ("data", "rules", "template", "kit")
# Where another version draws or writes another page.
_LIBRARIES = ("altair", "babel", "ipython", "nbconvert", "openpyxl", "pandas", "papermill", "vl-convert-python")
# Rules, definitions and levels are data in the kit's own folder; everything else in it is code.
_RULES = (".toml", ".csv")
# Where the records are says nothing of what was counted, and may hold a password.
_NOT_RULES = ("records",)


def combined(parts: dict[str, str], language: str) -> str:
    """Return one fingerprint of the four and the language."""
    text = json.dumps([*(parts[name] for name in PARTS), language])
    return hashlib.sha256(text.encode()).hexdigest()


def rules_fingerprint(settings: dict, folder: Path) -> str:
    """Fingerprint what decides how things are counted and judged.

    Parameters
    ----------
    settings : dict
        ``kit.toml`` of the data folder.
    folder : Path
        The data folder, in which the cut points of the levels lie that the settings name.
    """
    kept = {name: value for name, value in settings.items() if name not in _NOT_RULES}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode())
    if baseline := str(settings.get("levels", {}).get("baseline", "") or ""):
        path = folder / baseline
        digest.update(path.read_bytes() if path.is_file() else b"")
    digest.update(_of_files(p for p in _kits_own() if p.suffix in _RULES and not _is_words(p)).digest())
    return digest.hexdigest()


def template_fingerprint(template: Path, catalogues: Path | None = None) -> str:
    """Fingerprint the notebook, the page that it becomes, and a district's own translations."""
    digest = hashlib.sha256(template.read_bytes())
    pages = kit.home() / "templates"
    parts = [p for p in pages.rglob("*") if p.is_file() and p.suffix != ".ipynb" and p.parent != pages / "index"]
    digest.update(_of_files(parts).digest())
    if catalogues and catalogues.is_dir():
        for path in sorted(catalogues.glob("*.po")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def kit_fingerprint() -> str:
    """Fingerprint the kit's code and words, and the versions of what it draws and writes with."""
    digest = _of_files(p for p in _kits_own() if p.suffix not in _RULES or _is_words(p))
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {version(library)}\0".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def unit_fingerprints(prepared, units: Iterable[Unit]) -> dict[str, str]:
    """Fingerprint, for each unit, the released numbers that its report can show.

    A school's are those of :func:`data_fingerprints`; the network's those of all schools; a district's those of its
    own, and the rows of every other school: its page says how its schools stand among all of their level, and what the
    numbers of all schools predict for students such as theirs.

    Parameters
    ----------
    prepared : kit.reports.prepared.Prepared
    units : iterable of Unit
        All of one subject.
    """
    of_schools = data_fingerprints(prepared)
    schools = prepared.schools.drop_duplicates("school_id")
    members: dict[str, list[str]] = {}
    for school_id, district_id in zip(
        schools["school_id"].astype(str), schools["district_id"].astype(str), strict=True
    ):
        members.setdefault(district_id, []).append(school_id)
    out, of_rows = {}, ""
    for unit in units:
        if unit.subject == "school":
            out[unit.unit_id] = of_schools[unit.unit_id]
            continue
        of_rows = of_rows or _every_school(prepared)
        ids = sorted(of_schools) if unit.subject == "network" else sorted(members[unit.unit_id])
        text = json.dumps([unit.subject, unit.unit_id, of_rows, *((i, of_schools[i]) for i in ids)])
        out[unit.unit_id] = hashlib.sha256(text.encode()).hexdigest()
    return out


def _every_school(prepared) -> str:
    """Fingerprint the schools and all of their released rows."""
    digest, table = hashlib.sha256(), prepared.released.table
    for some in (prepared.schools, table[table["unit_type"].eq("school")]):
        plain = some.astype({c: str for c in some.columns if some[c].dtype == object})
        digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
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


def _kits_own() -> list[Path]:
    own = (kit.home() / "kit").rglob("*")
    return [p for p in own if p.is_file() and p.suffix not in (".pyc", ".pyo") and "__pycache__" not in p.parts]


def _is_words(path: Path) -> bool:
    return "language" in path.relative_to(kit.home() / "kit").parts[:1]


def _of_files(paths: Iterable[Path]):
    """Return a digest of the files' places and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(kit.home()).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest
