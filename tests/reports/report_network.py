"""A small network of published results with hostile names, as a workspace would give them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kit.measures.results import RESULT_COLUMNS
from kit.privacy import release

__all__ = ["HOSTILE", "MEASURES", "Published", "results", "run_template", "schools"]

HOSTILE = "<script>alert(1)</script> {{7*7}} \"q\" 'a' & </script> 🎓 =1+1"
YEARS = (2024, 2025, 2026)
GROUPS = {"all": 300, "english_learner": 60, "disability": 45, "foster": 8, "race_hispanic_or_latino": 150}
MEASURES = ("chronic_absence", "attendance_rate", "ela_proficient", "climate_safety_student", "climate_safety_staff")
GRADES = {"K": 50, "1": 50, "2": 50, "3": 50, "4": 50, "5": 50}


def _rate(measure: str, school: int, year: int, group: str) -> float:
    start = {"chronic_absence": 15.0, "attendance_rate": 94.0}.get(measure, 50.0)
    step = {"all": 0.0, "english_learner": 20.0, "disability": 12.0}.get(group, 2.0)
    sign = 1 if measure == "chronic_absence" else -1
    scale = 0.2 if measure == "attendance_rate" else 1.0
    return start + scale * (1.5 * school + (year - 2024) + sign * step)


def results() -> pd.DataFrame:
    """Return results of ten elementary schools in two districts and the network, over three years."""
    rows = []
    units = [("school", f"s{i}", i) for i in range(10)] + [("district", "d0", 4), ("district", "d1", 5)]
    for kind, unit, i in [*units, ("network", "network", 4)]:
        times = {"school": 1, "district": 5, "network": 10}[kind]
        for year in YEARS:
            for measure in MEASURES:
                sizes = [("all", g, n) for g, n in GRADES.items()] if not measure.startswith("climate") else []
                sizes += [(g, "all", n) for g, n in GROUPS.items() if not (measure.endswith("staff") and g != "all")]
                for group, grade, size in sizes:
                    n = size * times
                    value = _rate(measure, i, year, group) + (int(grade) if grade.isdigit() else 0)
                    count = None if measure == "attendance_rate" else round(n * value / 100)
                    value = value if count is None else 100 * count / n
                    rows.append((year, kind, unit, measure, group, grade, n, count, value))
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)


def schools() -> pd.DataFrame:
    """Return the ten schools; the first has a hostile name, and so has its district."""
    return pd.DataFrame(
        {
            "school_id": [f"s{i}" for i in range(10)],
            "school_name": [HOSTILE] + [f"School {i}" for i in range(1, 10)],
            "district_id": ["d0"] * 5 + ["d1"] * 5,
            "district_name": [f"District {HOSTILE}"] * 5 + ["Plain District"] * 5,
            "level": ["elementary"] * 10,
            "low_grade": ["K"] * 10,
            "high_grade": ["5"] * 10,
        }
    )


class Published:
    """Stands in for a workspace that holds published results."""

    name = f"Network {HOSTILE}"
    folder = Path("published")

    def results(self) -> pd.DataFrame:
        return results()

    def schools(self) -> pd.DataFrame:
        return schools()

    def released(self, *, audience: str = "internal", minimum: int = 20):
        return release(results(), audience=audience, minimum=minimum, schools=schools())

    def missing(self) -> list[tuple[str, list[str]]]:
        return [("discipline", ["suspension"])]

    def fingerprint(self) -> str:
        return "0"


def run_template(folder: Path, school_id: str, *, live: bool = False):
    """Run the template notebook's cells in this process and return the executed notebook."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    import kit

    book = load_notebook_node(str(kit.home() / "templates" / "school-report.ipynb"))
    book = parameterize_notebook(book, {"data": str(folder), "school_id": school_id, "live": live})
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
