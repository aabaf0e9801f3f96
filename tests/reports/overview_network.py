"""A network of published results for the reports about many schools, with planted changes, gaps and small groups."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from report_network import HOSTILE

import kit
from kit.measures.registry import measures
from kit.measures.results import RESULT_COLUMNS
from kit.privacy import release

__all__ = ["MANY", "MEASURES", "SMALL", "Planted", "every_measure", "planted", "results", "run_overview", "schools"]

MANY = 24
MEASURES = ("chronic_absence", "suspension", "ela_proficient", "math_proficient", "climate_safety_student")
GROUPS = {"all": 200, "disadvantaged": 80, "disability": 40, "english_learner": 60, "foster": 1}
SMALL = "s11"


def schools(count: int = MANY, districts: int = 2) -> pd.DataFrame:
    """Return elementary schools in districts of equal size; the first school and district have hostile names."""
    return pd.DataFrame(
        {
            "school_id": [f"s{i}" for i in range(count)],
            "school_name": [HOSTILE, *(f"School {i:03}" for i in range(1, count))],
            "district_id": [f"d{i * districts // count}" for i in range(count)],
            "district_name": [
                f"District {HOSTILE}" if i * districts // count == 0 else f"District {i * districts // count}"
                for i in range(count)
            ],
            "level": ["elementary"] * count,
        }
    )


def planted(school: int, measure: str, year: int, group: str) -> tuple[int, int]:
    """Return n and count of a school; what is not planted stays the same from year to year.

    s5's chronic absence rises from 15 % to 45 %; s7's share at the standard in English from 40 % to 60 %; in s3 the
    absence of disadvantaged students rises from 25 % to 60 % and that of the others falls as much; s11 is small, and
    each school has one foster youth.
    """
    n = GROUPS[group]
    if f"s{school}" == SMALL:
        n = {"all": 15, "disadvantaged": 6, "disability": 3, "english_learner": 4, "foster": 1}[group]
    lower = measure in ("chronic_absence", "suspension")
    rate = (10 + school % MANY) if lower else (60 - school % MANY)
    if measure == "suspension":
        rate = 4
    if measure == "math_proficient":
        rate = 50
    if measure == "chronic_absence" and school == 5:
        rate = 45 if year == 2026 else 15
    if measure == "ela_proficient" and school == 7:
        rate = 60 if year == 2026 else 40
    if measure == "chronic_absence" and school == 3 and group == "disadvantaged":
        rate = 60 if year == 2026 else 25
    if measure == "chronic_absence" and school == 3 and group == "all":
        rate = 30
    return n, round(n * rate / 100)


def results(count: int = MANY, districts: int = 2, names=MEASURES, groups=tuple(GROUPS)) -> pd.DataFrame:
    """Return two years of schools, and districts and the network as their sums."""
    rows = []
    for year in (2025, 2026):
        for measure in names:
            for group in groups:
                sums: dict[tuple[str, str], list[int]] = {}
                for i in range(count):
                    n, x = planted(i, measure, year, group)
                    units = [("school", f"s{i}"), ("district", f"d{i * districts // count}"), ("network", "network")]
                    for unit in units:
                        of = sums.setdefault(unit, [0, 0])
                        of[0] += n
                        of[1] += x
                rows += [(year, *unit, measure, group, "all", n, x, 100 * x / n) for unit, (n, x) in sums.items()]
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)


class Planted:
    """Stands in for a workspace of these results."""

    name = "Planted"
    folder = Path("planted")

    def __init__(self, count: int = MANY, districts: int = 2, **chosen):
        self.settings: dict = {}
        self._results = results(count, districts, **chosen)
        self._schools = schools(count, districts)

    def results(self) -> pd.DataFrame:
        return self._results

    def schools(self) -> pd.DataFrame:
        return self._schools

    def released(self, *, audience: str = "internal", minimum: int = 20):
        return release(self._results, audience=audience, minimum=minimum, schools=self._schools)

    def missing(self) -> list[tuple[str, list[str]]]:
        return [("marks", ["gpa", "hs_readiness"])]

    def fingerprint(self) -> str:
        return "0"


def run_overview(template: str, data: Path, *, live: bool = False, **parameters):
    """Run the cells of a template in this process and return the executed notebook."""
    book = load_notebook_node(str(kit.home() / "templates" / f"{template}.ipynb"))
    book = parameterize_notebook(book, {"data": str(data), "live": live} | parameters)
    shell = InteractiveShell.instance()
    for cell in book.cells:
        if cell.cell_type == "code":
            with capture_output() as captured:
                shell.run_cell(cell.source).raise_error()
            cell.outputs = [
                nbformat.v4.new_output("display_data", o.data, metadata=o.metadata or {}) for o in captured.outputs
            ]
    nbformat.validate(book)
    return book


def every_measure() -> tuple[str, ...]:
    """Return the rates among the measures, for a page as full as a page can be."""
    return tuple(i for i, m in measures().items() if m.unit == "percent")
