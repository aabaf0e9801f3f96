"""What is picked now: the folder, school, year and measures. Pickers write it, displays follow it."""

from __future__ import annotations

import traitlets as t

from kit.charts.words import year
from kit.controls.opened import OpenedFolder
from kit.reports.school import SchoolReport

__all__ = ["Choice"]


class Choice(t.HasTraits):
    """The picks of one notebook.

    Attributes
    ----------
    opened : OpenedFolder or None
        None until a folder with numbers is open.
    school_id : str
    school_year : int
        Ending year.
    theme : str
    measure : str
        Empty: all measures of the theme.
    across, upward : str
        The two measures of the schools' display.
    lacks : str
        Why the project's own measure is not picked, in words; empty where it is, or none is named.
    """

    opened = t.Instance(OpenedFolder, allow_none=True)
    school_id = t.Unicode()
    school_year = t.Int()
    theme = t.Unicode()
    measure = t.Unicode()
    across = t.Unicode()
    upward = t.Unicode()
    lacks = t.Unicode()

    @property
    def ready(self) -> bool:
        """Whether there is a school to show."""
        return self.opened is not None and bool(self.school_id)

    def report(self, *, live: bool) -> SchoolReport:
        """Return the report of the picked school and year."""
        return self.opened.report(self.school_id, self.school_year, live=live)

    def words(self) -> str:
        """Name the school and the year."""
        name = self.opened.prepared(self.school_year).school_rows[self.school_id]["school_name"]
        return f"{name}, {year(self.school_year)}"
