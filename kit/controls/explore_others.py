"""The displays made for the other themes."""

from __future__ import annotations

from html import escape

from kit.charts.derived import derive
from kit.charts.display import Html, Table
from kit.charts.explore_forms import Bar, draw_bars
from kit.charts.quadrants import draw_quadrants
from kit.charts.words import count, grade_order, year
from kit.compare.explore_criteria import CRITERIA, OVERLAPS
from kit.compare.explore_learners import YEARS
from kit.compare.quadrants import quadrants
from kit.controls.displays import says
from kit.controls.explore_bars import bars_of, mine, note
from kit.controls.explore_numbers import ThemeNumbers
from kit.controls.explore_place import Place
from kit.measures.registry import measures
from kit.reports.section import Section

__all__ = ["bright", "constructs", "criteria", "grades", "items", "longer", "overlap", "rival", "years_waiting"]

_WHO = {"student": "students", "staff": "staff", "family": "families"}


def _place(choice: Place) -> str:
    return f"{choice.place()}, {year(choice.school_year)}"


def _measures(choice: Place):
    """Return the place's own rows of the measures, in each one's latest year up to the picked one."""

    def own(table, unit, until):
        t = table[table["unit_type"].eq(unit[0]) & table["unit_id"].eq(unit[1]) & table["status"].eq("shown")]
        t = t[t["school_year"].le(until) & t["student_group"].eq("all")]
        latest = t.groupby(["measure", "grade"])["school_year"].transform("max")
        return t.loc[t["school_year"].eq(latest), ["measure", "grade", "school_year", "n", "value"]]

    return derive(choice.prepared.released, own, choice.unit_key, choice.school_year)


