"""Pre-reads: the notebook of a theme rendered for each district, one HTML page a district."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import kit
from kit.controls.explore_themes import theme as find_theme
from kit.errors import KitError
from kit.reports.manifest import write_whole

__all__ = ["make_prereads"]

# No source: a notebook that takes longer is stuck.
_SECONDS = 600
_NUMBER = re.compile(r"^## \d+\. ", re.MULTILINE)


def make_prereads(
    data: str | Path,
    theme: str,
    out: str | Path,
    *,
    districts: Sequence[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Path], list[str]]:
    """Render a theme's notebook for districts.

    The numbers are read once, here; each notebook runs in a child forked from this process.

    Parameters
    ----------
    data : str or Path
    theme : str
    out : str or Path
        Folder for the pages.
    districts : sequence of str, optional
        Ids; left out, every district; empty, the network.
    say : callable
        Is told each step.

    Returns
    -------
    made : list of Path
    failed : list of str
        A line for each that could not be made; the others are.

    Raises
    ------
    KitError
        For an unknown theme or district, or a folder that holds no numbers.
    """
    from kit.reports.engine import preload, register

    found = find_theme(theme)
    register()
    # First: widgets that were made before the kernel would look for its predecessor when they go.
    preload()
    from kit.controls.explore_place import keep_open
    from kit.controls.exploring import open_explore

    say("Reading the numbers, once for all.")
    # Everything that the pages need is asked for here, so that each child has it and no database is open there.
    warm = open_explore(str(data), theme, live=False)
    opened = warm.desk.numbers().opened
    keep_open(opened)
    rows = opened.latest.school_rows.values()
    names = {r["district_id"]: r["district_name"] or r["district_id"] for r in rows if r["district_id"]}
    wanted = sorted(names) if districts is None else list(districts) or [""]
    if unknown := [d for d in wanted if d and d not in names]:
        raise KitError(f"There is no district '{unknown[0]}'", where=str(data),
                       mend=f"Districts: {', '.join(sorted(names)) or 'none is named in schools'}.")  # fmt: skip
    if not wanted:
        wanted = [""]
    warm.sources(), warm.since(), warm.attention(), [warm.own(name) for name in found.own]
    warm.desk.store.close()
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    made, failed = [], []
    for district in wanted:
        name = names.get(district, "The network")
        try:
            html = _render(data, theme, district, name, found.title)
        except Exception as error:  # one district that fails is listed, the others are made
            first = str(error).strip().splitlines()
            failed.append(f"{name}: {first[-1][:200] if first else type(error).__name__}")
            continue
        path = folder / f"{theme}-{_plain(district) or 'network'}.html"
        write_whole(path, html)
        made.append(path)
        say(f"{name}: {path.name}")
    return made, failed


def _render(data: str | Path, theme: str, district: str, name: str, title: str) -> str:
    from papermill.engines import papermill_engines
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from kit.reports.html import page

    book = load_notebook_node(str(kit.home() / "notebooks" / "explore" / f"{theme}.ipynb"))
    parameters = {"data": str(Path(data).resolve()), "district_id": district, "project": "", "live": False}
    book = parameterize_notebook(book, parameters)
    engine = papermill_engines.get_engine("kit")
    done = engine.execute_notebook(book, "python3", execution_timeout=_SECONDS, progress_bar=False, log_output=False)
    errors = [o for c in done.cells for o in c.get("outputs", ()) if o.get("output_type") == "error"]
    if errors:
        raise KitError(f"{errors[0]['ename']}: {errors[0]['evalue']}")
    for cell in done.cells:
        if cell.cell_type == "markdown":
            cell.source = _NUMBER.sub("## ", cell.source)  # parts are left out, so the numbers would have gaps
        # What only a meeting needs: the clock, and how to begin.
        if cell["id"] in ("welcome", "project", "project-picker", "session", "session-clock"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "live-only"]
    return page(done, title=name, subtitle=f"Exploration: {title.lower()}. A pre-read of {date.today():%d %B %Y}")


def _plain(text: str) -> str:
    """Return an id as part of a file name, whatever it holds."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda m: f"%{ord(m[0]):x}", text)
