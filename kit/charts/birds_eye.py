"""How schools that stand alike on one measure spread over the bands of every other."""

from __future__ import annotations

import altair as alt

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table
from kit.charts.palette import LIGHT
from kit.compare.birds_eye import BANDS
from kit.measures.registry import Measure, measures

__all__ = ["BAND_COLOURS", "birds_eye"]

# From low to high: orange over grey to blue stays apart for colour-blind readers, and each bar says its band.
BAND_COLOURS = ("#a84b06", "#e9a46a", "#c9cfd6", "#8fb8e3", "#1559a8")
_ROW = 26


def birds_eye(counted: Derived | Rows, chosen: Measure, band: str) -> Display | None:
    """Draw the other measures of the schools in one band of the chosen measure.

    Parameters
    ----------
    counted : Derived or Rows
        ``kit.compare.birds_eye.birds_eye``.
    chosen : Measure
    band : str
        One of ``kit.compare.birds_eye.BANDS``.

    Returns
    -------
    Display or None
        None where no school of the band has a level on another measure.
    """
    here = [r for r in rows(counted) if r["chosen"] == band]
    if not here:
        return None
    known = measures()
    order = [m for m in known if any(r["measure"] == m for r in here)]
    data = [
        {"measure": known[r["measure"]].short, "band": r["band"], "place": BANDS.index(r["band"]),
         "schools": r["schools"], "words": f"{r['schools']} of {r['of']} schools at levels {r['band']}"}
        for r in here
    ]  # fmt: skip
    names = [known[m].short for m in order]
    bars = (
        alt.Chart(alt.NamedData("rows"))
        .mark_bar(stroke=LIGHT["paper"], strokeWidth=1)
        .encode(
            x=alt.X("schools:Q", stack="normalize", axis=alt.Axis(title="Share of the schools", format="%")),
            y=alt.Y("measure:N", sort=names, axis=alt.Axis(title=None, labelLimit=300)),
            color=alt.Color(
                "band:N", scale=alt.Scale(domain=list(BANDS), range=list(BAND_COLOURS)),
                legend=alt.Legend(title="Levels", orient="top"),
            ),
            order=alt.Order("place:Q"),
            tooltip=[alt.Tooltip("measure:N", title="Measure"), alt.Tooltip("words:N", title="Schools")],
        )
        .properties(width="container", height=_ROW * len(order))
    )  # fmt: skip
    spec = bars.to_dict(validate=False)
    spec["datasets"] = {"rows": data}
    most = max(r["of"] for r in here)
    cells = {(r["measure"], r["band"]): r["schools"] for r in here}
    table = tuple((known[m].short, *(str(cells.get((m, b), 0)) for b in BANDS)) for m in order)
    low = {m: sum(cells.get((m, b), 0) for b in BANDS[:2]) for m in order}
    said = "; ".join(f"{known[m].short}: {low[m]} at levels 1 to 4" for m in order)
    return Display(
        spec=spec,
        title=f"Schools at levels {band} of 10 on {chosen.short}: where they stand on every other measure",
        how_to_read=(
            f"Each bar is 100 % of these schools (at most {most}) on one measure; the further the orange reaches, "
            "the more of them stand low there too. It shows what goes together, not why."
        ),
        alternative_text=f"Of the schools at levels {band} on {chosen.short}: {said}.",
        table=Table(f"Schools at levels {band} on {chosen.short}, by level on other measures",
                    ("Measure", *(f"Levels {b}" for b in BANDS)), table),
        kind="birds-eye",
        height=_ROW * len(order) + 90,
        measures=(chosen.id,),
        heading=3,
    )  # fmt: skip