def grades(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return the picked measure grade by grade."""
    data = _measures(choice)
    t = data.table[data.table["measure"].eq(choice.measure) & data.table["school_year"].eq(choice.school_year)]
    found = sorted(set(t["grade"]) - {"all"}, key=grade_order)
    if not found or choice.measure not in measures():
        return says("No grade can be shown here.", live=live)
    bars = [
        Bar(f"Grade {g}", {"measure": choice.measure, "grade": g, "school_year": choice.school_year}) for g in found
    ]
    name = measures()[choice.measure].short
    drawn = draw_bars(
        data,
        bars,
        title=f"{name} by grade: {_place(choice)}",
        unit=name,
        how="Each bar is one grade. A grade that is missing is not shown or not there.",
    )
    return Section((drawn,), live) if drawn else says("No grade can be shown here.", live=live)


def bright(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return status against growth, in English and in mathematics."""
    ours = choice.unit_key[1] if choice.unit_key[0] == "school" else ""
    parts = []
    for subject, name in (("ela", "English"), ("math", "mathematics")):
        pair = f"{subject}_proficient", f"{subject}_growth"
        if not set(pair) <= choice.opened.measure_ids():
            parts += says(f"There is no status or no growth in {name} in this folder.", live=live).parts
            continue

        def points(table, schools, pair=pair):
            t = quadrants(table, schools, *pair, school_year=choice.school_year)
            return t[t["level"].eq(choice.level)].reset_index(drop=True) if choice.level else t

        data = derive(choice.prepared.released, points, choice.prepared.schools)
        drawn = draw_quadrants(data, *pair, school_year=choice.school_year, ours=ours)
        none = says(f"No school has both status and growth in {name} shown this year.", live=live)
        parts += [drawn] if drawn else none.parts
    return Section(tuple(parts), live)


def criteria(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return the share of grade 8 students who do not meet each criterion."""
    bars = [Bar(name, {"measure": f"fails_{c}"}, "closer") for c, name in CRITERIA.items()]
    drawn = bars_of(
        choice,
        numbers,
        live,
        bars,
        title=f"Criteria of readiness that are not met: {_place(choice)}",
        how="Each bar is the share of all grade 8 students. A student can be in several bars.",
        unit="share of grade 8 students",
        counted="in grade 8",
    )
    return Section(tuple(drawn), live)


def overlap(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return the students who are not ready by how many criteria they miss."""
    bars = [Bar(name, {"measure": "not_ready", "grade": part}, "closer") for part, name in OVERLAPS.items()]
    drawn = bars_of(
        choice,
        numbers,
        live,
        bars,
        title=f"Students who are not ready, by what they miss: {_place(choice)}",
        how="Each bar is a part of the students who are not ready; together they are 100 %.",
        unit="share of those not ready",
        note=note(choice),
    )
    return Section(tuple(drawn), live)


def years_waiting(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return English learners by their years as such: redesignated now, not yet long-term, long-term."""
    titles = {
        "el_now": ("Redesignated this year, by years as an English learner", "strength"),
        "el_short": ("English learners in their first years", "ours"),
        "el_long": ("Long-term English learners: five whole years or more", "closer"),
    }
    parts = []
    for whole, (title, side) in titles.items():
        bars = [Bar(name, {"measure": whole, "grade": part}, side) for part, name in YEARS[whole].items()]
        parts += bars_of(
            choice,
            numbers,
            live,
            bars,
            title=f"{title}: {_place(choice)}",
            unit="share of these students",
            how="Each bar is a part of these students; together they are 100 %.",
            note=note(choice) if whole == "el_long" else "",
        )
    return Section(tuple(parts), live)


def rival(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return each rule set's rate of redesignation, side by side."""
    found = numbers.extra["rival"]
    kind, unit_id = choice.unit_key
    t = found.table
    keys = [("network", "network"), ("district", choice.district_id), (kind, unit_id)]
    # A line begins with the id, a colon and the rule set in words.
    called = dict(line.partition(": ")[::2] for line in found.rules)
    rows = []
    for unit in dict.fromkeys(k for k in keys if k[1]):
        for r in t[t["unit_type"].eq(unit[0]) & t["unit_id"].eq(unit[1])].to_dict("records"):
            shown = r["status"] == "shown"
            rows.append(
                (
                    "The network" if unit[0] == "network" else r["name"] or unit[1],
                    called.get(r["rule_set"], r["rule_set"]).partition(": ")[0],
                    f"{r['value']:.1f} %" if shown else "not shown",
                    f"{count(r['count'])} of {count(r['n'])}" if shown else "–",
                )
            )
    if not rows:
        return says("No rule set gives a rate for this place.", live=live)
    table = Table(
        f"Redesignation under each rule set, {year(found.school_year)}",
        ("Place", "Rule set", "Rate", "Students"),
        tuple(rows),
    )
    words = [called.get(line.partition(": ")[0], line) for line in found.rules]
    lines = "".join(f"<li>{escape(line)}</li>" for line in (*words, *found.assumptions))
    return Section((Html(table.html()), Html(f"<ul>{lines}</ul>")), live)


def constructs(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return each construct in plain words, and its share of positive answers by who answered."""
    known = [m for m in measures().values() if m.theme == "surveys"]
    plain = {m.construct: m.plain for m in known}
    words = "".join(f"<dt><b>{escape(name)}</b></dt><dd>{escape(text)}</dd>" for name, text in plain.items())
    bars = [
        Bar(
            m.short,
            {"measure": m.id, "grade": "all"},
            {"student": "ours", "staff": "district", "family": "strength"}[m.respondent],
        )
        for m in known
    ]
    data = _measures(choice)
    there = set(data.table.loc[data.table["grade"].eq("all"), "measure"])
    drawn = (
        draw_bars(
            data,
            [b for b in bars if b.where["measure"] in there],
            counted="answers",
            unit="positive answers",
            title=f"Positive answers by construct: {choice.place()}, the latest survey",
            how="Each bar is the share of answers of 4 or 5 of 5. Rows ask different things: compare a row "
            "with itself over time, or with another who answered it.",
        )
        if there
        else None
    )
    said = says("No answers of this place can be shown.", live=live).parts
    return Section((Html(f"<dl>{words}</dl>"), *([drawn] if drawn else said)), live)


def items(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return each question's share of positive answers, with how many answered and could have."""
    data = mine(choice, numbers)
    if data is None or data.table.empty:
        return says("No question of this place can be shown.", live=live)
    answered = data.table[data.table["measure"].eq("survey_response")]
    parts = []
    if len(answered):
        row = answered.iloc[0]
        said = f"{row['value']:.0f} % of {count(row['n'])} students in grades 4 to 12 answered at least one question."
        parts.append(Html(f"<p><b>{escape(said)}</b></p>"))
    else:
        why = numbers.lacks.get("response", "How many of the students answered cannot be shown here.")
        parts.append(Html(f'<p class="nothing">{escape(why)}</p>'))
    parts.append(Html('<p class="note">How many staff and families could have answered is not in the records.</p>'))
    names = {m.id.removesuffix(f"_{m.respondent}"): m.construct for m in measures().values() if m.theme == "surveys"}
    names |= {c.split("_", 1)[1]: name for c, name in names.items()}
    for respondent, who in _WHO.items():
        bars = []
        for row in data.table.itertuples():
            if row.measure.startswith(f"survey_{respondent}_") and row.grade != "all":
                construct = row.measure.removeprefix(f"survey_{respondent}_")
                bars.append(
                    Bar(f"{names.get(construct, construct)}: {row.grade}", {"measure": row.measure, "grade": row.grade})
                )
        drawn = (
            draw_bars(
                data,
                bars,
                title=f"Question by question, {who}: {_place(choice)}",
                counted="answers",
                unit="positive answers",
                how="Each bar is one question, under its name in the survey: the share of answers of 4 or 5 of 5.",
            )
            if bars
            else None
        )
        parts += [drawn] if drawn else []
    return Section(tuple(parts), live)


def longer(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return graduation within four, five and six years, and college-going, each in its latest year."""
    data = _measures(choice)
    bars = []
    for m in ("graduation_4", "graduation_5", "graduation_6", "college_going"):
        t = data.table[data.table["measure"].eq(m) & data.table["grade"].eq("all")]
        if len(t):
            when = year(int(t["school_year"].iloc[0]))
            bars.append(Bar(f"{measures()[m].short}, {when}", {"measure": m, "grade": "all"}))
    drawn = (
        draw_bars(
            data,
            bars,
            title=f"Graduation and college: {choice.place()}",
            unit="share of the students counted",
            how="Each bar has its own cohort: later figures are known for older cohorts only.",
        )
        if bars
        else None
    )
    return Section((drawn,), live) if drawn else says("No cohort of this place can be shown.", live=live)
