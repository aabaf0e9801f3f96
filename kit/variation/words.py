"""What a chart's rules say, in words: one sentence for a reader without statistics, and what it does not say."""

from __future__ import annotations

import pandas as pd

from kit.language import N_, _, date, ngettext
from kit.variation.chart import Chart
from kit.variation.control_rules import rule_set

__all__ = ["chart_name", "label_words", "rule_name", "rules_name", "say_limits", "say_needed", "say_signal", "summary"]

_CHARTS = {
    "run": N_("Run chart"),
    "xmr": N_("XmR chart"),
    "p": N_("p chart"),
    "p_prime": N_("p′ chart"),
    "u": N_("u chart"),
    "c": N_("c chart"),
}
_SETS = {"ihi": N_("IHI"), "anhoej": N_("Anhøj")}
_RULES = {
    "shift": N_("Shift"),
    "trend": N_("Trend"),
    "too_few_runs": N_("Too few runs"),
    "too_many_runs": N_("Too many runs"),
    "long_run": N_("Unusually long run"),
    "few_crossings": N_("Unusually few crossings"),
    "outside": N_("Beyond a limit"),
    "two_of_three": N_("Two of three near a limit"),
    "four_of_five": N_("Four of five on one side"),
    "alternating": N_("Up and down by turns"),
    "within": N_("All close to the average"),
    "outside_middle": N_("None close to the average"),
}
# By rule and direction; run charts have a median, control charts an average.
_RUN = {
    ("shift", "up"): N_("{n} points in a row above the median, {span}."),
    ("shift", "down"): N_("{n} points in a row below the median, {span}."),
    ("long_run", "up"): N_("{n} points in a row above the median, {span}; chance seldom gives more than {high}."),
    ("long_run", "down"): N_("{n} points in a row below the median, {span}; chance seldom gives more than {high}."),
    ("trend", "up"): N_("{n} points in a row that rise, {span}."),
    ("trend", "down"): N_("{n} points in a row that fall, {span}."),
    ("too_few_runs", ""): N_("The line seldom crosses the median: {n} runs, where chance gives {low} to {high}."),
    ("too_many_runs", ""): N_("The line often crosses the median: {n} runs, where chance gives {low} to {high}."),
    ("few_crossings", ""): N_("The line crosses the median {n} times; chance seldom gives fewer than {low}."),
}
_CONTROL = {
    ("outside", "up"): N_("A point above the upper limit, {span}."),
    ("outside", "down"): N_("A point below the lower limit, {span}."),
    ("shift", "up"): N_("{n} points in a row above the average, {span}."),
    ("shift", "down"): N_("{n} points in a row below the average, {span}."),
    ("trend", "up"): N_("{n} points in a row that rise, {span}."),
    ("trend", "down"): N_("{n} points in a row that fall, {span}."),
    ("two_of_three", "up"): N_(
        "Two of three neighbours in the outer third below the upper limit, or above it, {span}."
    ),
    ("two_of_three", "down"): N_(
        "Two of three neighbours in the outer third above the lower limit, or below it, {span}."
    ),
    ("four_of_five", "up"): N_("Four of five neighbours more than a third of the way to the upper limit, {span}."),
    ("four_of_five", "down"): N_("Four of five neighbours more than a third of the way to the lower limit, {span}."),
    ("alternating", ""): N_("{n} points in a row that go up and down by turns, {span}."),
    ("within", ""): N_("{n} points in a row within a third of the way to the limits, {span}."),
    ("outside_middle", ""): N_("{n} points in a row with none within a third of the way to the limits, {span}."),
}


def chart_name(kind: str) -> str:
    """Return what a kind of chart is called."""
    return _(_CHARTS[kind])


def rules_name(chart: Chart) -> str:
    """Return what the chart's rule set is called."""
    return _(_SETS[chart.rules]) if chart.kind == "run" else rule_set(chart.rules).name


def rule_name(rule: str) -> str:
    """Return what a rule is called."""
    return _(_RULES[rule])


def label_words(label: object) -> str:
    """Write a point's label: a date in the reader's language, another as it is."""
    return date(label, "medium") if hasattr(label, "isoformat") else str(label)


def say_signal(chart: Chart, signal: pd.Series | dict) -> str:
    """Say one signal in a sentence, with the points concerned.

    Parameters
    ----------
    chart : Chart
    signal : Series or mapping
        A row of ``chart.signals``.
    """
    labels = chart.points["label"]
    first, last = (label_words(labels.iloc[int(signal[end])]) for end in ("first", "last"))
    span = (
        _("at {point}").format(point=first)
        if signal["first"] == signal["last"]
        else _("from {first} to {last}").format(first=first, last=last)
    )
    words = (_RUN if chart.kind == "run" else _CONTROL)[signal["rule"], signal["direction"]]
    return _(words).format(n=int(signal["size"]), low=signal["low"], high=signal["high"], span=span)


def summary(chart: Chart) -> str:
    """Say in one sentence what the rules say of the whole chart."""
    if not chart.phases["points"].sum():
        return _("There is no point yet.")
    now = chart.phases.iloc[-1]
    if len(chart.signals):
        said = _first_signal(chart)
        more = len(chart.signals) - 1
        others = ngettext("One more signal is in the table.", "{n} more signals are in the table.", more).format(n=more)
        return f"{said} {others}" if more else said
    if not now["enough"]:
        return say_needed(chart)
    if chart.points["value"].nunique() == 1:
        return _("Every point has the same value: there is no variation to judge.")
    return _(
        "Only the ups and downs that chance gives: none of the rules ({rules}) finds a signal in {n} points."
    ).format(rules=rules_name(chart), n=int(chart.phases["points"].sum()))


def _first_signal(chart: Chart) -> str:
    """Say the signal to begin with: of the latest phase that has one, the first rule, its latest time."""
    rows = chart.signals[chart.signals["phase"] == chart.signals["phase"].max()]
    row = rows[rows["rule"] == rows["rule"].iloc[0]].iloc[-1]
    return f"{rule_name(row['rule'])}: {say_signal(chart, row)}"


def say_needed(chart: Chart) -> str:
    """Say how many points the latest phase still needs; empty where it has enough."""
    now = chart.phases.iloc[-1]
    if now["enough"]:
        return ""
    points, needed = int(now["points"] if chart.kind == "run" else now["baseline_points"]), int(now["needed"])
    return ngettext(
        "Not enough points yet: {points} so far, {n} more is needed before the rules are applied.",
        "Not enough points yet: {points} so far, {n} more are needed before the rules are applied.",
        needed,
    ).format(points=points, n=needed)


def say_limits(chart: Chart) -> tuple[str, ...]:
    """Return what the chart does not say, in sentences, and the notes on how it was made."""
    if len(chart.signals):
        first = _(
            "A signal says that chance alone is an unlikely reason. It does not say what the reason is, nor that the "
            "change is large, good or lasting."
        )
    else:
        first = _("No signal does not mean that nothing has changed: a small change needs more points to show.")
    return (first, *chart.notes)
