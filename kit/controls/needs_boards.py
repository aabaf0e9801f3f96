"""What the meetings of the needs assessment look at, as HTML: scores, findings, votes, goals, what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from kit.controls.cycle import entries_table
from kit.controls.define import checks_list
from kit.controls.desk import Desk
from kit.controls.dot_votes import dots_of
from kit.controls.needs_spread import level_mark, strip
from kit.inquiry import kind
from kit.inquiry.goals import FEWEST_GOALS, MOST_GOALS, goal_checks, number_of_goals, strategy_checks
from kit.needs.answers import Answer
from kit.needs.due import due_list, findings_checks
from kit.needs.instrument import SCORES, Instrument
from kit.needs.kept import is_anonymous, kept_answers, kept_raters
from kit.needs.people import turnout
from kit.needs.scores import Score, most_contested, scores, spread_words

__all__ = [
    "actions", "answered", "contested", "distribution", "due", "findings", "goals", "how_to_rate", "overview",
    "strategies", "table",
]  # fmt: skip


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an HTML table; cells are HTML (escaped already), heads and caption are text."""
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{c}</td>" for c in rest)}</tr>' for first, *rest in rows
    )
    return (
        # Shown whole: on a page a long table would else be cut off after a screen.
        f'<div class="scroll" style="max-height:none" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _nothing(text: str) -> str:
    return f'<p class="nothing">{escape(text)}</p>'


def how_to_rate(instrument: Instrument) -> str:
    """Return the levels and everything that is rated, as the blank form has it."""
    levels = [(level_mark(level), escape(level.text)) for level in instrument.levels.values()]
    rows = []
    for item in instrument.items:
        described = [escape(t) if t else "<i>to be filled by the user</i>" for t in (item.one, item.four)]
        rows.append((f"{escape(item.code)}  {escape(item.text)}", *described))
    gaps = "".join(f'<p class="nothing">{escape(g)}</p>' for g in instrument.gaps())
    return (
        f"<h4>{escape(instrument.title)}</h4>"
        + table("Scores", ("Score", "Meaning"), levels)
        + table("What is rated", ("Element", "Described under 1", "Described under 4"), rows)
        + gaps
        + f"<p><small>Source: {escape(instrument.source)}</small></p>"
    )


def answered(desk: Desk) -> str:
    """Return who has answered and who has not; only how many where names are not kept."""
    project = desk.require_project()
    raters = kept_raters(project)
    if not raters:
        return _nothing("No rating is in the store yet.")
    if is_anonymous(project):
        team = len(project.entries("member"))
        of = f" of {team} in the team" if team else ""
        return f"<p><b>{len(raters)}{of}</b> have answered. Names are not kept.</p>"
    return f"<p>{escape(turnout(project.entries('member'), raters).words())}</p>"


def _agreed(desk: Desk) -> dict:
    return {c["element"]: c for c in desk.entries("consensus")}


def overview(desk: Desk, instrument: Instrument) -> str:
    """Return every element: average, proposed score with its colour, spread, agreed score and why."""
    found = scores(kept_answers(desk.require_project()), instrument)
    if not any(s.average is not None for s in found):
        return _nothing("There is no score yet: read the answers first.")
    agreed, rows = _agreed(desk), []
    for s in found:
        name = f"{escape(s.item.code)}  {escape(s.item.text)}"
        kept = agreed.get(s.item.code)
        said = "" if kept is None else level_mark(instrument.levels.get(kept["score"]))
        if kept is not None and kept["reason"]:
            said += f"<br><small>{escape(kept['reason'])}</small>"
        average = "–" if s.average is None else f"{float(s.average):.2f}"
        flag = "<br><b>far apart</b>" if s.contested else ""
        rows.append(
            (f"<b>{name}</b>" if s.whole else name, average, level_mark(s.level), strip(s) + flag, said or "not yet")
        )
    heads = ("Element", "Average", "Proposed", "Ratings (hollow: don't know)", "Agreed")
    notes = "".join(f"<li>{escape(a)}</li>" for a in instrument.settings.assumptions())
    return table("Scores", heads, rows) + f"<details><summary>Assumptions</summary><ul>{notes}</ul></details>"


def contested(desk: Desk, instrument: Instrument, *, shared: bool = False) -> str:
    """Return what was rated with its spread and evidence, the most contested first.

    Parameters
    ----------
    desk : Desk
    instrument : Instrument
    shared : bool
        True for what is sent round: no evidence carries a name then.
    """
    project = desk.require_project()
    found = most_contested(scores(kept_answers(project), instrument))
    if not found:
        return _nothing("There is no score yet: read the answers first.")
    agreed, named = _agreed(desk), not shared and not is_anonymous(project)
    return "".join(_one(s, agreed.get(s.item.code), instrument, named) for s in found)


def _one(s: Score, kept, instrument: Instrument, named: bool) -> str:
    average = "" if s.average is None else f"<p>Proposed: {level_mark(s.level)}</p>"
    said = [_evidence(a, named) for a in s.answers if a.evidence]
    evidence = f"<ul>{''.join(said)}</ul>" if said else _nothing("Nobody wrote evidence.")
    decided = ""
    if kept is not None:
        reason = f": {escape(kept['reason'])}" if kept["reason"] else ""
        decided = f"<p>Agreed: {level_mark(instrument.levels.get(kept['score']))}{reason}</p>"
    flag = " (far apart)" if s.contested else ""
    return (
        f"<section><h4>{escape(s.item.code)}  {escape(s.item.text)}{flag}</h4>{strip(s)}"
        f"<p>{escape(spread_words(s))}</p>{average}{decided}"
        f"<details><summary>Evidence, from the lowest score to the highest</summary>{evidence}</details></section>"
    )


def _evidence(a: Answer, named: bool) -> str:
    who = f", {escape(a.rater)}" if named else ""
    return f"<li><b>{a.score}{who}</b>{' (don’t know)' if a.unknown else ''}: {escape(a.evidence)}</li>"


def findings(desk: Desk) -> str:
    """Return strengths and challenges side by side, and whether there are three to five of each."""
    parts = [checks_list(findings_checks(desk.require_project()))]
    for sort in ("strength", "challenge"):
        found = sorted(desk.entries("finding", sort=sort), key=lambda f: f["place"] or 999)
        listed = "".join(f"<li>{escape(f['text'])} <small>{escape(f['element'] or '')}</small></li>" for f in found)
        parts.append(f"<h4>{sort.capitalize()}s</h4>" + (f"<ol>{listed}</ol>" if listed else _nothing("None yet.")))
    return "".join(parts)


def strategies(desk: Desk) -> str:
    """Return the strategies by their votes, and what each still lacks."""
    found = desk.entries("strategy")
    if not found:
        return _nothing("No strategy is written yet.")
    dots = dots_of(desk)
    rows = []
    for s in sorted(found, key=lambda s: -dots[s.id]):
        rows.append(
            (escape(s["text"]), str(dots[s.id]), "chosen" if s["kept"] else "", checks_list(strategy_checks(s)))
        )
    kept = sum(bool(s["kept"]) for s in found)
    words = f"{kept} chosen; the top {FEWEST_GOALS} to {MOST_GOALS} go on. Mark them as chosen above."
    return table("Strategies by votes", ("Strategy", "Votes", "", "What it has"), rows) + f"<p>{words}</p>"


def goals(desk: Desk) -> str:
    """Return each goal checked letter by letter, and whether there are three to five."""
    found = sorted(desk.entries("goal"), key=lambda g: g["place"] or 999)
    parts = [checks_list([number_of_goals(found)])]
    for g in found:
        owner = escape(g["owner"]) if g["owner"] else "nobody yet"
        parts.append(f"<h4>{escape(g['statement'])}</h4><p>Owner: {owner}</p>")
        parts.append(checks_list(goal_checks(g, today=date.today())))
    return "".join(parts)


def actions(desk: Desk) -> str:
    """Return the action plan, the earliest first, and what has no owner or no date."""
    found = sorted(desk.entries("action"), key=lambda a: a["due"] or "9999")
    if not found:
        return _nothing("No action is written yet.")
    titles = {e.id: e.title for k in ("goal", "strategy", "decision") for e in desk.entries(k)}
    rows = [
        (
            escape(a["text"]), escape(a["owner"] or "nobody yet"), escape(a["due"] or "no date yet"),
            escape(a["status"] or "open"), escape(titles.get(a["about"], "")),
        )
        for a in found
    ]  # fmt: skip
    lacking = sum(not (a["owner"] and a["due"]) for a in found)
    words = f"<p>{lacking} without an owner or a date.</p>" if lacking else ""
    return table("Action plan", ("What", "Who", "By when", "Status", "Belongs to"), rows) + words


def due(desk: Desk) -> str:
    """Return what is due, what is late first, and the check-ins that were held."""
    found = due_list(desk.require_project(), date.today())
    if not found:
        listed = _nothing("Nothing is due: no goal, chosen strategy or open action is written.")
    else:
        rows = [
            (
                escape(d.on.isoformat() if d.on else "no date"), "<b>late</b>" if d.late else "",
                escape(f"{name[:1].upper()}{name[1:]}: {d.about.title}"), escape(d.why),
            )
            for d in found
            for name in (kind(d.about.kind).name,)
        ]  # fmt: skip
        listed = table("What is due", ("When", "", "What", "How it stands"), rows)
    return listed + entries_table(desk, "check_in", ("date", "about", "state", "text", "value", "next", "next_date"))


def distribution(found: Sequence[Score]) -> list[tuple]:
    """Return a row an element: code, text, how many gave each score, don't know, blank, average, proposed."""
    return [
        (
            s.item.code, s.item.text, *(s.given.count(n) for n in SCORES), s.unknown, s.blank,
            None if s.average is None else round(float(s.average), 2), s.proposed,
        )
        for s in found
    ]  # fmt: skip
