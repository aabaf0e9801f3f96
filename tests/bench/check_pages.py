"""Open every page of a batch: whole, of the right school, light, and with nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["LARGEST_KB", "check_pages"]

LARGEST_KB = 700
_VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
# What a browser would fetch. A link that a reader follows by hand leads nowhere outside either.
_FETCHED = {"src", "href", "action", "data", "poster", "srcset", "xlink:href"}
_ELSEWHERE = re.compile(r"^\s*(https?:|ftp:|//|file:)", re.IGNORECASE)
_IN_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)


class _Page(HTMLParser):
    """Reads a page and notes what is wrong with it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.heading = ""
        self.charts = self.tables = 0

    def handle_starttag(self, tag, attrs):
        if tag not in _VOID:
            self.open.append(tag)
        given = dict(attrs)
        self.charts += "chart" in (given.get("class") or "").split()
        self.tables += tag == "table"
        for name in _FETCHED & set(given):
            if _ELSEWHERE.match(given[name] or ""):
                self.faults.append(f"{tag} leads elsewhere: {given[name]}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if "h1" in self.open:
            self.heading += data
        if self.open and self.open[-1] == "style" and _IN_STYLE.search(data):
            self.faults.append("a style fetches something")
        if self.open[-1:] == ["script"] and data.lstrip().startswith(("{", "[")):
            try:
                json.loads(data)
            except ValueError:
                self.faults.append("a chart's data cannot be read")


def check_pages(folder: Path, names: dict[str, str]) -> tuple[dict[str, list[str]], float, float]:
    """Check each page of a folder.

    Parameters
    ----------
    folder : Path
        Of a finished batch.
    names : dict of str to str
        File name to the name of its school.

    Returns
    -------
    faults : dict of str to (list of str)
        By file; empty where nothing is wrong.
    mean_kb, largest_kb : float
    """
    faults: dict[str, list[str]] = {}
    sizes = []
    for file, name in names.items():
        path = folder / file
        if not path.is_file():
            faults[file] = ["it is not there"]
            continue
        data = path.read_bytes()
        sizes.append(len(data) / 1000)
        page = _Page()
        page.feed(data.decode("utf-8"))
        page.close()
        found = page.faults + [f"<{tag}> is left open" for tag in page.open]
        if page.heading.strip() != name:
            found.append(f"its heading is «{page.heading.strip()}», not «{name}»")
        if sizes[-1] >= LARGEST_KB:
            found.append(f"it has {sizes[-1]:.0f} kB")
        if not page.charts or not page.tables:
            found.append("it has no chart or no table")
        if not data.rstrip().endswith(b"</html>"):
            found.append("its end is missing")
        if found:
            faults[file] = found
    return faults, sum(sizes) / max(len(sizes), 1), max(sizes, default=0.0)
