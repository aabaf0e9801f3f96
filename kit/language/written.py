"""Numbers and dates as the language of the moment writes them (CLDR's data, through Babel)."""

from __future__ import annotations

import datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from kit.language.current import _, the_language

__all__ = ["date", "left_to_right", "number", "percent"]


@lru_cache(maxsize=64)
def _marks(locale: Locale) -> dict[int, str] | None:
    """Return what Python's own marks become; None where they are already the language's."""
    symbols = locale.number_symbols["latn"]
    marks = {ord("."): symbols["decimal"], ord(","): symbols["group"]}
    return None if all(chr(a) == b for a, b in marks.items()) else marks


def number(value: float, digits: int = 0) -> str:
    """Write a number with its thousands and decimals: ``1,234.5``.

    Python rounds, so that a number is the same in every language; the language gives the marks. The digits are
    0 to 9 everywhere, as the charts' axes are.

    Parameters
    ----------
    value : float
    digits : int
        Decimals.
    """
    text = f"{value:,.{digits}f}"
    marks = _marks(the_language().locale)
    return text.translate(marks) if marks else text


def percent(value: float, digits: int = 0) -> str:
    """Write a percentage: 12.34 is ``12.3 %`` with one digit."""
    # The number and its sign in the order and with the space of the language.
    return _("{number} %").format(number=number(value, digits))


def left_to_right(text: str) -> str:
    """Keep the order of a sign, a year or a span of numbers in a right-to-left language.

    After Arabic letters the browser would set 2025-26 as 26-2025 and a minus behind its number (Unicode's bidirectional
    algorithm, rules W2 and N1); two invisible marks isolate it.
    """
    language = the_language()
    return text if language.words is None or language.direction == "ltr" else f"\u2066{text}\u2069"


def date(day: datetime.date, form: str = "long") -> str:
    """Write a day: ``June 30, 2026``.

    Parameters
    ----------
    day : date
    form : {"short", "medium", "long", "full"}
    """
    return format_date(day, format=form, locale=the_language().locale)
