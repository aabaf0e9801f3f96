"""Improvement Inquiry Kit: measures, notebooks and reports for school-improvement teams."""

from pathlib import Path

__version__ = "0.1.0"
__all__ = ["__version__", "home"]


def home() -> Path:
    """Return the folder that holds ``notebooks/``, ``templates/`` and ``data_samples/``."""
    return Path(__file__).resolve().parent.parent
