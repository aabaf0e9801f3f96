"""The two verdicts of NHSE's Making Data Count: what the latest point says, and what to expect of a target.

Each has a name, a sentence and a shape of our own; the shapes are drawn in ``kit.charts.verdict_mark``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.errors import KitError
from kit.language import N_, _
from kit.variation.chart import Chart
from kit.variation.control_calculation import LOCKED_POINTS
from kit.variation.words import rule_name, say_needed

__all__ = ["Verdict", "assurance_verdict", "variation_verdict"]

_DIRECTIONS = ("up", "down", None)


@dataclass(frozen=True)
class Verdict:
    """A verdict in words.

    Attributes
    ----------
    id : str
        Variation: ``improvement``, ``concern``, ``change``, ``common_cause``. Assurance: ``passes``, ``fails``,
        ``inconsistent``, ``no_target``. Either: ``not_enough_points``.
    direction : {"up", "down", ""}
        Where the latest points lie or go.
    name : str
        Two or three words.
    shape : str
        What its mark looks like, for a reader who does not see it.
    sentence : str
        For a principal.
    limits : str
        What it does not say.
    """

    id: str
    direction: str
    name: str
    shape: str
    sentence: str
    limits: str


_NAMES = {
    "improvement": N_("Improvement"),
    "concern": N_("Concern"),
    "change": N_("A change"),
    "common_cause": N_("Usual variation"),
    "not_enough_points": N_("Not enough points yet"),
    "passes": N_("Consistently meets the target"),
    "fails": N_("Consistently misses the target"),
    "inconsistent": N_("Hit and miss"),
    "no_target": N_("No target"),
}
_SHAPES = {
    "improvement": N_("a filled triangle that points the way the measure goes"),
    "concern": N_("a filled diamond with an arrow the way the measure goes"),
    "change": N_("an open square with an arrow the way the measure goes"),
    "common_cause": N_("a wavy line between two level lines"),
    "not_enough_points": N_("three dots and an open circle"),
    "passes": N_("a band with a tick, on the good side of a dashed line"),
    "fails": N_("a band with a cross, on the other side of a dashed line"),
    "inconsistent": N_("a band with a dashed line through its middle"),
    "no_target": N_("a dash"),
}


def variation_verdict(chart: Chart, better: str | None) -> Verdict:
    """Say whether the latest point is part of a signal, and whether that is an improvement.

    The rules are those of the chart; NHSE's own are the set ``nhse``. A point beyond a limit, in a shift or near a
    limit lies above or below; a point that is only in a trend goes up or down.

    Parameters
    ----------
    chart : Chart
        A control chart.
    better : {"up", "down", None}
        The direction of improvement; None where neither is better.

    Raises
    ------
    KitError
        For a run chart, which has no limits, or another direction.
    """
    _check(chart, better)
    latest = chart.latest()
    if latest is None or not _phase(chart, latest)["enough"]:
        return _verdict("not_enough_points", "", say_needed(chart), _too_early())
    rules = latest["signal"].split()
    if not rules:
        sentence = _("The latest point is part of the usual ups and downs: chance alone gives as much.")
        return _verdict("common_cause", "", sentence, _still())
    direction = _direction(chart, latest)
    if direction == "":
        name = "change"
        sentence = _("The latest points do not vary as chance alone does ({rule}).")
    elif better is None:
        name = "change"
        sentence = {
            "up": _("The latest points are higher than chance alone gives ({rule})."),
            "down": _("The latest points are lower than chance alone gives ({rule})."),
        }[direction]
    elif better == direction:
        name = "improvement"
        sentence = _("The latest points are better than chance alone gives ({rule}).")
    else:
        name = "concern"
        sentence = _("The latest points are worse than chance alone gives ({rule}).")
    return _verdict(name, direction, sentence.format(rule=rule_name(rules[0]).lower()), _why())


def assurance_verdict(chart: Chart, target: float | None, better: str | None) -> Verdict:
    """Say what to expect of a target while nothing changes: the limits of the latest point against it.

    A target on a limit is between the limits: it is met at some times and missed at others.

    Parameters
    ----------
    chart : Chart
        A control chart.
    target : float or None
    better : {"up", "down", None}
        The direction of improvement; without one there is no verdict.

    Raises
    ------
    KitError
        For a run chart, another direction, or a target that is no finite number.
    """
    _check(chart, better)
    if target is None or better is None:
        sentence = _("There is no target, or no direction that is better.")
        return _verdict("no_target", "", sentence, "")
    if not np.isfinite(float(target)):
        raise KitError(f"'{target}' is no target", mend="Give a number.")
    latest = chart.latest()
    if latest is None or not _phase(chart, latest)["enough"] or np.isnan(latest["low"]):
        return _verdict("not_enough_points", "", say_needed(chart), _too_early())
    if latest["low"] <= target <= latest["high"]:
        sentence = _("While nothing changes the target will be met at some times and missed at others, by chance.")
        return _verdict("inconsistent", "", sentence, _unless())
    above = target > latest["high"]
    if above == (better == "up"):
        return _verdict("fails", "", _("While nothing changes the target will be missed again and again."), _unless())
    return _verdict("passes", "", _("While nothing changes the target will be met again and again."), _unless())


def _verdict(name: str, direction: str, sentence: str, limits: str) -> Verdict:
    return Verdict(name, direction, _(_NAMES[name]), _(_SHAPES[name]), sentence, limits)


def _phase(chart: Chart, point):
    return chart.phases.iloc[int(point["phase"]) - 1]


def _direction(chart: Chart, point) -> str:
    """Return where the signals of a point lie; where it lies goes before where a trend goes."""
    ours = [s for s in chart.signals.to_dict("records") if point["position"] in s["points"] and s["direction"]]
    ours.sort(key=lambda s: s["rule"] == "trend")
    return ours[0]["direction"] if ours else ""


def _check(chart: Chart, better: str | None) -> None:
    if chart.kind == "run":
        raise KitError("a run chart has no limits", mend="Give a control chart (XmR, p, p′, u or c).")
    if better not in _DIRECTIONS:
        raise KitError(f"'{better}' is no direction", mend="Use up, down or None.")


def _too_early() -> str:
    return _("With fewer than {n} points the limits still move, and a verdict would move with them.").format(
        n=LOCKED_POINTS
    )


def _still() -> str:
    return _("Usual is not the same as good: where the usual is not good enough, the way of working has to change.")


def _why() -> str:
    return _("It does not say why, nor whether it will last.")


def _unless() -> str:
    return _("It is about the past way of working, and about this target only; a change can overtake it.")
