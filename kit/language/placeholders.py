"""The places of a message that values are put into: the same in every language."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

__all__ = ["different", "placeholders"]


def placeholders(text: str) -> frozenset[str]:
    """Return the places of a text as they are written: ``{name}``, ``{n}``.

    Raises
    ------
    ValueError
        If a brace is not closed.

    Examples
    --------
    >>> sorted(placeholders("{n} of {total} schools"))
    ['{n}', '{total}']
    """
    found = set()
    for _text, name, form, conversion in Formatter().parse(text):
        if name is not None:
            found.add("{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}")
    return frozenset(found)


def different(message: str | Sequence[str], translation: str | Sequence[str]) -> str:
    """Say in what a translation's places differ from the message's; empty where they do not.

    Every form of a plural may leave out a place that one of the message's own forms leaves out («one school» for
    «{n} schools»).

    Parameters
    ----------
    message, translation : str or sequence of str
        A sequence holds the forms of a plural; a form that is empty is not translated and is left alone.
    """
    originals = [message] if isinstance(message, str) else list(message)
    allowed = frozenset().union(*map(placeholders, originals))
    needed = frozenset.intersection(*map(placeholders, originals))
    for text in [translation] if isinstance(translation, str) else translation:
        if not text:
            continue
        try:
            has = placeholders(text)
        except ValueError as error:
            return f"a brace is not in a pair ({error})"
        if unknown := has - allowed:
            return f"it has {_named(unknown)}, which the message does not have"
        if lost := needed - has:
            return f"it lacks {_named(lost)}"
    return ""


def _named(places: frozenset[str]) -> str:
    return ", ".join(sorted(places))
