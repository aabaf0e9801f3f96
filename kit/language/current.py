"""The language in which texts are written at the moment: set for a stretch of work, never for the process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache, wraps
from gettext import NullTranslations
from pathlib import Path

from babel import Locale

from kit.errors import KitError
from kit.language.catalogue import TAG, own_catalogue, read_catalogues, shipped
from kit.language.locales import ENGLISH, locale_of

__all__ = [
    "N_",
    "Language",
    "_",
    "cached_by_language",
    "current",
    "direction",
    "get_language",
    "in_its_language",
    "languages",
    "ngettext",
    "paragraphs",
    "tell",
    "the_language",
    "use",
]


@dataclass(frozen=True)
class Language:
    """A language and where its words come from; :func:`get_language` makes it.

    Attributes
    ----------
    tag : str
        Language tag (BCP 47), such as ``es`` or ``zh-Hant``.
    words : gettext translations or None
        The district's own before the kit's; None where every text stands as it is written.
    """

    tag: str
    words: NullTranslations | None = None

    @property
    def locale(self) -> Locale:
        """How the language writes numbers and dates; English where Babel does not know it."""
        return locale_of(self.tag)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return self.locale.text_direction


_ENGLISH = Language(ENGLISH)
_now: ContextVar[Language] = ContextVar("language", default=_ENGLISH)


def languages(folder: str | Path | None = None) -> tuple[str, ...]:
    """Return the tags of the languages that there are: English, the kit's, and those of a district's folder."""
    own = {p.stem for p in Path(folder).glob("*.po") if TAG.fullmatch(p.stem)} if folder else set()
    return tuple(sorted({ENGLISH, *shipped(), *own}))


def get_language(tag: str = ENGLISH, folder: str | Path | None = None) -> Language:
    """Return a language by its tag.

    Parameters
    ----------
    tag : str
        Such as ``es``. A region without a catalogue of its own takes its language's: ``es-MX`` that of ``es``.
    folder : str or Path, optional
        A district's catalogues, ``<tag>.po`` each; what one of them has goes before the kit's.

    Raises
    ------
    KitError
        If there is no catalogue of the language; those that there are are named.
    InputError
        If a catalogue has a fault.
    """
    tag = str(tag or ENGLISH).replace("_", "-")
    found = []
    if TAG.fullmatch(tag):
        kits = shipped()
        for name in dict.fromkeys((tag, tag.split("-")[0])):
            if folder and (own := own_catalogue(Path(folder), name)).is_file():
                found.append(own)
        for name in dict.fromkeys((tag, tag.split("-")[0])):
            if name in kits:
                found.append(kits[name])
                break
    if not found and tag.split("-")[0] != ENGLISH:
        known = languages(folder)
        near = get_close_matches(tag, known, 1)
        raise KitError(
            f"there is no catalogue of the language '{tag}'",
            mend=(f"Did you mean '{near[0]}'? " if near else "")
            + f"There are: {', '.join(known)}. A district adds its own as languages/{tag}.po beside its data.",
        )
    return _opened(tag, tuple((path, path.stat().st_mtime_ns) for path in found)) if found else _ENGLISH


@lru_cache(maxsize=32)
def _opened(tag: str, stamped: tuple[tuple[Path, int], ...]) -> Language:
    return Language(tag, read_catalogues(tuple(path for path, _changed in stamped)))


@contextmanager
def use(language: str | Language = ENGLISH, folder: str | Path | None = None) -> Iterator[Language]:
    """Write texts in a language within the block; what stood before it stands after it.

    Parameters
    ----------
    language : str or Language
    folder : str or Path, optional
        A district's catalogues (:func:`get_language`).
    """
    chosen = language if isinstance(language, Language) else get_language(language, folder)
    token = _now.set(chosen)
    try:
        yield chosen
    finally:
        _now.reset(token)


def in_its_language(method: Callable) -> Callable:
    """Run a method in the language of its object (its attribute ``language``)."""

    @wraps(method)
    def run(self, *args, **kwargs):
        with use(self.language):
            return method(self, *args, **kwargs)

    return run


def cached_by_language(function: Callable) -> Callable:
    """Keep what a function returns, for each language and each set of arguments."""

    @cache
    def made(_language: Language, *args):
        return function(*args)

    @wraps(function)
    def run(*args):
        return made(_now.get(), *args)

    return run


def the_language() -> Language:
    """Return the language in which texts are written now."""
    return _now.get()


def current() -> str:
    """Return the tag of the language in which texts are written now."""
    return _now.get().tag


def direction() -> str:
    """Return ``ltr`` or ``rtl``."""
    return _now.get().direction


def _(message: str) -> str:
    """Return the message in the language of the moment; values are put in afterwards, with ``.format``."""
    words = _now.get().words
    return message if words is None else words.gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of the message that goes with ``n``; ``{n}`` is put in afterwards, with ``.format``."""
    words = _now.get().words
    return (one if n == 1 else many) if words is None else words.ngettext(one, many, int(n))


def tell(message: str, values: Mapping[str, object]) -> str:
    """Return a message that was kept with its values; a value that is itself a message is translated too.

    What is computed once for all languages keeps ``(message, values)`` instead of a text.
    """
    return (
        _(message).format(**{k: _(v) if isinstance(v, str) and v else v for k, v in values.items()}) if message else ""
    )


def paragraphs(markdown: str) -> list[str]:
    """Split a notebook's Markdown into its messages: what stands between empty lines."""
    return [part.strip() for part in re.split(r"\n[ \t]*\n", markdown) if part.strip()]


def N_(message: str) -> str:
    """Mark a text that stands in a constant: it is collected here, and translated where it is used."""
    return message
