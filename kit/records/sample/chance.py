"""Random streams: one a purpose, so that a change in one table leaves the others as they were."""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["logistic", "stream"]


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Return the generator of one purpose (and school, year …); the same arguments give the same draws."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), *numbers])


def logistic(x: np.ndarray) -> np.ndarray:
    """Turn log-odds into probabilities."""
    return 1.0 / (1.0 + np.exp(-x))
