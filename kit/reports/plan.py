"""Which reports there are: whom a template is about, and what each report's file is called."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import kit
from kit.errors import KitError

__all__ = [
    "SUBJECTS",
    "Unit",
    "alphabetical",
    "file_names",
    "find_template",
    "subject_of",
    "unit_list",
    "unit_slugs",
]

# What a template's reports are about (``"kit": {"subject": …}`` in the notebook's metadata), and the parameter that
# names the one of each report.
SUBJECTS = {"school": "school_id", "district": "district_id", "network": None}
# Its pages have the plain names (0101.html); other templates and languages add theirs (0101.family.es.html).
_PLAIN = ("school-report", "en")
_LONGEST_NAME = 60
# Names that mean something else: ours, and those that Windows keeps for devices.
_KEPT_NAMES = {"index", "manifest", "changes", "network", "sha256sums", "con", "prn", "aux", "nul"} | {
    f"{d}{n}" for d in ("com", "lpt") for n in range(10)
}


@dataclass(frozen=True)
class Unit:
    """One school, district or network as the index and the manifest name it; ``file`` is its page."""

    unit_id: str
    name: str
    district: str
    level: str
    file: str
    district_id: str = ""
    subject: str = "school"


def find_template(template: str | Path) -> Path:
    """Find a notebook by its name in ``templates/`` or by its path.

    Raises
    ------
    KitError
        If there is none; those of the kit are named.
    """
    path = Path(template)
    for found in (path, kit.home() / "templates" / f"{template}.ipynb"):
        if found.suffix == ".ipynb" and found.is_file():
            return found
    names = sorted(p.stem for p in (kit.home() / "templates").glob("*.ipynb"))
    raise KitError(f"there is no template '{template}'", mend=f"Templates: {', '.join(names)}; or a path.")


def subject_of(template: Path) -> str:
    """Return whom a template's reports are about: school (also where it does not say), district or network.

    Raises
    ------
    KitError
        If it is not a notebook, or says something else.
    """
    try:
        metadata = json.loads(template.read_text("utf-8"))["metadata"]
        subject = metadata.get("kit", {}).get("subject", "school")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise KitError("the template cannot be read as a notebook", where=str(template)) from None
    if subject not in SUBJECTS:
        raise KitError(
            f"the template's subject is '{subject}'", where=str(template), mend=f"Use {', '.join(SUBJECTS)}."
        )
    return subject


def unit_slugs(ids: Iterable[str], otherwise: str = "school") -> dict[str, str]:
    """Give each id a name that is safe for a file or folder on every system.

    A plain id is its own name. Where an id has other characters, is very long or differs from another by case only,
    a mark made from the id itself is added, so that no two share a name and it is the same in the next run.

    Parameters
    ----------
    ids : iterable of str
    otherwise : str
        Stands for an id without a single letter or digit.
    """
    ids = [str(i) for i in ids]
    folded = Counter(i.casefold() for i in set(ids))
    names = {}
    for unit_id in ids:
        slug = re.sub(r"[^A-Za-z0-9_-]+", "-", unit_id).strip("-")[:_LONGEST_NAME]
        if slug != unit_id or folded[unit_id.casefold()] > 1 or slug.casefold() in _KEPT_NAMES:
            mark = hashlib.sha256(unit_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            slug = f"{slug or otherwise}-{mark}"
        names[unit_id] = slug
    return names


def file_names(
    unit_ids: Iterable[str], template: str = "school-report", language: str = "en", subject: str = "school"
) -> dict[str, str]:
    """Name the pages of a template's reports.

    The school report in English has the school's id (``0101.html``). Any other template, and any other language, adds
    its name (``0101.family.html``, ``0101.family.es.html``), so that all of them stand in one folder. Other formats
    have the page's name with their own ending.

    Parameters
    ----------
    unit_ids : iterable of str
        All schools, or all districts: two that differ by case only are kept apart.
    template : str
        Name of the notebook, without its ending.
    language : str
    subject : {"school", "district", "network"}

    Examples
    --------
    >>> file_names(["0101", "../x"])
    {'0101': '0101.html', '../x': 'x-92c4def6.html'}
    >>> file_names(["0101"], "family", "es")
    {'0101': '0101.family.es.html'}
    """
    ending = ""
    if (template, language) != _PLAIN or subject != "school":
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", template).strip("-")[:_LONGEST_NAME] or "template"
        ending = f".{stem}" + ("" if language == "en" else f".{re.sub('[^A-Za-z0-9-]+', '-', language)}")
    slugs = {"network": "network"} if subject == "network" else unit_slugs(unit_ids, subject)
    return {unit_id: f"{slug}{ending}.html" for unit_id, slug in slugs.items()}


def unit_list(
    schools: pd.DataFrame,
    subject: str = "school",
    *,
    template: str = "school-report",
    language: str = "en",
    network: str = "",
) -> list[Unit]:
    """Return those whom a template is about by district and name, in alphabetical order.

    Parameters
    ----------
    schools : DataFrame
        Columns ``school_id``, ``school_name``, ``district_id``, ``district_name``, ``level``.
    subject : {"school", "district", "network"}
    template, language : str
        As for :func:`file_names`.
    network : str
        The network's name.
    """
    if subject == "network":
        file = file_names(["network"], template, language, subject)["network"]
        return [Unit("network", network, "", "", file, subject=subject)]
    if subject == "district":
        rows = schools.astype({"district_id": str}).drop_duplicates("district_id")
        rows = rows[rows["district_id"].ne("")]  # schools without a district make none
        files = file_names(rows["district_id"], template, language, subject)
        units = [
            Unit(
                r.district_id,
                str(r.district_name),
                str(r.district_name),
                "",
                files[r.district_id],
                r.district_id,
                subject,
            )
            for r in rows.itertuples()
        ]
    else:
        rows = schools.astype({"school_id": str}).drop_duplicates("school_id")
        files = file_names(rows["school_id"], template, language, subject)
        units = [
            Unit(
                r.school_id,
                str(r.school_name),
                str(r.district_name),
                str(r.level),
                files[r.school_id],
                str(r.district_id),
            )
            for r in rows.itertuples()
        ]
    return sorted(units, key=lambda u: (alphabetical(u.district), alphabetical(u.name), u.unit_id))


def alphabetical(text: str) -> str:
    """Return what to sort a name by: as a list for readers does, without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
