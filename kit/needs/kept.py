"""Ratings in the team's store: kept by name, or under a number that nobody can trace."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from kit.errors import Fault, KitError
from kit.inquiry import Project, kind
from kit.needs.answers import Answer, Form, same_person
from kit.needs.reading import Reading

__all__ = ["ANONYMOUS", "Kept", "is_anonymous", "keep_ratings", "kept_answers", "kept_raters"]

ANONYMOUS = "rater "
# What stands in the field «File» of a rating whose person is not to be known.
_FILES = "answers read from files"


@dataclass(frozen=True)
class Kept:
    """What was saved.

    Attributes
    ----------
    raters : int
        People whose ratings are in the store now.
    added, changed, removed : int
        Ratings.
    faults : tuple of Fault
        Forms that could not be kept, such as one that names a pupil.
    """

    raters: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    faults: tuple[Fault, ...] = field(default=())


def is_anonymous(project: Project) -> bool:
    """Return whether the project's ratings are stored under numbers."""
    return any(str(r["rater"] or "").startswith(ANONYMOUS) for r in project.entries("rating"))


def kept_answers(project: Project) -> tuple[Answer, ...]:
    """Return the ratings that are in the store."""
    return tuple(
        Answer(r["rater"] or "", r["element"], r["score"], bool(r["unknown"]), r["evidence"] or "")
        for r in project.entries("rating")
    )


def kept_raters(project: Project) -> tuple[str, ...]:
    """Return who has ratings in the store, each once."""
    return tuple(dict.fromkeys(r["rater"] for r in project.entries("rating") if r["rater"]))


def keep_ratings(project: Project, reading: Reading, *, anonymous: bool = False) -> Kept:
    """Save what was read; read again, it replaces what the same people gave before.

    Anonymous ratings get numbers in an order drawn by lot; no name, e-mail address or file name is stored. What was
    read from files before is replaced as a whole then, because nobody can tell whose it was: read all files together.

    Raises
    ------
    KitError
        If ratings with names are in the project and names are not to be kept: earlier texts would still hold them. Or
        the other way round.
    """
    before = project.entries("rating")
    if before and anonymous != is_anonymous(project):
        kept, asked = ("with names", "without") if anonymous else ("without names", "with them")
        raise KitError(
            f"The project holds ratings {kept}, and these are to be kept {asked}",
            mend="Keep them as before, or begin another project: earlier texts stay in the store.",
        )
    forms, faults = _without_pupils(project, reading.forms)
    if anonymous:
        return _keep_numbers(project, forms, faults)
    return _keep_names(project, forms, faults)


def _without_pupils(project: Project, forms: Sequence[Form]) -> tuple[list[Form], tuple[Fault, ...]]:
    rating, faults, good = kind("rating"), [], []
    for form in forms:
        found = [p for a in form.answers for p in project.store.guard.problems(rating, {"evidence": a.evidence})]
        faults += [Fault("error", form.source, p.problem, p.mend, column="Evidence", rule="pupil") for p in found]
        if not found:
            good.append(form)
    return good, tuple(faults)


def _fields(answer: Answer, rater: str, source: str) -> dict:
    # A blank on paper is a «don't know» without a score.
    return {
        "element": answer.element, "rater": rater, "score": answer.score,
        "unknown": True if answer.unknown or answer.score is None else None,
        "evidence": answer.evidence or None, "source": source,
    }  # fmt: skip


def _keep_names(project: Project, forms: Sequence[Form], faults: tuple[Fault, ...]) -> Kept:
    added = changed = removed = 0
    with project.together():
        held = {}
        for entry in project.entries("rating"):
            held.setdefault((same_person(entry["rater"] or ""), entry["element"]), entry)
        for form in forms:
            new = []
            for answer in form.answers:
                fields = _fields(answer, form.rater, form.source)
                if (entry := held.get((same_person(form.rater), answer.element))) is None:
                    new.append(fields)
                elif project.update(entry, **fields).version != entry.version:
                    changed += 1
            project.add_many("rating", new)
            added += len(new)
            answered = {a.element for a in form.answers}
            for (rater, element), entry in held.items():
                if rater == same_person(form.rater) and element not in answered:
                    project.delete(entry)
                    removed += 1
    return Kept(len(kept_raters(project)), added, changed, removed, faults)


def _keep_numbers(project: Project, forms: Sequence[Form], faults: tuple[Fault, ...]) -> Kept:
    if not forms:
        return Kept(len(kept_raters(project)), faults=faults)
    with project.together():
        earlier = [e for e in project.entries("rating") if e["source"] == _FILES]
        for entry in earlier:
            project.delete(entry)
        taken = {r.removeprefix(ANONYMOUS) for r in kept_raters(project)}
        numbers = [n for n in range(1, len(forms) + len(taken) + 1) if str(n) not in taken][: len(forms)]
        secrets.SystemRandom().shuffle(numbers)
        by_number = sorted(zip(numbers, forms, strict=True), key=lambda pair: pair[0])
        rows = [_fields(a, f"{ANONYMOUS}{n}", _FILES) for n, form in by_number for a in form.answers]
        project.add_many("rating", rows)
    return Kept(len(kept_raters(project)), len(rows), 0, len(earlier), faults)
