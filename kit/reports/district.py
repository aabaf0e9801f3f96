"""The report of a district: what the template notebook calls, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kit.errors import KitError
from kit.language import _
from kit.privacy import REPORT_MINIMUM
from kit.reports.overview import Overview, in_alphabetical_order
from kit.reports.prepared import load, report_language

__all__ = ["DistrictReport", "district_report"]


@dataclass(frozen=True)
class DistrictReport(Overview):
    """One district and its schools; see :class:`kit.reports.overview.Overview`."""

    unit_type = "district"

    @property
    def name(self) -> str:
        return self._district_names.get(self.unit_id, "") or _("This district")

    @cached_property
    def schools(self) -> list[dict[str, str]]:
        mine = (s for s in self.prepared.school_rows.values() if s.get("district_id") == self.unit_id)
        return in_alphabetical_order(list(mine))


def district_report(
    data: str | Path,
    district_id: str = "",
    school_year: int = 0,
    minimum: int = REPORT_MINIMUM,
    live: bool = True,
    language: str = "en",
) -> DistrictReport:
    """Open the report of one district.

    Parameters
    ----------
    data : str or Path
        A data folder, or a folder that ``Prepared.write`` made.
    district_id : str
        Empty: the first district by id.
    school_year : int
        Ending year; 0 is the latest.
    minimum : int
        The smallest group that is shown; 11 is the lowest allowed.
    live : bool
        True where a person looks at it in JupyterLab.
    language : str
        Language tag, such as ``es``; a district's own catalogues are those beside its data.

    Raises
    ------
    KitError
        If no school is of the district (the nearest ids are named), or there is no catalogue of the language.
    """
    prepared = load(data, school_year=school_year, minimum=minimum)
    known = sorted({s.get("district_id", "") for s in prepared.school_rows.values()} - {""})
    if not district_id and known:
        district_id = known[0]
    if district_id not in known:
        from difflib import get_close_matches

        near = get_close_matches(str(district_id), known, 3)
        raise KitError(
            f"no district has the id '{district_id}'" if known else "no school has a district_id",
            where=str(data),
            mend=f"Did you mean {', '.join(near)}?" if near else "See district_id in the table schools.",
        )
    return DistrictReport(prepared, district_id, live, report_language(data, language))
