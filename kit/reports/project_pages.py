"""A project's printable pages: each notebook of the cycle run in batch, one HTML file each, with no network."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from kit import home
from kit.errors import KitError

__all__ = ["CYCLE", "project_pages"]

_TITLE = re.compile(r"^# (?:\d+\. )?(.+)$", re.MULTILINE)
_HEADING = re.compile(r"^(##+ )(?:\d+\. )?(.+)$", re.MULTILINE)

# The notebooks of the cycle, in its order.
CYCLE = (
    "1-define-the-problem",
    "2-see-the-system",
    "3-test-changes-pdsa",
    "4-measure-impact",
    "5-sustain-and-spread",
)


def project_pages(
    data: str | Path,
    project_id: str,
    out: str | Path,
    *,
    title: str = "",
    notebooks: Sequence[str] = CYCLE,
    say: Callable[[str], None] = lambda _: None,
    timeout: int = 900,
) -> list[Path]:
    """Render notebooks of the cycle for a project.

    Parameters
    ----------
    data : str or Path
        The data folder whose store holds the project.
    project_id : str
    out : str or Path
        Folder for the pages; made if absent.
    title : str
        The project's title, as the pages' heading.
    notebooks : sequence of str
        Names in ``notebooks/`` without their ending.
    say : callable
        Is told which page is made.
    timeout : int
        Seconds that one cell may take.

    Returns
    -------
    list of Path
        Each page is written whole or not at all.

    Raises
    ------
    KitError
        If a notebook fails, with its cell and reason; the pages made until then are whole.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from kit.reports.engine import register
    from kit.reports.html import page

    register()
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KitError(f"the folder cannot be made ({error.strerror})", where=str(out)) from None
    made = []
    for name in notebooks:
        say(name)
        parameters = {"data": str(Path(data).resolve()), "project": project_id, "live": False}
        try:
            book = papermill.execute_notebook(
                str(home() / "notebooks" / f"{name}.ipynb"), None, parameters=parameters, engine_name="kit",
                progress_bar=False, execution_timeout=timeout, cwd=str(home() / "notebooks"),
            )  # fmt: skip
        except PapermillExecutionError as error:
            raise KitError(f"{name}: {error.ename}: {error.evalue}", where=str(out), mend="Run «kit check».") from None
        place = out / f"{name}.html"
        beside = place.with_suffix(".unfinished")
        heading = _for_readers(book) or name
        try:
            beside.write_text(page(book, title=title or project_id, subtitle=heading), encoding="utf-8")
            os.replace(beside, place)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise KitError(f"the page cannot be written ({error.strerror})", where=str(place)) from None
        made.append(place)
    return made


def _for_readers(book) -> str:
    """Leave out what only a meeting needs (how to begin, what to do in a part, numbers of parts); return the title."""
    title = ""
    for cell in book.cells:
        if cell.cell_type != "markdown":
            continue
        if found := _TITLE.search(cell.source):
            title = found[1]
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "live-only"]
        elif cell["id"] != "sources":
            cell.source = "\n".join(f"{level}{words}" for level, words in _HEADING.findall(cell.source))
    return title
