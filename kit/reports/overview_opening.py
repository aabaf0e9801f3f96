"""The first screens of a district's and the network's report: who it is, every measure, and the matrix of schools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from kit import home
from kit.charts.derived import Rows, rows
from kit.charts.display import Html
from kit.charts.matrix import Row, icon_matrix
from kit.charts.palette import LEVELS, level
from kit.charts.words import count, year
from kit.compare.words import level_words, sentence_start
from kit.language import _, ngettext
from kit.measures.registry import Measure, measures
from kit.reports.looks import live_style
from kit.reports.opening import levels_key
from kit.reports.overview_settings import OverviewSettings
from kit.variation.run_chart import FEWEST_POINTS

__all__ = ["cells_of", "facts", "how_to_read_matrix", "matrices", "script", "style", "tally", "tools"]

# In this order; other levels follow by name.
_LEVELS = ("elementary", "middle", "high", "other")


def style(*, live: bool) -> Html:
    """Return the style sheet of these reports; JupyterLab needs the report's own before it."""
    own = (home() / "templates" / "html" / "overview.css").read_text(encoding="utf-8")
    return Html(f"{live_style() if live else ''}<style>{own}</style>")


def facts(
    schools: Sequence[Mapping[str, str]], size: tuple[str, str] | None, school_year: int, districts: int = 0
) -> Html:
    """Return how many districts and schools, how many students, and the school year."""
    levels = Counter(s.get("level", "") for s in schools)
    listed = "".join(f"<small>{escape(_level_name(k))}: {count(levels[k])}</small>" for k in _in_order(levels))
    items = [
        (_("Districts"), count(districts) if districts else ""),
        (_("Schools"), f"{count(len(schools))} {listed}"),
        (_("Students"), f"{size[0]} <small>{escape(size[1])}</small>" if size else ""),
        (_("School year"), year(school_year)),
    ]
    inner = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in items if value)
    return Html(f'<dl class="facts">{inner}</dl>')


def _level_name(school_level: str) -> str:
    return level_words(school_level) if school_level else _("schools whose level is not known")


def _in_order(levels: Mapping[str, object]) -> list[str]:
    return sorted(levels, key=lambda k: (_LEVELS.index(k) if k in _LEVELS else len(_LEVELS), k))


def how_to_read_matrix(years: int) -> str:
    """Return what the shapes and words of the matrix mean, and what they do not say."""
    words = _(
        "Read along a row: the shape says where a school’s number stands among schools of its level, the word whether "
        "it is clearly better or worse than the year before. A shape leads to that measure in the school’s own report, "
        "where it was made into the same folder."
    )
    points = ngettext(
        "There is {n} school year here. A verdict on variation, as on a run chart, needs {least} points or more, so "
        "none is given: one change between two years is no trend.",
        "There are {n} school years here. A verdict on variation, as on a run chart, needs {least} points or more, so "
        "none is given: one change between two years is no trend.",
        years,
    ).format(n=years, least=FEWEST_POINTS)
    said = f'<p class="how">{escape(words)}</p>{levels_key()}'
    return f'{said}<p class="note">{escape(points)}</p>' if years < FEWEST_POINTS else said


def tools() -> str:
    """Return the filter of the matrices: hidden until the script that works it runs."""
    options = (
        ("", _("all schools")),
        ("c", _("schools with a number to look closer at")),
        ("w", _("schools with a number clearly worse")),
        ("b", _("schools with a number clearly better")),
    )
    choices = "".join(f'<option value="{value}">{escape(text)}</option>' for value, text in options)
    said = {
        "all": _("{n} schools"),
        "some": _("{n} of {all} schools"),
        "sort": _("Order of the rows by {name}: press for those to look closer at first"),
        "turn": _("Order of the rows by {name}: press for strengths first"),
        "back": _("Order of the rows by {name}: press for the alphabet"),
    }
    texts = "".join(f' data-{key}="{escape(text)}"' for key, text in said.items())
    return (
        f'<div class="matrix-tools" role="search" aria-label="{escape(_("Find schools in the matrix"))}" hidden{texts}>'
        f'<label>{escape(_("Find a school"))} <input type="search" autocomplete="off" spellcheck="false"></label>'
        f"<label>{escape(_('Show'))} <select>{choices}</select></label>"
        '<p role="status" aria-live="polite"></p></div>'
    )


def script() -> str:
    """Return the script that filters and orders the rows of the matrices."""
    return f"<script>{(home() / 'templates' / 'html' / 'matrix.js').read_text(encoding='utf-8')}</script>"


def cells_of(schools: Sequence[Mapping[str, str]], glance: Rows) -> int:
    """Return how many cells the matrices of these schools have."""
    return sum(len(some) * len(columns) for _level, some, columns in _split(schools, glance))


def _split(schools: Sequence[Mapping[str, str]], glance: Rows) -> list[tuple[str, list, list[Measure]]]:
    """Split schools by level, each level with the measures that any of its schools has."""
    level_of = {s["school_id"]: s.get("level", "") for s in schools}
    measures_of: dict[str, set[str]] = {}
    for r in rows(glance):
        if r["unit_id"] in level_of:
            measures_of.setdefault(level_of[r["unit_id"]], set()).add(r["measure"])
    out = []
    for name in _in_order(dict.fromkeys(level_of.values())):
        columns = [m for i, m in measures().items() if i in measures_of.get(name, ())]
        if columns:
            out.append((name, [s for s in schools if s.get("level", "") == name], columns))
    return out


def matrices(
    schools: Sequence[Mapping[str, str]],
    glance: Rows,
    files: Mapping[str, str],
    settings: OverviewSettings,
    *,
    by_district: bool,
) -> str:
    """Return the matrices: for each level of schools one of results and one of surveys.

    Parameters
    ----------
    schools : sequence of mapping
        Rows of the schools table, in the order to show.
    glance : Rows
        Rows of ``kit.compare.at_a_glance`` of these schools.
    files : mapping
        Each school's report by id.
    settings : OverviewSettings
    by_district : bool
        Whether the schools of a district stand under its name.
    """
    density = settings.density(cells_of(schools, glance))
    parts = []
    for name, some, columns in _split(schools, glance):
        units = [
            Row(
                s["school_id"],
                s["school_name"],
                files.get(s["school_id"], ""),
                (s.get("district_name", "") or _("District not known")) if by_district else "",
            )
            for s in some
        ]
        title = sentence_start(_level_name(name))
        parts.append(f'<h3 id="schools-{len(parts)}">{escape(title)} <small>{count(len(some))}</small></h3>')
        for kind, chosen in (
            (_("results"), [m for m in columns if m.theme != "surveys"]),
            (_("surveys"), [m for m in columns if m.theme == "surveys"]),
        ):
            if chosen:
                parts.append(
                    icon_matrix(
                        glance,
                        units,
                        chosen,
                        anchor=f"matrix-{len(parts)}",
                        caption=_("{schools}: {kind}. Percent signs are left out.").format(schools=title, kind=kind),
                        density=density,
                    )
                )
    return "".join(parts)


def tally(glance: Rows) -> dict[str, dict[str, int]]:
    """Count for each measure the schools of each level of concern; those without a number are not counted."""
    out: dict[str, dict[str, int]] = {}
    for r in rows(glance):
        if r["value"] is not None:
            of = out.setdefault(r["measure"], dict.fromkeys(LEVELS, 0))
            of[level(r["concern"]).id] += 1
    return out
