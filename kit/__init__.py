"""Improvement Inquiry Kit: measures, notebooks and reports for school-improvement teams."""

__version__ = "0.1.0"
__all__ = ["__version__"]
