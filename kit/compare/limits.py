"""What each comparison cannot tell, by the name of its function."""

from __future__ import annotations

from kit.compare.benchmarks import CANNOT_TELL as _STANDING
from kit.compare.bright_spots import CANNOT_TELL as _SPOTS
from kit.compare.composition import CANNOT_TELL as _COMPOSITION
from kit.compare.concern import CANNOT_TELL as _CONCERN
from kit.compare.gaps import CANNOT_TELL as _GAPS
from kit.compare.leading import CANNOT_TELL as _LEADING
from kit.compare.schools_like_ours import CANNOT_TELL as _LIKE_OURS
from kit.compare.sentences import CANNOT_TELL as _SENTENCES
from kit.errors import KitError
from kit.language import _

__all__ = ["cannot_tell"]

_LIMITS = {
    "at_a_glance": _CONCERN,
    "benchmarks": _STANDING,
    "better_than_predicted": _SPOTS,
    "bright_spots": _SPOTS,
    "composition": _COMPOSITION,
    "composition_wide": _COMPOSITION,
    "every_school_improving_more": _LIKE_OURS,
    "every_school_like_ours": _LIKE_OURS,
    "gap_over_years": _GAPS,
    "gaps": _GAPS,
    "improving_more": _LIKE_OURS,
    "leading_measures": _LEADING,
    "schools_like_ours": _LIKE_OURS,
    "standing": _STANDING,
    "strengths_and_questions": _SENTENCES,
}


def cannot_tell(comparison: str) -> tuple[str, ...]:
    """Return the sentences to print beside a comparison's table.

    Raises
    ------
    KitError
        If no comparison has the name.

    Examples
    --------
    >>> cannot_tell("gaps")[0]
    'A gap says that two groups differ in a measure, never why, and nothing about any one student.'
    """
    if comparison not in _LIMITS:
        raise KitError(f"'{comparison}' is not a comparison", mend=f"Known: {', '.join(sorted(_LIMITS))}.")
    return tuple(_(text) for text in _LIMITS[comparison])
