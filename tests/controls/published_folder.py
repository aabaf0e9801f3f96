"""A data folder of published results: the reports' ten schools with hostile names, written as files."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
from report_network import HOSTILE, results, schools

__all__ = ["HOSTILE", "errors_shown", "write_published"]


def write_published(folder: Path) -> Path:
    """Write ``schools.csv`` and ``results.csv`` into a new folder."""
    folder.mkdir(parents=True)
    schools().to_csv(folder / "schools.csv", index=False)
    # The reports' numbers of attendance go above 100 % in some grades, which a folder may not.
    rows = results()
    rows.assign(value=rows["value"].clip(upper=100)).to_csv(folder / "results.csv", index=False)
    return folder


def errors_shown(state: dict) -> list[str]:
    """Return what went wrong in the widgets' state: messages marked as errors, and outputs that are errors."""
    found = []
    for model in state.values():
        inner = model.get("state", model)
        if "kit-error" in str(inner.get("value", "")):
            found.append(inner["value"])
        found += [str(o) for o in inner.get("outputs", ()) if o.get("output_type") in ("error", "stream")]
    return found
