"""Stretches of points that belong together, found in many series at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Stretches", "find_stretches", "longest", "windows"]


@dataclass(frozen=True)
class Stretches:
    """Maximal stretches of neighbours that are alike.

    Attributes
    ----------
    of : array of int
        The stretch of each item.
    start, length, segment, key : array of int
        One a stretch: its first item, how many items, its segment, and what its items have in common.
    """

    of: np.ndarray
    start: np.ndarray
    length: np.ndarray
    segment: np.ndarray
    key: np.ndarray

    def where(self, keep: np.ndarray) -> list[tuple[int, int, int, int]]:
        """Return start, length, segment and key of the stretches to keep."""
        return list(zip(*(a[keep].tolist() for a in (self.start, self.length, self.segment, self.key)), strict=True))


def find_stretches(key: np.ndarray, segment: np.ndarray) -> Stretches:
    """Cut items into stretches of one key within one segment.

    Parameters
    ----------
    key, segment : array of int
        One an item; segments never fall.
    """
    new = np.ones(len(key), dtype=bool)
    new[1:] = (key[1:] != key[:-1]) | (segment[1:] != segment[:-1])
    start = np.flatnonzero(new)
    return Stretches(
        np.cumsum(new) - 1, start, np.diff(start, append=len(key)), segment[start], key[start].astype("int64")
    )


def longest(stretches: Stretches, segments: int) -> np.ndarray:
    """Return the length of the longest stretch of each segment, 0 where there is none."""
    longest = np.zeros(segments, dtype="int64")
    np.maximum.at(longest, stretches.segment, stretches.length)
    return longest


def windows(marked: np.ndarray, segment: np.ndarray, size: int) -> np.ndarray:
    """Count the marked items of each window of ``size`` neighbours in one segment.

    Parameters
    ----------
    marked : array of bool
    segment : array of int
        Never falling.
    size : int

    Returns
    -------
    array of int
        One for each item that begins a window of items that are neighbours; −1 where the segment ends before.
    """
    n = len(marked)
    counts = np.full(n, -1)
    if n >= size:
        total = np.concatenate([[0], np.cumsum(marked)])
        whole = segment[: n - size + 1] == segment[size - 1 :]
        counts[: n - size + 1] = np.where(whole, total[size:] - total[: n - size + 1], -1)
    return counts
