"""What the notebooks in «explore» hold: one theme, a place, five quick explorations and the displays of the theme."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from html import escape

import ipywidgets as w

from kit.charts.display import Html
from kit.controls import explore_displays as quick
from kit.controls.cycle import CycleNotebook, entries_table
from kit.controls.desk import Desk
from kit.controls.displays import says
from kit.controls.explore_attention import attention_list
from kit.controls.explore_decision import OpenProject
from kit.controls.explore_help import help_text
from kit.controls.explore_own import own_display
from kit.controls.explore_place import FOLLOWS, NETWORK, ExploringDesk, Place, PlacePicker
from kit.controls.explore_prompts import FOUR_QUESTIONS, OWN, QUICK
from kit.controls.explore_snapshots import keep_snapshot, since_last_month
from kit.controls.explore_sources import lacking, sources
from kit.controls.explore_themes import theme
from kit.controls.messages import Message, guarded, look, styled
from kit.controls.project_picker import ProjectPicker, where_it_stands
from kit.controls.session_panel import team_agenda
from kit.controls.step import Prompts
from kit.errors import KitError
from kit.reports.section import Section

__all__ = ["Explore", "open_explore"]

# What a construct asks can be read before there is an answer.
CONSTRUCTS = "constructs"


class Explore(CycleNotebook):
    """A monthly exploration.

    Parameters
    ----------
    data : str
    name : str
        Id of the theme.
    project : str
        Id of the exploration's project; empty: the team chooses, and a batch makes a pre-read without one.
    live : bool
    district_id : str
        Where it begins; empty: the network.
    """

    def __init__(self, data: str, name: str, project: str = "", live: bool = True, district_id: str = ""):
        self.theme, self.live = theme(name), live
        unit = f"district:{district_id}" if district_id else NETWORK
        self.desk = ExploringDesk(data, project, live, self.theme.measures, unit)
        self.agenda = team_agenda(self.desk, "monthly-exploration")
        self.today = date.today()

    def project(self) -> w.Widget | Section:
        """Choose the project in which words are kept; in a batch, where it stands."""
        if self.live:
            return ProjectPicker(self.desk, purpose="exploration")
        if self.desk.project is None:
            return self.says("A pre-read: nothing is written here. In the meeting, words are kept in a project.")
        return self.html(where_it_stands(self.desk))

    def place(self) -> w.Widget | Section:
        """Read the numbers and pick the place; in a batch, which place it is."""
        if self.live:
            return PlacePicker(self.desk, self._keep)
        return self._batch(lambda: self.html(f"<p><b>{escape(self.desk.choice.words())}</b></p>"))

    def sources(self) -> w.Widget | Section:
        """Where the data come from, how each measure is defined, and what is missing."""
        return self._following("Show where the data come from", partial(sources, self.theme))

    def since(self) -> w.Widget | Section:
        """What changed since last month: new data, restated data and real change."""
        return self._following("Show what changed", self._since)

    def attention(self) -> w.Widget | Section:
        """Signals to which no project has responded."""
        return self._following("Show the list", self._attention)

    def level(self) -> w.Widget | Section:
        """Level and colour."""
        return self._quick("level", partial(quick.level_and_colour, measures=self.theme.measures))

    def trend(self) -> w.Widget | Section:
        """The years, overall and by student group."""
        return self._quick("trend", quick.over_years)

    def groups(self) -> w.Widget | Section:
        """Bars by student group over the years."""
        return self._quick("groups", quick.groups_by_year)

    def districts(self) -> w.Widget | Section:
        """Against other districts."""
        return self._quick("districts", quick.against_districts)

    def pair(self) -> w.Widget | Section:
        """Against two other measures."""
        return self._quick("pair", partial(quick.two_others, pairs=self.theme.pairs))

    def own(self, name: str) -> w.Widget | Section:
        """Draw one of the displays made for the theme.

        Raises
        ------
        KitError
            If the theme has no such display.
        """
        if name not in self.theme.own:
            raise KitError(f"«{self.theme.title}» has no display '{name}'", mend=f"Use: {', '.join(self.theme.own)}.")
        missing = (lambda _: "") if name == CONSTRUCTS else partial(lacking, self.theme)
        return self._with_help(name, self.step(OWN[name], own_display(name, self.theme.id, missing), FOLLOWS))

    def four_questions(self) -> w.Widget | Section:
        """The four questions, each with what the group says and the display that it saw it in."""
        parts = []
        for name, asks in FOUR_QUESTIONS:
            head = w.HTML(styled(f"<h4>{escape(name)}</h4><p>{escape(asks)}</p>")) if self.live else self.html(
                f"<h4>{escape(name)}</h4><p>{escape(asks)}</p>"
            )  # fmt: skip
            parts += [head, self._entries("notice", ("text", "display", "figure"), {"station": name})]
        return self.together("Four questions", *parts)

    def story(self) -> w.Widget | Section:
        """A member's practice story."""
        fixed = {"station": "Practice story"}
        return self.together("A practice story", self._entries("notice", ("text", "by_whom"), fixed))

    def next_step(self) -> w.Widget | Section:
        """The question that is taken home, and a project opened from a decision."""
        parts = [self._entries("wondering", ("text", "display"))]
        if self.live:
            parts.append(OpenProject(self.desk))
        return self.together("A next step", *parts)

    def closing(self) -> w.Widget | Section:
        """Decisions, actions and the record."""
        if not self.live and self.desk.project is None:
            return self.says("Decisions and actions are written in the meeting.")
        return super().closing()

    def together(self, heading: str, *parts: w.Widget | Section) -> w.Widget | Section:
        """Put parts under one heading; a pre-read has the notebook's own heading above them."""
        if self.live:
            return super().together(heading, *parts)
        return Section(tuple(p for section in parts for p in section.parts))

    def step(
        self, prompts: Prompts, draw: Callable[..., Section], follows: tuple[str, ...],
        pickers: tuple[w.Widget, ...] = (),
    ) -> w.Widget | Section:  # fmt: skip
        """Predict, look, notice, wonder, decide; a pre-read draws without a project."""
        if self.live:
            return super().step(prompts, draw, follows, pickers)
        return self._batch(lambda: draw(self.desk.choice, live=False))

    def _quick(self, kind: str, draw: Callable[..., Section]) -> w.Widget | Section:
        return self._with_help(kind, self.step(QUICK[kind], self._or_what_is_missing(draw), FOLLOWS))

    def _or_what_is_missing(self, draw: Callable[..., Section]) -> Callable[..., Section]:
        """Return what draws, and where the folder has no number of the theme says which tables it takes."""

        def drawn(choice: Place, *, live: bool) -> Section:
            missing = lacking(self.theme, choice.opened)
            return says(missing, live=live) if missing else draw(choice, live=live)

        return drawn

    def _with_help(self, kind: str, step: w.Widget | Section) -> w.Widget | Section:
        text = help_text(kind)
        if self.live:
            return w.VBox([look(), w.HTML(styled(text)), step])
        opened = self.desk.choice.opened
        if opened is None or (kind != CONSTRUCTS and lacking(self.theme, opened)):
            return step  # how to read what is not there helps nobody
        return Section((*step.parts, Html(text)))

    def _batch(self, draw: Callable[[], Section]) -> Section:
        """Draw from the numbers, or say in words why there are none."""
        try:
            self._keep()
            return draw()
        except KitError as error:
            return self.says(str(error))

    def _following(self, button: str, draw: Callable[..., str]) -> w.Widget | Section:
        if self.live:
            return Following(self.desk, button, lambda: self._asked(draw))
        return self._batch(lambda: self.html(self._asked(draw)))

    def _asked(self, draw: Callable[..., str]) -> str:
        self.desk.numbers()
        return draw(self.desk.choice) if isinstance(draw, partial) else draw()

    def _since(self) -> str:
        desk, choice = self.desk, self.desk.choice
        return since_last_month(desk.workspace, choice.opened, self.today, choice.unit_key, self.theme.measures).html()

    def _attention(self) -> str:
        desk = self.desk
        if missing := lacking(self.theme, desk.choice.opened):
            return f'<p class="nothing">{escape(missing)}</p>'
        return attention_list(desk.store, desk.choice, self.theme.measures)

    def _keep(self) -> None:
        opened = self.desk.numbers().opened
        keep_snapshot(self.desk.workspace, opened, self.today)

    def _entries(self, kind_id: str, only: tuple[str, ...], fixed: dict | None = None) -> w.Widget | Section:
        if self.live:
            return self.entries(kind_id, only, fixed)
        if self.desk.project is None:
            return self.says("To be written in the meeting.")
        return self.html(entries_table(self.desk, kind_id, only, fixed))


class Following(w.VBox):
    """HTML that is made when asked for, and again when the place changes."""

    def __init__(self, desk: Desk, button: str, draw: Callable[[], str]):
        self.desk, self._draw, self.message, self.drawn = desk, draw, Message(), w.HTML()
        self.button = w.Button(description=button, layout=w.Layout(width="auto", align_self="flex-start"))
        self.button.on_click(guarded(self.message, self.redraw))
        desk.choice.observe(guarded(self.message, self._again), list(FOLLOWS))
        super().__init__([look(), self.button, self.message, self.drawn])

    def redraw(self) -> None:
        """Make it for what is picked now."""
        self.drawn.value = styled(self._draw())
        self.message.clear()

    def _again(self) -> None:
        if self.drawn.value:
            self.redraw()


def open_explore(data: str, name: str, project: str = "", live: bool = True, district_id: str = "") -> Explore:
    """Begin an exploration; see :class:`Explore`."""
    return Explore(data, name, project, live, district_id)
