"""What the ratings come to: averages, a proposed score, its level, and how far the raters are apart.

Sums are of whole numbers and fractions, so 2.5 is exactly 2.5 when it is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kit.needs.answers import Answer
from kit.needs.instrument import Instrument, Item, Level, Settings

__all__ = ["Score", "most_contested", "rounded", "scores", "spread_words"]


@dataclass(frozen=True)
class Score:
    """What the raters gave an element or a part of one.

    Attributes
    ----------
    item : Item
    whole : bool
        True for a core element, False for a part of one.
    answers : tuple of Answer
        With a score, lowest first; a «don't know» that counts as a 1 is among them.
    blank : int
        People who left it blank, which is no score.
    average : Fraction or None
        None where nobody gave a score.
    proposed : int or None
        The average rounded to a whole score.
    level : Level or None
    variance : Fraction or None
        Of those who answered.
    contested : bool
    """

    item: Item
    whole: bool
    answers: tuple[Answer, ...]
    blank: int
    average: Fraction | None
    proposed: int | None
    level: Level | None
    variance: Fraction | None
    contested: bool

    @property
    def given(self) -> tuple[int, ...]:
        """The scores, lowest first."""
        return tuple(a.score for a in self.answers)

    @property
    def unknown(self) -> int:
        """How many of the scores are a «don't know» that counts as a 1."""
        return sum(a.unknown for a in self.answers)

    @property
    def range(self) -> int:
        """Distance between the highest and the lowest score."""
        return max(self.given) - min(self.given) if self.answers else 0


def rounded(average: Fraction, tie: str = "up") -> int:
    """Round to the nearest whole score; exactly half goes up (or down, by the instrument's setting).

    Examples
    --------
    >>> rounded(Fraction(5, 2)), rounded(Fraction(16, 5)), rounded(Fraction(5, 2), "down")
    (3, 3, 2)
    """
    half = Fraction(1, 2)
    return math.floor(average + half) if tie == "up" else math.ceil(average - half)


def scores(answers: Iterable[Answer], instrument: Instrument) -> tuple[Score, ...]:
    """Return a score for each part and each core element, in the instrument's order.

    The score of an element with parts is the mean of the parts' averages, or the mean of the overall judgements where
    the instrument says so (rules.md section 4.2). Answers on anything else are left out.
    """
    by_code: dict[str, list[Answer]] = {}
    for answer in answers:
        if found := instrument.item(answer.element):
            by_code.setdefault(found.code, []).append(answer)
    out: list[Score] = []
    for element in instrument.elements:
        parts = [_score(p, by_code.get(p.code, []), instrument) for p in instrument.parts_of(element.code)]
        out += parts
        if parts and instrument.settings.element_score == "mean":
            out.append(_of_parts(element, parts, instrument))
        else:
            out.append(_score(element, by_code.get(element.code, []), instrument, whole=True))
    return tuple(out)


def _score(item: Item, answers: Sequence[Answer], instrument: Instrument, *, whole: bool = False) -> Score:
    given = sorted((a for a in answers if a.score is not None), key=lambda a: (a.score, not a.unknown))
    average = variance = None
    if given:
        average = Fraction(sum(a.score for a in given), len(given))
        variance = sum((a.score - average) ** 2 for a in given) / len(given)
    blank = len(answers) - len(given)
    return _made(item, whole, tuple(given), blank, average, variance, instrument)


def _of_parts(element: Item, parts: Sequence[Score], instrument: Instrument) -> Score:
    averages = [p.average for p in parts if p.average is not None]
    average = sum(averages, Fraction(0)) / len(averages) if averages else None
    return _made(element, True, (), 0, average, None, instrument)


def _made(item, whole, answers, blank, average, variance, instrument: Instrument) -> Score:
    proposed = None if average is None else rounded(average, instrument.settings.tie)
    level = instrument.levels.get(proposed) if proposed is not None else None
    contested = _contested(answers, variance, instrument.settings)
    return Score(item, whole, answers, blank, average, proposed, level, variance, contested)


def _contested(answers: Sequence[Answer], variance: Fraction | None, settings: Settings) -> bool:
    if variance is None or len(answers) < 2:
        return False
    apart = answers[-1].score - answers[0].score
    return apart >= settings.contested_range or variance >= Fraction(settings.contested_spread) ** 2


def most_contested(found: Iterable[Score]) -> tuple[Score, ...]:
    """Return what was rated, the most contested first; ties by code. What nobody scored comes last."""
    rated = [s for s in found if s.answers or s.blank]
    return tuple(
        sorted(rated, key=lambda s: (not s.contested, -(s.variance if s.variance is not None else -1), s.item.code))
    )


def spread_words(score: Score) -> str:
    """Say how the ratings are spread: «Of 5 scores: one 2, three 3, one 4. Average 3.0.»"""
    if not score.answers:
        return f"Nobody gave a score; {score.blank} left it blank." if score.blank else "Nobody gave a score."
    counted = ", ".join(f"{score.given.count(s)} × {s}" for s in sorted(set(score.given)))
    n = len(score.given)
    said = f"Of {n} score{'s' * (n != 1)}: {counted}. Average {float(score.average):.2f}."
    if score.unknown:
        said += f" {score.unknown} of the 1s {'is' if score.unknown == 1 else 'are'} «don't know»."
    if score.blank:
        said += f" {score.blank} left it blank; a blank does not count."
    if score.contested:
        said += " The ratings are far apart."
    return said
