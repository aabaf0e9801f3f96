"""The settings of every comparison. None of them has an official source, so each prints its assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.errors import KitError
from kit.language import N_, _, percent

__all__ = ["CompareSettings"]


@dataclass(frozen=True)
class CompareSettings:
    """Choices behind the comparisons; :meth:`assumptions` says them in words.

    Attributes
    ----------
    quarter : float
        Share of schools at each end that is named a strength or to look closer at.
    minimum_schools : int
        Fewer schools of a level with a number than this are not compared.
    minimum_students : int
        A number that rests on fewer students is not classed (CORE counted groups of 20 and more:
        Marsh et al. 2016).
    confidence : float
        Coverage of every interval.
    widest_interval : float
        Percentage points. A difference whose interval holds 0 and is wider than this is too small a
        group to say, rather than «no clear change».
    answers_per_person : float
        Survey answers of one person go together; that many answers count as one in an interval.
    notable_change : mapping of str to float
        For means, which have no interval here: the change of a measure (in its own unit) that is
        classed. Empty: no mean is classed.
    neighbours : int
        How many of the nearest schools are looked at.
    shown_neighbours : int
        How many schools that improved more are named.
    own_district : bool
        Whether schools of one's own district may be named as schools like ours.
    minimum_correlated : int
        Fewer schools than this have no correlation.
    longest_lead : int
        Years back that are looked at for leading measures.
    sizes : tuple of (float, str)
        From which absolute correlation on a word is used (Cohen 1988).
    outlying : float
        Leave-one-out standardised residual from which a school is clearly better or worse than predicted.
    schools_per_predictor : int
        Schools needed for each characteristic in the prediction.
    most_strengths, most_questions : int
        How many sentences are chosen.

    Raises
    ------
    KitError
        If a setting is outside its range.

    Examples
    --------
    >>> CompareSettings(minimum_schools=10).assumptions()[1]
    'ASSUMPTION: fewer than 10 schools of a level with a number are not compared.'
    """

    quarter: float = 0.25
    minimum_schools: int = 8
    minimum_students: int = 20
    confidence: float = 0.95
    widest_interval: float = 30.0
    answers_per_person: float = 4.0
    notable_change: Mapping[str, float] = field(default_factory=dict)
    neighbours: int = 15
    shown_neighbours: int = 3
    own_district: bool = True
    minimum_correlated: int = 10
    longest_lead: int = 4
    sizes: tuple[tuple[float, str], ...] = (
        (0.5, N_("large")),
        (0.3, N_("moderate")),
        (0.1, N_("small")),
        (0.0, N_("very small")),
    )
    outlying: float = 2.0
    schools_per_predictor: int = 5
    most_strengths: int = 4
    most_questions: int = 5

    def __post_init__(self):
        checks = {
            "quarter": 0 < self.quarter < 0.5,
            "minimum_schools": self.minimum_schools >= 2,
            "minimum_students": self.minimum_students >= 1,
            "confidence": 0.5 <= self.confidence < 1,
            "widest_interval": self.widest_interval > 0,
            "answers_per_person": self.answers_per_person >= 1,
            "notable_change": all(v > 0 for v in self.notable_change.values()),
            "neighbours": self.neighbours >= 1,
            "shown_neighbours": self.shown_neighbours >= 1,
            "minimum_correlated": self.minimum_correlated >= 4,
            "longest_lead": self.longest_lead >= 1,
            "sizes": bool(self.sizes) and self.sizes[-1][0] == 0.0 and list(self.sizes) == sorted(self.sizes)[::-1],
            "outlying": self.outlying > 0,
            "schools_per_predictor": self.schools_per_predictor >= 2,
            "most_strengths": self.most_strengths >= 0,
            "most_questions": self.most_questions >= 0,
        }
        for name, fits in checks.items():
            if not fits:
                raise KitError(
                    f"{getattr(self, name)!r} does not fit",
                    where=f"setting '{name}'",
                    mend="See CompareSettings.",
                )

    def assumptions(self) -> tuple[str, ...]:
        """Say each setting in a sentence, to print beside what it decided."""
        means = (
            "; ".join(f"{m}: {v:g}" for m, v in sorted(self.notable_change.items()))
            if self.notable_change
            else _("none, so no change of a mean is classed")
        )
        sizes = ", ".join(_("{size} from {low}").format(size=_(word), low=f"{low:g}") for low, word in self.sizes)
        nearest = (
            _("schools like ours are the {n} nearest of the level; at most {named} are named.")
            if self.own_district
            else _(
                "schools like ours are the {n} nearest of the level outside the district; at most {named} are named."
            )
        )
        lines = (
            _(
                "the {share} of the schools of a level at either end are named a strength or to look closer at; "
                "schools with equal values are always treated alike."
            ).format(share=percent(100 * self.quarter)),
            _("fewer than {n} schools of a level with a number are not compared.").format(n=self.minimum_schools),
            _("a number that rests on fewer than {n} students is not classed.").format(n=self.minimum_students),
            _("intervals are made to hold the true difference in {share} of cases.").format(
                share=percent(100 * self.confidence)
            ),
            _("an interval wider than {width} percentage points that holds 0 is too small to say.").format(
                width=f"{self.widest_interval:g}"
            ),
            _("in an interval {n} survey answers count as one person.").format(n=f"{self.answers_per_person:g}"),
            _("changes of a mean that are classed: {means}.").format(means=means),
            nearest.format(n=self.neighbours, named=self.shown_neighbours),
            _(
                "a correlation needs {n} schools; its size is called {sizes}; up to {years} years back are looked at."
            ).format(n=self.minimum_correlated, sizes=sizes, years=self.longest_lead),
            _(
                "clearly better or worse than predicted: {errors} leave-one-out standard errors or more, with {n} "
                "schools for each characteristic in the prediction."
            ).format(errors=f"{self.outlying:g}", n=self.schools_per_predictor),
            _("at most {strengths} strengths and {questions} questions are chosen.").format(
                strengths=self.most_strengths, questions=self.most_questions
            ),
        )
        return tuple(f"ASSUMPTION: {line}" for line in lines)
