"""How a language writes numbers and dates and which way it runs: CLDR's data, by language tag."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError

__all__ = ["ENGLISH", "locale_of"]

ENGLISH = "en"
# Numbers and dates are written as in the language's schools in this country; Spanish here has 1,234.5 and not 1.234,5.
_COUNTRY = "US"


@cache
def locale_of(tag: str) -> Locale:
    """Return the locale of a language tag; English where Babel does not know the language."""
    name = tag.replace("-", "_")
    language = name.split("_")[0]
    for candidate in (f"{name}_{_COUNTRY}", name, f"{language}_{_COUNTRY}", language):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(f"{ENGLISH}_{_COUNTRY}")
