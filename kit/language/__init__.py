"""The words of everything a reader sees, in the reader's language; English where a word is not translated.

A text is marked where it is written: ``_("Students in {name}").format(name=…)``. Its translations are catalogues
(``catalogues/<language>/kit.po``); a district's own lie beside its data and need no code.
"""

from kit.language.current import (
    N_,
    Language,
    _,
    cached_by_language,
    current,
    direction,
    get_language,
    in_its_language,
    languages,
    ngettext,
    paragraphs,
    tell,
    the_language,
    use,
)
from kit.language.written import date, left_to_right, number, percent

__all__ = [
    "N_",
    "Language",
    "_",
    "cached_by_language",
    "current",
    "date",
    "direction",
    "get_language",
    "in_its_language",
    "languages",
    "left_to_right",
    "ngettext",
    "number",
    "paragraphs",
    "percent",
    "tell",
    "the_language",
    "use",
]
