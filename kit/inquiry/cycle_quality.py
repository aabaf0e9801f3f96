"""Does a cycle hold to the method? Five criteria and the decision, in words that help the next one."""

from __future__ import annotations

from kit.inquiry.advice import Check
from kit.inquiry.entries import Entry
from kit.inquiry.pdsa import chain
from kit.inquiry.project import Project
from kit.language import _, ngettext

__all__ = ["POINTS_OVER_TIME", "cycle_checks"]

SOURCE = "cycle.md, phase 3, quality of the cycle; rules.md section 7"
# ASSUMPTION: no source says how many points are data over time; two are only a before and an after.
POINTS_OVER_TIME = 3


def cycle_checks(project: Project, cycle: Entry) -> list[Check]:
    """Return the checks of a cycle: prediction, small, data over time, study, decision, iterated.

    ``met`` is None as long as its step of the cycle is still to come.
    """
    cycle = project.get(cycle.id)
    linked = chain(project, cycle)
    return [
        _prediction(project, cycle),
        _small(cycle, linked),
        _data_over_time(project, cycle),
        _study(project, cycle),
        _decision(cycle, linked),
        _iterated(cycle, linked),
    ]


def _values(project: Project, cycle: Entry) -> list[Entry]:
    """Return the values of the cycle's measures on its days; all later ones where it has no last day."""
    measures = set(cycle["measures"] or ())
    measures |= {p["measure"] for p in project.entries("prediction", cycle=cycle) if p["measure"]}
    start, end = cycle["start"] or "", cycle["end"] or "9999"
    return [v for v in project.entries("value") if v["measure"] in measures and start <= v["date"] <= end]


def _prediction(project: Project, cycle: Entry) -> Check:
    name = _("Prediction before the result")
    asked = project.entries("prediction", cycle=cycle)
    if not asked or not all(p["prediction"] for p in asked):
        words = _("Write down what you expect for each question: a surprise is only a surprise against a prediction.")
        return Check(name, None if not cycle["locked_at"] and not cycle["done"] else False, words, SOURCE)
    if not cycle["locked_at"]:
        met = False if cycle["done"] or cycle["result"] else None
        return Check(name, met, _("The predictions are written; lock them before you look at any result."), SOURCE)
    entered = [v.created_at for v in _values(project, cycle)]
    if entered and min(entered) < cycle["locked_at"]:
        words = _("The first result was there before the predictions were locked. Next time, predict first.")
        return Check(name, False, words, SOURCE)
    return Check(name, True, _("The predictions were written and locked before the first result."), SOURCE)


def _small(cycle: Entry, linked: list[Entry]) -> Check:
    name = _("Small")
    size, whole = cycle["size"], cycle["whole"]
    if size is None or whole is None:
        words = _("Say with how many you try it, out of how many: a small test costs little if it fails.")
        return Check(name, False, words, SOURCE)
    tried = {"size": size, "whole": whole, "of": cycle["size_of"] or ""}
    if size < whole:
        words = _("It is tried with {size} of {whole} {of}.").format(**tried)
        return Check(name, True, " ".join(words.split()).replace(" .", "."), SOURCE)
    earlier = [c["size"] for c in linked[: [c.id for c in linked].index(cycle.id)] if c["size"] is not None]
    if earlier and min(earlier) < size:
        return Check(name, True, _("It goes to all {whole} after smaller tests.").format(**tried), SOURCE)
    words = _("It is tried with all {whole} at once. Could one class, one day or one student group teach you as much?")
    return Check(name, False, words.format(**tried), SOURCE)


def _data_over_time(project: Project, cycle: Entry) -> Check:
    name = _("Data over time")
    source = f"{SOURCE}; ASSUMPTION: at least {POINTS_OVER_TIME} dates during the test"
    dates: dict[str, set[str]] = {}
    for v in _values(project, cycle):
        dates.setdefault(v["measure"], set()).add(v["date"])
    most = max(map(len, dates.values()), default=0)
    if most >= POINTS_OVER_TIME:
        words = ngettext("A measure has {n} value during the test.", "A measure has {n} values during the test.", most)
        return Check(name, True, words.format(n=most), source)
    words = _("Collect a few values while the test runs, not only one at the end: a tally a teacher keeps is enough.")
    return Check(name, False if cycle["studied_at"] else None, words, source)


def _study(project: Project, cycle: Entry) -> Check:
    name = _("Study written")
    asked = project.entries("prediction", cycle=cycle)
    if cycle["learned"] and asked and all(p["matched"] for p in asked):
        return Check(
            name, True, _("Each result stands against its prediction, and what was learned is written."), SOURCE
        )
    words = _("Hold each result against its prediction and write a sentence on what you learned.")
    return Check(name, False if cycle["act"] else None, words, SOURCE)


def _decision(cycle: Entry, linked: list[Entry]) -> Check:
    name = _("Decision")
    if not cycle["act"]:
        return Check(name, None, _("Decide: adopt, adapt or abandon."), SOURCE)
    if not cycle["why"]:
        return Check(name, False, _("Add why: whoever meets the same idea later will want to know."), SOURCE)
    if cycle["act"] == "adapt" and not any(c["previous"] == cycle.id for c in linked):
        return Check(name, False, _("It is to be adapted: plan the next cycle."), SOURCE)
    return Check(name, True, _("It is decided, with the reason."), SOURCE)


def _iterated(cycle: Entry, linked: list[Entry]) -> Check:
    name = _("One of several cycles")
    n = len(linked)
    if n > 1:
        return Check(name, True, _("It is one of {n} linked cycles.").format(n=n), SOURCE)
    words = _("So far it stands alone. Most ideas need several small tests before they work here.")
    return Check(name, False if cycle["act"] else None, words, SOURCE)
