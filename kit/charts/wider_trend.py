"""The trend of a district beside the network, or of the network with its districts behind it, drawn without a script.

A plain picture (SVG) in the page's own colours: a page about hundreds of schools has no room for a drawing library,
and paper shows what the screen shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Html, Table, unbroken
from kit.charts.spans import value_span
from kit.charts.words import count, year
from kit.language import _, number
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["trend_key", "wider_trend"]

_WIDE, _TALL = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 16, 26
# Behind the network's line: beyond this many districts the lines would be one grey.
_MOST_BEHIND = 40


def trend_key(name: str, *, network: bool, behind: bool) -> str:
    """Return what the lines mean: a list with a sample of each."""
    lines = [("ours", name)] if network else [("ours", name), ("network", _("Network"))]
    if behind:
        lines.append(("behind", _("Each district")))
    items = "".join(
        f'<li><svg aria-hidden="true" viewBox="0 0 28 10" width="28" height="10"><path class="{kind}" d="M1 5h26"/>'
        f"</svg> {escape(text)}</li>"
        for kind, text in lines
    )
    return f'<ul class="key lines">{items}</ul>'


def wider_trend(
    released: Released | Derived | Rows, measure: Measure, *, unit: tuple[str, str], name: str, names: Mapping[str, str]
) -> Html | None:
    """Draw a measure over the school years.

    Parameters
    ----------
    released : Released, Derived or Rows
        Rows of this measure of all students: of the district and the network, or of the network and its districts.
    measure : Measure
    unit : (str, str)
        Type and id of the unit whose line is the strong one.
    name : str
        How that unit is called.
    names : mapping
        Names of the districts by id.

    Returns
    -------
    Html or None
        A figure with its title, how to read it, its numbers in words, and a table; None where fewer than two years
        of the unit are shown.
    """
    lines: dict[tuple[str, str], dict[int, dict]] = {}
    for r in rows(released):
        if r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None:
            lines.setdefault((r["unit_type"], r["unit_id"]), {})[r["school_year"]] = r
    ours = lines.pop(unit, {})
    if len(ours) < 2:
        return None
    network = {} if unit[0] == "network" else lines.pop(("network", "network"), {})
    behind = {names.get(i, i): line for (kind, i), line in lines.items() if kind == "district"}
    behind = dict(sorted(behind.items())[:_MOST_BEHIND]) if unit[0] == "network" else {}
    endings = sorted({*ours, *network, *(e for line in behind.values() for e in line)})
    drawn = [ours, network, *behind.values()]
    low, high = value_span([r["value"] for line in drawn for r in line.values()], measure)
    title = _("{measure}: from {first} in {first_year} to {last} in {last_year}").format(
        measure=measure.short,
        first=measure.write(ours[min(ours)]["value"]),
        first_year=year(min(ours)),
        last=measure.write(ours[max(ours)]["value"]),
        last_year=year(max(ours)),
    )
    said = [
        _("{year}: {name} {value} ({n} {counted})").format(
            year=year(e),
            name=name,
            value=measure.write(ours[e]["value"]),
            n=count(ours[e]["n"]),
            counted=measure.counted,
        )
        + (_(", network {value}").format(value=measure.write(network[e]["value"])) if e in network else "")
        for e in sorted(ours)
    ]
    if behind:
        ends = [line[max(ours)]["value"] for line in behind.values() if max(ours) in line]
        if ends:
            said.append(
                _("districts in {year}: from {low} to {high}").format(
                    year=year(max(ours)), low=measure.write(min(ends)), high=measure.write(max(ends))
                )
            )
    words = f"{title}. {'; '.join(said)}."
    picture = _picture(ours, network, list(behind.values()), endings, (low, high), measure)
    down = _("Lower is better.") if measure.better == "down" else _("Higher is better.")
    how = down if low == 0 else _("{direction} The axis does not begin at 0.").format(direction=down)
    table = _table(ours, network, behind, endings, measure, name)
    return Html(
        f'<figure class="display wider"><figcaption><h3>{unbroken(title)}</h3>'
        f'<p class="how">{escape(how)} <a href="#def-{measure.id}" aria-label="'
        f'{escape(_("How it is counted: {name}").format(name=measure.short))}">{escape(_("How it is counted"))}</a></p>'
        f'</figcaption><div class="drawn" role="img" aria-label="{escape(words)}">{picture}</div>'
        f"<details><summary>{escape(_('The numbers as a table'))}</summary>{table.html()}</details></figure>"
    )


def _table(ours: Mapping, network: Mapping, behind: Mapping, endings: Sequence[int], m: Measure, name: str) -> Table:
    def value(line: Mapping, ending: int) -> str:
        return m.write(line[ending]["value"] if ending in line else None)

    heads = [_("School year"), name, m.counted.capitalize(), *([_("Network")] if network else []), *behind]
    lines = []
    for ending in endings:
        n = count(ours[ending]["n"]) if ending in ours else "–"
        others = [network] if network else []
        lines.append((year(ending), value(ours, ending), n, *(value(o, ending) for o in [*others, *behind.values()])))
    return Table(_("{measure} by school year").format(measure=m.name), tuple(heads), tuple(lines))


def _picture(
    ours: Mapping,
    network: Mapping,
    behind: Sequence[Mapping],
    endings: Sequence[int],
    span: tuple[float, float],
    m: Measure,
) -> str:
    low, high = span
    step = (_WIDE - _LEFT - _RIGHT) / max(len(endings) - 1, 1)
    across = {e: _LEFT + step * i for i, e in enumerate(endings)}

    def down(value: float) -> float:
        return _TOP + (_TALL - _TOP - _BOTTOM) * (high - value) / (high - low)

    def path(line: Mapping, kind: str) -> str:
        points = [(e, line[e]["value"]) for e in endings if e in line]
        # A year that is missing breaks the line: nothing is drawn where nothing is known.
        runs = "".join(
            f"{'L' if i and endings.index(e) == endings.index(points[i - 1][0]) + 1 else 'M'}"
            f"{across[e]:.0f} {down(v):.1f}"
            for i, (e, v) in enumerate(points)
        )
        return f'<path class="{kind}" d="{runs}"/>' if runs else ""

    def dot(e: int, line: Mapping, shape: str) -> str:
        x, y = across[e], down(line[e]["value"])
        if shape == "circle":
            return f'<circle cx="{x:.0f}" cy="{y:.1f}" r="4"/>'
        return f'<path class="diamond" d="M{x:.0f} {y - 4:.1f}l4 4-4 4-4-4z"/>'

    ticks = [low, (low + high) / 2, high]
    grid = "".join(
        f'<path class="grid" d="M{_LEFT} {down(t):.1f}H{_WIDE - _RIGHT}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{down(t) + 4:.1f}" text-anchor="end">{escape(_tick(t, m))}</text>'
        for t in ticks
    )
    names = "".join(
        f'<text class="tick" x="{across[e]:.0f}" y="{_TALL - 6}" text-anchor="{_anchor(i, len(endings))}">'
        f"{year(e)}</text>"
        for i, e in enumerate(endings)
    )
    labels = "".join(_label(e, ours, network, across, down, m, endings) for e in {min(ours), max(ours)})
    return (
        f'<svg viewBox="0 0 {_WIDE} {_TALL}" aria-hidden="true" focusable="false">{grid}{names}'
        + "".join(path(line, "behind") for line in behind)
        + path(network, "network")
        + "".join(dot(e, network, "diamond") for e in network)
        + path(ours, "ours")
        + "".join(dot(e, ours, "circle") for e in ours)
        + f"{labels}</svg>"
    )


def _anchor(place: int, of: int) -> str:
    return "start" if place == 0 and of > 1 else "end" if place == of - 1 and of > 1 else "middle"


def _tick(value: float, m: Measure) -> str:
    digits = 2 if m.scale == "points" else 1
    return number(value, digits).rstrip("0").rstrip(".,")


def _label(e: int, ours: Mapping, network: Mapping, across: Mapping, down, m: Measure, endings: Sequence[int]) -> str:
    """Write a value above its mark, or below it where the network's mark is higher."""
    value = ours[e]["value"]
    under = e in network and network[e]["value"] > value
    y = down(value) + (18 if under else -9)
    place = _anchor(endings.index(e), len(endings))
    return f'<text class="value" x="{across[e]:.0f}" y="{y:.1f}" text-anchor="{place}">{escape(m.write(value))}</text>'
