"""Comparisons: concern, gaps, benchmarks, schools like ours, leads, bright spots, and sentences from them.

Results in (or a released table), new tables out; nothing is drawn at random and nothing hangs on the order of
rows. :func:`cannot_tell` says what a table cannot tell: print it beside the table.
"""

from kit.compare.benchmarks import benchmarks, standing
from kit.compare.bright_spots import better_than_predicted, bright_spots
from kit.compare.composition import composition, composition_wide
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.improving_more import every_school_improving_more, improving_more
from kit.compare.leading import leading_measures
from kit.compare.limits import cannot_tell
from kit.compare.schools_like_ours import every_school_like_ours, schools_like_ours
from kit.compare.sentences import strengths_and_questions
from kit.compare.settings import CompareSettings

__all__ = [
    "CompareSettings",
    "at_a_glance",
    "benchmarks",
    "better_than_predicted",
    "bright_spots",
    "cannot_tell",
    "composition",
    "composition_wide",
    "every_school_improving_more",
    "every_school_like_ours",
    "gap_over_years",
    "gaps",
    "improving_more",
    "leading_measures",
    "schools_like_ours",
    "standing",
    "strengths_and_questions",
]
