"""A kindly word on what a team wrote: what a criterion asks, whether it is met, and what would help."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """One criterion and how a text stands to it.

    Attributes
    ----------
    criterion : str
        What is asked, in a word or two.
    met : bool or None
        None where it is too early to say.
    words : str
        A sentence for the team.
    source : str
        Where the criterion comes from; an assumption says so.
    """

    criterion: str
    met: bool | None
    words: str
    source: str
