"""Links between reports, after each has gone into its reader's own folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import quote, unquote

__all__ = ["with_links"]

# A link to a file that lies beside the page: no scheme, no folder.
_LINK = re.compile(r'(<a\b[^>]*?) href="([^"#?:/]+)(#[^"]*)?"')


def with_links(page: str, here: str, where: Mapping[str, str], *, within: str) -> str:
    """Let a page's links lead to where the other reports are now.

    A link that would lead out of what the page's reader gets, or to a report that is not there, is no link any more.

    Parameters
    ----------
    page : str
        HTML.
    here : str
        The page's own place, relative to the published folder.
    where : mapping of str to str
        Names of the reports' files, each with its place.
    within : str
        The folder that the page's reader gets; empty is all.

    Examples
    --------
    >>> with_links('<a href="2.html#a">', "d/d.html", {"2.html": "d/2/2.html"}, within="d/")
    '<a href="2/2.html#a">'
    """
    start = posixpath.dirname(here) or "."

    def moved(found: re.Match) -> str:
        before, name, anchor = found[1], unquote(unescape(found[2])), found[3] or ""
        if name == "index.html":  # each folder for a district or the network has its own
            return found[0] if here.count("/") < 2 else before
        if not name.endswith((".html", ".pdf", ".xlsx")):
            return found[0]
        place = where.get(name)
        if place is None or not place.startswith(within):
            return before
        return f'{before} href="{escape(quote(posixpath.relpath(place, start)))}{anchor}"'

    return _LINK.sub(moved, page)
