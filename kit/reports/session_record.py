"""The record of a session on one page: what was seen, wondered and decided, and who does what by when."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import nbformat

from kit import home
from kit.errors import KitError
from kit.inquiry import Entry, Project, kinds
from kit.inquiry.location import OWN_FOLDER
from kit.reports.html import page

__all__ = ["record_folder", "record_place", "session_record", "write_page"]

# What a session may leave behind, with its heading; decisions and actions come first.
_SAID = (("expectation", "We expected"), ("notice", "We noticed"), ("inference", "It may mean"),
         ("wondering", "We wonder"))  # fmt: skip


def session_record(project: Project, session: Entry) -> str:
    """Return the record as HTML; the facilitator's own notes are never in it.

    Parameters
    ----------
    project : Project
    session : Entry
        Of kind ``session``.
    """
    parts = [_facts(session)]
    decisions = project.entries("decision", session=session)
    parts.append(
        "<h2>What we decided</h2>" + _list([_with(d, "reason") for d in decisions], "No decision was written.")
    )
    parts.append("<h2>Who does what by when</h2>" + _actions(project.entries("action", session=session)))
    for kind_id, heading in _SAID:
        if found := [_with(e, "display") for e in _of_session(project, kind_id, session)]:
            parts.append(f"<h2>{heading}</h2>{_list(found)}")
    parts.append(_findings(project, session))
    if session["record"]:
        parts.append("<h2>More</h2>" + "".join(f"<p>{escape(p)}</p>" for p in session["record"].split("\n") if p))
    if session["timing"]:
        parts.append("<h2>Time</h2>" + _list([escape(line) for line in session["timing"]]))
    return "".join(parts)


def _of_session(project: Project, kind_id: str, session: Entry) -> Sequence[Entry]:
    return project.entries(kind_id, session=session) if kind_id in kinds() else ()


def _findings(project: Project, session: Entry) -> str:
    """Return strengths and challenges, those with the most dots first."""
    found = _of_session(project, "finding", session)
    if not found:
        return ""
    dots = Counter()
    for vote in project.entries("vote"):
        dots[vote["on"]] += vote["dots"] or 0
    rows = "".join(
        f'<tr><th scope="row">{escape(f["text"] or "")}</th><td>{escape(f["sort"] or "")}</td>'
        f"<td>{dots[f.id]}</td></tr>"
        for f in sorted(found, key=lambda f: (f["sort"] != "strength", -dots[f.id]))
    )
    head = "".join(f'<th scope="col">{h}</th>' for h in ("What", "Which", "Dots"))
    return (
        "<h2>Strengths and challenges</h2><table><caption>Strengths and challenges</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _facts(session: Entry) -> str:
    rows = [("Date", session["date"]), ("Led by", session["led_by"]), ("Present", "; ".join(session["present"] or ())),
            ("Roles", "; ".join(session["roles"] or ()))]  # fmt: skip
    cells = "".join(f"<div><dt>{k}</dt><dd>{escape(str(v))}</dd></div>" for k, v in rows if v)
    return f'<dl class="facts">{cells}</dl>'


def _with(entry: Entry, field: str) -> str:
    said = [str(entry[n]) for n in ("station", "figure", field) if n in kinds()[entry.kind].fields and entry[n]]
    tail = f" <small>{escape(', '.join(said))}</small>" if said else ""
    return f"{escape(str(entry['text'] or ''))}{tail}"


def _list(items: Sequence[str], none: str = "") -> str:
    if not items:
        return f'<p class="nothing">{escape(none)}</p>'
    return "<ul>" + "".join(f"<li>{i}</li>" for i in items) + "</ul>"


def _actions(actions: Sequence[Entry]) -> str:
    if not actions:
        return '<p class="nothing">No action was agreed.</p>'
    head = "".join(f'<th scope="col">{h}</th>' for h in ("What", "Who", "By when", "Status"))
    rows = "".join(
        f'<tr><th scope="row">{escape(str(a["text"] or ""))}</th><td>{escape(a["owner"] or "nobody yet")}</td>'
        f"<td>{escape(a['due'] or 'no date yet')}</td><td>{escape(a['status'] or 'open')}</td></tr>"
        for a in sorted(actions, key=lambda a: a["due"] or "9999")
    )
    return f"<table><caption>Actions agreed</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def record_folder(workspace) -> Path:
    """Return the folder of what a team sends round: ``records`` beside the data, or in the user's home."""
    folder = workspace.folder
    if folder.resolve().is_relative_to(home() / "data_samples") or not os.access(folder, os.W_OK):
        folder = Path.home() / OWN_FOLDER
    return folder / "records"


def record_place(workspace, project: Project, session: Entry) -> Path:
    """Return where the record of a session is written."""
    name = re.sub(r"[^\w]+", "-", f"{session['date'] or ''} {session.title} {project.about.title}".lower()).strip("-")
    return record_folder(workspace) / f"{name[:80]}-{session.id[-4:]}.html"


def write_page(place: Path, html: str, *, title: str, subtitle: str) -> Path:
    """Write HTML as one page that needs no network, whole or not at all.

    Raises
    ------
    KitError
        If it cannot be written.
    """
    output = nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": title})
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_suffix(".unfinished")
        beside.write_text(page(book, title=title, subtitle=subtitle), encoding="utf-8")
        os.replace(beside, place)
    except OSError as error:
        raise KitError(f"the record cannot be written ({error.strerror})", where=str(place)) from None
    return place
