"""The style sheet of a report's tables and figures, for the page and for JupyterLab."""

from __future__ import annotations

from functools import cache

from kit import home
from kit.charts.palette import DARK, LIGHT

__all__ = ["folder", "live_style", "page_style"]


def folder():
    """Return the folder of the page's template, style sheets and script."""
    return home() / "templates" / "html"


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


@cache
def page_style() -> str:
    """Return the page's style sheet: colours (light, dark, and light again on paper), tables, page."""
    parts = [(folder() / name).read_text(encoding="utf-8") for name in ("report.css", "page.css")]
    return (
        f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not(.printing){{{_variables(DARK)}}}}}"
        + "\n".join(parts)
    )


# Lab gives every table in an output right-aligned cells of one width, and stripes.
_UNDO_LAB = (
    "&& table{table-layout:auto;margin:0}&& th,&& td{text-align:left;white-space:normal;max-width:none;line-height:1.4}"
    "&& tbody tr:nth-child(n){background:none}&& .key{padding:0;margin:0 0 1rem}&& figure,&& h4{margin-top:.5rem}"
)


@cache
def live_style() -> str:
    """Return the same look for JupyterLab, kept inside the report's own outputs."""
    inner = (folder() / "report.css").read_text(encoding="utf-8")
    own = f"{_variables(LIGHT)}background:{LIGHT['paper']};color:{LIGHT['ink']};"
    return f"<style>.kit{{{own}{inner}{_UNDO_LAB}}}</style>"
