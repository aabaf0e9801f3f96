"""What the notebooks of the cycle have in common: project, session, lists of entries, boards, displays, closing.

Live, each method gives a widget; in a batch the same call gives the same content to print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as w

from kit.charts.boards.sheet import Board
from kit.charts.display import Html
from kit.controls.board_view import BoardView
from kit.controls.desk import Desk
from kit.controls.entry_editor import EntryEditor
from kit.controls.kept_step import KeptStep
from kit.controls.messages import look, styled
from kit.controls.project_picker import ProjectPicker, where_it_stands
from kit.controls.session_panel import Closing, SessionPanel, team_agenda
from kit.controls.step import Prompts
from kit.errors import KitError
from kit.inquiry import Entry, kind
from kit.reports.section import Section

__all__ = ["CycleNotebook", "entries_table", "field_html"]


class CycleNotebook:
    """A notebook of the cycle.

    Parameters
    ----------
    data : str
        The data folder.
    project : str
        Id of a project; empty: the team chooses, and a batch says what is missing.
    live : bool
    agenda : str
        Name of the session's agenda.
    """

    def __init__(self, data: str, project: str = "", live: bool = True, *, agenda: str):
        self.live, self.desk = live, Desk(data, project, live=live)
        self.agenda = team_agenda(self.desk, agenda)

    def project(self) -> w.Widget | Section:
        """Choose the project; in a batch, where it stands."""
        if self.live:
            return ProjectPicker(self.desk)
        return self.says("") if self.desk.project is None else self.html(where_it_stands(self.desk))

    def session(self) -> w.Widget | Section:
        """The session's clock; in a batch, nothing: a printed page needs no clock."""
        return SessionPanel(self.desk, self.agenda) if self.live else Section(())

    def closing(self) -> w.Widget | Section:
        """Decisions, actions and the record."""
        if self.live:
            return Closing(self.desk)
        heads = (("decision", ("text", "reason")), ("action", ("text", "owner", "due", "status")))
        return self.html("".join(entries_table(self.desk, k, only) for k, only in heads))

    def entries(
        self, kind_id: str, only: tuple[str, ...] | None = None, fixed: dict[str, Any] | None = None,
        title: Callable[[Entry], str] = lambda e: e.title,
    ) -> w.Widget | Section:  # fmt: skip
        """Write the entries of a kind; in a batch, their table."""
        if self.live:
            return EntryEditor(self.desk, kind_id, only, fixed, title)
        return self.html(entries_table(self.desk, kind_id, only, fixed))

    def board(self, draw: Callable[[Desk], Board | str]) -> w.Widget | Section:
        """A board that follows every save; in a batch, as it stands."""
        if self.live:
            return BoardView(self.desk, draw)
        if self.desk.project is None:
            return self.says("")
        drawn = draw(self.desk)
        return self.html(drawn if isinstance(drawn, str) else drawn.html())

    def step(
        self,
        prompts: Prompts,
        draw: Callable[..., Section],
        follows: tuple[str, ...],
        pickers: tuple[w.Widget, ...] = (),
    ) -> w.Widget | Section:
        """Predict, look, notice, wonder, decide; in a batch the display alone, or why there is none."""
        if self.live:
            return KeptStep(self.desk, prompts, draw, follows, pickers)
        if self.desk.project is None:
            return self.says("")
        try:
            choice = self.desk.numbers()
        except KitError as error:
            return self.html(f'<p class="nothing">{escape(str(error))}</p>')
        if not choice.ready:
            return self.html('<p class="nothing">The project names no school of these data.</p>')
        return draw(choice, live=False)

    def together(self, heading: str, *parts: w.Widget | Section) -> w.Widget | Section:
        """Put widgets, or what is printed of them, under one heading."""
        if self.live:
            return w.VBox([look(), w.HTML(styled(f"<h3>{escape(heading)}</h3>")), *parts])
        inner = tuple(p for section in parts for p in section.parts)
        return Section((Html(f"<h3>{escape(heading)}</h3>"), *inner))

    def html(self, html: str) -> Section:
        """Return HTML (escaped already) as a section."""
        return Section((Html(html),), self.live)

    def says(self, text: str) -> Section:
        """Return a sentence in place of a display; without one, that no project is chosen."""
        return self.html(f'<p class="nothing">{escape(text or "No project is chosen.")}</p>')


def entries_table(
    desk: Desk, kind_id: str, only: Sequence[str] | None = None, fixed: dict[str, Any] | None = None
) -> str:
    """Return the entries of a kind as an HTML table; private fields are never in it."""
    k = kind(kind_id)
    # Their order is seen, not read.
    left_out = {"place", *(fixed or {}), *(n for n, f in k.fields.items() if f.private)}
    names = [n for n in (only or k.fields) if n not in left_out]
    found = desk.entries(kind_id, **(fixed or {}))
    if not found:
        return f'<p class="nothing">{escape(_upper(k.many))}: none is written yet.</p>'
    names = [n for n in names if any(e[n] not in (None, "", []) for e in found)]
    titles = {e.id: e.title for e in desk.require_project().entries()} if any(k.fields[n].of for n in names) else {}
    head = "".join(f'<th scope="col">{escape(k.fields[n].label)}</th>' for n in names)
    rows = "".join("<tr>" + "".join(f"<td>{field_html(e[n], titles)}</td>" for n in names) + "</tr>" for e in found)
    caption = escape(_upper(k.many))
    return (
        f'<div class="scroll" style="max-height:none" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _upper(text: str) -> str:
    """Begin with a capital; the others stay, as in SMART."""
    return text[:1].upper() + text[1:]


def field_html(value: Any, titles: dict[str, str]) -> str:
    """Return a field's value as HTML; ids of entries are their titles, and all text is escaped."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "<br>".join(escape(titles.get(str(v), str(v))) for v in value)
    return escape(titles.get(value, str(value)) if isinstance(value, str) else f"{value:g}")
