"""Bars by name, and the schools of a place by level, for the explorations; nothing is calculated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from kit.charts.birds_eye import BAND_COLOURS
from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import axis_unit, named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.words import count
from kit.compare.birds_eye import BANDS

__all__ = ["Bar", "draw_bands", "draw_bars"]

_ROW = 30


@dataclass(frozen=True)
class Bar:
    """One bar: where its number is found among the gated rows.

    Attributes
    ----------
    name : str
        What stands beside it.
    where : mapping
        Columns and values that its row has.
    side : str
        A colour's name in the palette.
    """

    name: str
    where: Mapping[str, object]
    side: str = "ours"


def _ticks(most: float) -> list[float]:
    """Return about five round steps up to the axis's end, none above 100 %: the room beyond is for words only."""
    step = next((s for s in (0.5, 1, 2, 5, 10, 20) if most / s <= 7), 25)
    return [n * step for n in range(int(min(most, 100) / step) + 1)]


def draw_bars(
    data: Derived | Rows, bars: Sequence[Bar], *, title: str, how: str, unit: str, counted: str = "students",
    note: str = "", kind: str = "bars",
) -> Display | None:  # fmt: skip
    """Draw a bar for each name, with its value and how many it rests on; what is not shown says so.

    Parameters
    ----------
    data : Derived or Rows
        Rows with ``n`` and ``value`` (percent).
    bars : sequence of Bar
    title, how, unit, counted, note, kind : str

    Returns
    -------
    Display or None
        None where no bar has a value.
    """
    there = rows(data)
    drawn, table = [], []
    for bar in bars:
        row = next((r for r in there if all(r[c] == v for c, v in bar.where.items())), None)
        known = row is not None and row["value"] is not None
        text = f"{row['value']:.1f} %" if known else "not shown"
        beside = f"{text} ({count(row['n'])} {counted})" if known else "not shown"
        drawn.append({"name": two_lines(bar.name), "value": row["value"] if known else 0, "text": beside,
                      "colour": LIGHT[bar.side]})  # fmt: skip
        table.append((bar.name, text, count(row["n"]) if known else "–"))
    if all(d["text"] == "not shown" for d in drawn):
        return None
    # Room at the right for the words beside the longest bar.
    room = 1.3 + 0.02 * max(len(d["text"]) for d in drawn)
    most = room * (max(d["value"] for d in drawn) or 1)
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("name"),
        x=alt.X("value:Q", title=unit, scale=alt.Scale(domain=[0, most], nice=False),
                axis=alt.Axis(values=_ticks(most), grid=True, labelExpr=axis_unit("percent"))),
        tooltip=[alt.Tooltip("name:N", title="What"), alt.Tooltip("text:N", title="Share")],
    )  # fmt: skip
    chart = base.mark_bar(height=17).encode(color=alt.Color("colour:N", scale=None))
    chart += base.mark_text(align="left", dx=5).encode(text="text:N")
    spec = chart.properties(width="container", height=_ROW * len(drawn)).to_dict(validate=False)
    spec["datasets"] = {"rows": drawn}
    return Display(
        spec=spec, title=title, how_to_read=how,
        alternative_text=f"{title}. " + " ".join(f"{d['name']}: {d['text']}." for d in drawn).replace("\n", " "),
        table=Table(title, ("What", "Share", counted.capitalize()), tuple(table)),
        kind=kind, height=_ROW * len(drawn) + 60, note=note, heading=3,
    )  # fmt: skip


def draw_bands(data: Derived | Rows, measure_names: Sequence[tuple[str, str]], title: str) -> Display | None:
    """Draw how the schools of a place spread over the levels 1 to 10, in pairs, for each measure of the theme.

    Parameters
    ----------
    data : Derived or Rows
        ``measure``, ``band``, ``schools``.
    measure_names : sequence of (str, str)
        Ids and names, in order.
    title : str

    Returns
    -------
    Display or None
        None where no school has a level.
    """
    there = rows(data)
    names = [(m, n) for m, n in measure_names if any(r["measure"] == m for r in there)]
    if not names:
        return None
    known = dict(names)
    cells = {(r["measure"], r["band"]): int(r["schools"]) for r in there}
    bars = [
        {"measure": known[m], "band": b, "place": BANDS.index(b), "schools": n,
         "words": f"{n} school{'' if n == 1 else 's'} at levels {b}"}
        for (m, b), n in cells.items() if m in known
    ]  # fmt: skip
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_bar(stroke=LIGHT["paper"], strokeWidth=1)
        .encode(
            x=alt.X("schools:Q", title="Schools", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("measure:N", sort=[n for _, n in names], title=None, axis=alt.Axis(labelLimit=240)),
            color=alt.Color("band:N", scale=alt.Scale(domain=list(BANDS), range=list(BAND_COLOURS)),
                            legend=alt.Legend(title="Levels of 10", orient="top")),
            order=alt.Order("place:Q"),
            tooltip=[alt.Tooltip("measure:N", title="Measure"), alt.Tooltip("words:N", title="Schools")],
        )
    )  # fmt: skip
    spec = chart.properties(width="container", height=34 * len(names)).to_dict(validate=False)
    spec["datasets"] = {"rows": bars}
    table = tuple((n, *(str(cells.get((m, b), 0)) for b in BANDS)) for m, n in names)
    said = " ".join(f"{t[0]}: " + ", ".join(f"{v} at {b}" for b, v in zip(BANDS, t[1:], strict=True)) + "."
                    for t in table)  # fmt: skip
    return Display(
        spec=spec, title=title,
        how_to_read="Each bar is the schools with a level, from the lowest levels (orange) to the highest (blue).",
        alternative_text=f"{title}. {said}",
        table=Table(title, ("Measure", *(f"Levels {b}" for b in BANDS)), table),
        kind="bands", height=34 * len(names) + 90, heading=3,
    )  # fmt: skip
