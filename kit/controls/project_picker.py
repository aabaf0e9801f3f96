"""Say who writes, choose the team's project or begin one, and see where it stands."""

from __future__ import annotations

from datetime import date
from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.errors import KitError
from kit.inquiry.statements import aim_sentence

__all__ = ["ProjectPicker", "where_it_stands"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")
_NONE = ("(choose one)", "")


class ProjectPicker(w.VBox):
    """Opens a project for the whole notebook.

    Parameters
    ----------
    desk : Desk
    purpose : str
        Purpose of a project that is begun here; see ``kinds.toml``.
    """

    def __init__(self, desk: Desk, purpose: str = "improvement"):
        self.desk, self.purpose, self.message, self._filling = desk, purpose, Message(), False
        self.who = w.Text(
            desk.author, description="Your name", continuous_update=False, style=_STYLE, layout=_WIDE,
            tooltip="It stands beside what you write",
        )  # fmt: skip
        self.project = w.Dropdown(description="Project", style=_STYLE, layout=_WIDE)
        self.title = w.Text(
            description="Or begin a new one", placeholder="A few words that the team would say aloud", style=_STYLE,
            layout=_WIDE, continuous_update=False,
        )  # fmt: skip
        self.begin = w.Button(description="Begin it", button_style="primary", layout=button_layout("9rem"))
        self.stands = w.HTML()
        self.who.observe(guarded(self.message, self._named), "value")
        self.project.observe(guarded(self.message, self._chosen), "value")
        self.begin.on_click(guarded(self.message, self._begin))
        desk.observe(guarded(self.message, self._say_where), ["saves", "project"])
        super().__init__([look(), self.who, self.project, self.title, self.begin, self.message, self.stands])
        guarded(self.message, self.refresh)()

    def refresh(self) -> None:
        """List the projects that are in the store."""
        frame = self.desk.store.projects()
        options = [_NONE, *((f"{r.title}{'' if r.status == 'active' else f' ({r.status})'}", r.id)
                            for r in frame.itertuples())]  # fmt: skip
        now = self.desk.project.id if self.desk.project else ""
        self._filling = True
        try:
            self.project.options = options
            self.project.value = now if now in [v for _, v in options] else ""
        finally:
            self._filling = False
        self._say_where()

    def _named(self) -> None:
        self.desk.author = self.who.value
        self.message.say(f"What is written now carries the name {self.desk.author}.")

    def _chosen(self) -> None:
        if self._filling:
            return
        self.message.clear()
        if self.project.value:
            self.desk.open_project(self.project.value)
        else:
            self.desk.project = None

    def _begin(self) -> None:
        if not self.title.value.strip():
            raise KitError("The project has no title", mend="Write a few words in the field above.")
        made = self.desk.store.new_project(
            title=self.title.value, purpose=self.purpose, started=date.today().isoformat()
        )
        self.title.value = ""
        self.desk.open_project(made.id)
        self.refresh()
        self.message.say("The project is begun and saved.")

    def _say_where(self) -> None:
        self.stands.value = styled(where_it_stands(self.desk)) if self.desk.project else ""


def where_it_stands(desk: Desk) -> str:
    """Return the project in a few lines of HTML: problem, aim, cycles, and what is due."""
    project = desk.require_project()
    about = project.about
    rows = [("Project", about.title)]
    for kind_id, label, field in (("problem", "Problem", "statement"), ("aim", "Aim", "statement")):
        if found := project.entries(kind_id):
            words = aim_sentence(found[-1]) if kind_id == "aim" else found[-1].title
            rows.append((label, found[-1][field] or words))
    cycles = project.entries("cycle")
    if cycles:
        rows.append(("Cycles", f"{len(cycles)}, the latest «{cycles[-1].title}» ({cycles[-1]['act'] or 'still open'})"))
    today = date.today().isoformat()
    open_actions = [a for a in project.entries("action") if a["status"] in (None, "open")]
    for action in sorted(open_actions, key=lambda a: a["due"] or "9999")[:5]:
        due = action["due"] or "no date"
        late = " (past its date)" if action["due"] and action["due"] < today else ""
        rows.append(("Open action", f"{action['owner'] or 'nobody yet'}, {due}{late}: {action.title}"))
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in rows)
    return f'<dl class="near" style="display:grid;grid-template-columns:7rem 1fr;gap:.2rem .75rem">{cells}</dl>'
