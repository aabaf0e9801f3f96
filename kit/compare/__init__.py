"""Comparisons: concern at a glance, gaps, benchmarks, and plain sentences from them."""

from kit.compare.benchmarks import benchmarks, standing
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.sentences import strengths_and_questions
from kit.compare.settings import CompareSettings

__all__ = [
    "CompareSettings",
    "at_a_glance",
    "benchmarks",
    "gap_over_years",
    "gaps",
    "standing",
    "strengths_and_questions",
]
