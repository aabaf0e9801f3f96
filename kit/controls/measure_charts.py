"""A project's measures over time: the series of the store, their charts, and the page with all of them on one axis."""

from __future__ import annotations

from datetime import date
from html import escape

from kit.charts.display import Html
from kit.charts.process import process_chart
from kit.charts.process_table import Cycle
from kit.charts.series import Analysed, TimeSeries, analyse, team_series
from kit.errors import KitError
from kit.inquiry import Entry, Project
from kit.inquiry.series import series
from kit.reports.section import Section
from kit.variation import Phase

__all__ = ["ROLES", "chart_of", "drawn_series", "measure_section", "project_cycles", "stacked", "value_span"]

# Top to bottom on the one page: what is done, what it drives, what it is for, and what must not get worse.
ROLES = ("process", "driver", "outcome", "balancing")


def drawn_series(project: Project, measure: Entry, *, shared: bool) -> TimeSeries:
    """Return a measure's series as it may be drawn.

    Parameters
    ----------
    project : Project
    measure : Entry
    shared : bool
        True for what is printed or sent round: points of fewer students than reports show are withheld. False for the
        team itself, which sees its own numbers on a display that says so.

    Raises
    ------
    KitError
        If it is to be shared and a percentage does not say how many students it rests on.
    """
    table = series(project, measure)
    labels = [d.date() for d in table["date"]]
    known = table["denominator"].notna() | table["value"].isna()
    percent = (measure["unit"] or "").lower() in ("percent", "%")
    settings = {
        "better": measure["better"],
        "audience": "internal" if shared else "team",
        "notes": [n or "" for n in table["note"].astype(object).where(table["note"].notna(), "")],
        "unusual": table["astronomical"].tolist(),
    }
    if len(table) and table["denominator"].notna().any() and known.all():
        counts = {"numerators": table["numerator"], "denominators": table["denominator"]}
        return team_series(measure.title, labels, per=100 if percent else 1, **counts, **settings)
    tally = measure["counts_students"] is False
    if shared and not tally and len(table):
        problem = f"«{measure.title}» does not say how many students its values rest on"
        raise KitError(problem, mend="It stays with the team.")
    return team_series(measure.title, labels, table["value"], counts_students=shared and not tally, **settings)


def _phases(project: Project, measure: Entry, labels: tuple) -> tuple[tuple[Phase, ...], date | None]:
    """Return the phases that begin within the series, and the last day of a frozen baseline at its start."""
    phases, baseline = [], None
    for entry in project.entries("phase", measure=measure):
        start, end = date.fromisoformat(entry["start"]), entry["end"] and date.fromisoformat(entry["end"])
        at = next((d for d in labels if d >= start), None)
        if at is None:
            continue
        if at == labels[0]:
            baseline = end
        else:
            phases.append(Phase(at, entry["reason"] or "", end))
    return tuple(phases), baseline


def chart_of(
    project: Project, measure: Entry, kind: str = "run", *, shared: bool, rules: str = "ihi"
) -> Analysed | None:
    """Return a measure's chart; none where it has no value yet."""
    drawn = drawn_series(project, measure, shared=shared)
    if not drawn.labels:
        return None
    phases, baseline = _phases(project, measure, drawn.labels)
    settings = {"rules": rules} if kind == "run" else {}
    return analyse(drawn, kind, phases=phases, baseline=baseline, **settings)


def project_cycles(project: Project) -> list[Cycle]:
    """Return the project's dated cycles as a chart marks them."""
    return [
        Cycle(
            f"{c['number'] or ''} {c['title']}".strip(),
            date.fromisoformat(c["start"]),
            c["end"] and date.fromisoformat(c["end"]),
        )
        for c in project.entries("cycle")
        if c["start"]
    ]


def value_span(project: Project) -> tuple[date, date] | None:
    """Return the first and the last day of all values and cycles, for one axis under all charts."""
    days = [v["date"] for v in project.entries("value")]
    days += [c[f] for c in project.entries("cycle") for f in ("start", "end") if c[f]]
    return (date.fromisoformat(min(days)), date.fromisoformat(max(days))) if days else None


def measure_section(
    project: Project,
    measure: Entry,
    kind: str = "run",
    *,
    shared: bool,
    rules: str = "ihi",
    span: tuple[date, date] | None = None,
    live: bool = False,
) -> Section:
    """Return a measure's chart with what the rules say and cannot say; a sentence where there is none."""
    try:
        analysed = chart_of(project, measure, kind, shared=shared, rules=rules)
    except KitError as error:
        return Section((_line(str(error)),), live)
    drawn = analysed and process_chart(analysed, target=measure["target"], cycles=project_cycles(project), span=span)
    if drawn is None:
        return Section((_line(f"«{measure.title}» has no value to show yet."),), live)
    return Section((_definition(measure), drawn), live)


def stacked(project: Project, *, shared: bool, live: bool = False) -> Section:
    """Return process, driver, outcome and balancing measures one under the other on one axis, cycles marked."""
    span, parts = value_span(project), []
    for role in ROLES:
        for measure in project.entries("measure", role=role):
            parts += [Html(f"<h3>{escape(role.capitalize())} measure</h3>")]
            parts += measure_section(project, measure, shared=shared, span=span).parts
    return Section(tuple(parts) or (_line("No measure is written yet."),), live)


def _definition(measure: Entry) -> Html:
    parts = [measure["definition"] or "Its operational definition is not written yet."]
    if measure["target"] is not None:
        parts.append(f"Target: {measure['target']:g} {measure['unit'] or ''}.")
    return Html(f'<p class="note">{escape(" ".join(parts))}</p>')


def _line(text: str) -> Html:
    return Html(f'<p class="nothing">{escape(text)}</p>')
