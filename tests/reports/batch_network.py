"""A small network of published results with hostile ids and names, and templates that do what a test asks for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pandas as pd

__all__ = ["NAMES", "content", "made_so_far", "pages", "processes_of", "read", "write_data", "write_template"]

NAMES = {
    "0101": "Plain Elementary",
    "ab": "Lower, with a comma",
    "AB": "<script>alert(1)</script>",
    "../up": 'A "quoted" {{name}}',
    "🏫 1": "=HYPERLINK(1) é 学校",
    "...": "Dots",
    "x" * 200: "Long",
    "raises": "Raises",
    "hangs": "Hangs",
    "eats": "Eats",
    "dies": "Dies",
    "takes-its-maker": "Takes its maker with it",
}


def write_data(folder: Path, changed: str = "", number: int = 40, names: dict[str, str] = NAMES) -> Path:
    """Write results of the schools; ``changed`` has another number for its English learners."""
    folder.mkdir(exist_ok=True)
    schools = [
        {"school_id": i, "school_name": n, "district_id": d, "district_name": f"District {d}", "level": "elementary"}
        for (i, n), d in zip(names.items(), "AB" * 6, strict=False)
    ]
    rows = []
    for year in (2025, 2026):
        units = [("school", i) for i in names] + [("district", "A"), ("district", "B"), ("network", "network")]
        for kind, unit in units:
            for group in ("all", "english_learner"):
                count = number if (unit, group) == (changed, "english_learner") else 20
                row = (year, kind, unit, "chronic_absence", group, "all", 200, count, count / 2)
                rows.append(row)
    columns = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade", "n", "count", "value"]
    pd.DataFrame(schools).to_csv(folder / "schools.csv", index=False)
    pd.DataFrame(rows, columns=columns).to_csv(folder / "results.csv", index=False)
    return folder


def write_template(path: Path, behaviour: str, subject: str = "school") -> Path:
    """Write a notebook whose cell ``behaviour`` does something before the next one says its parameters."""
    code = nbformat.v4.new_code_cell
    own = {"school": "school_id", "district": "district_id", "network": "subject"}[subject]
    parameters = f'data = ""\n{own} = "{subject}"\nschool_year = 0\nminimum = 20\nlive = True\nlanguage = "en"'
    cells = [
        code(parameters, metadata={"tags": ["parameters"]}, id="parameters"),
        code(behaviour, id="behaviour"),
        code(
            "from IPython.display import HTML\nfrom html import escape\n"
            f"HTML(f'<p id=\"said\">{{escape({own})}}|{{school_year}}|{{minimum}}|{{live}}|{{language}}</p>')",
            id="says",
        ),
    ]
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    metadata = {"kernelspec": spec} | ({} if subject == "school" else {"kit": {"subject": subject}})
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def content(out: Path) -> dict:
    """Return the manifest."""
    return json.loads((out / "manifest.json").read_text("utf-8"))


def read(out: Path) -> dict[str, dict]:
    """Return the manifest's entries of schools by id."""
    return {e["school_id"]: e for e in content(out)["schools"]}


def pages(out: Path) -> dict[str, bytes]:
    """Return the reports' pages by their names."""
    return {p.name: p.read_bytes() for p in out.glob("*.html") if p.name not in ("index.html", "changes.html")}


def made_so_far(out: Path) -> list[dict]:
    """Return what the run at work has noted of each report that it made."""
    try:
        lines = (out / ".made-so-far").read_text("utf-8").split("\n")
    except OSError:
        return []
    return [json.loads(line) for line in lines if line.endswith("}")]


def processes_of(out: Path) -> list[int]:
    """Find processes that still hold a file of the run open or have it as their argument (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            inside = (entry / "cwd").resolve() == out.parent
        except OSError:
            continue
        if (str(out).encode() in words or inside) and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found
