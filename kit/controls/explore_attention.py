"""The attention list of a theme: what stands out, and no project has responded to."""

from __future__ import annotations

from html import escape

from kit.charts.derived import derive_more, gather
from kit.compare.explore import theme_signals
from kit.controls.explore_place import Place
from kit.inquiry.network import unanswered
from kit.inquiry.store import Store
from kit.measures.registry import group_name, measure

__all__ = ["attention_list"]

_MOST = 30


def attention_list(store: Store, choice: Place, measure_ids: tuple[str, ...]) -> str:
    """Return the signals of the place's schools to which no open project has responded, as HTML.

    Signals are those of the reports: the least favourable quarter of a level, clearly worse than the year before, and a
    gap that clearly widens. They stand in alphabetical order of schools.
    """
    prepared = choice.prepared
    among = set(choice.among())
    if choice.unit_key[0] == "school":
        among &= {choice.unit_key[1]}
    found = derive_more(prepared.glance, theme_signals, prepared.widening.table, measure_ids)
    here = derive_more(found, lambda t: t[t["unit_id"].isin(among)].reset_index(drop=True))
    left = gather(derive_more(here, lambda t: unanswered(store, t))).items
    all_ = len(here.table)
    if not all_:
        return "<p>No school here stands out on this theme by the kit's signals. That is no proof that all is well.</p>"
    names = {i: r["school_name"] for i, r in prepared.school_rows.items()}
    rows = sorted(left, key=lambda r: (names.get(r["unit_id"], "").casefold(), r["unit_id"], r["measure"]))
    answered = all_ - len(rows)
    head = f"<p>{all_:,} signals; open projects respond to {answered:,}. The others, in alphabetical order:</p>"
    items = "".join(
        f"<li><b>{escape(names.get(r['unit_id'], r['unit_id']))}</b>: {escape(measure(r['measure']).short)}"
        f"{'' if r['student_group'] == 'all' else ', ' + escape(group_name(r['student_group']))}, "
        f"{escape(r['why'])}</li>"
        for r in rows[:_MOST]
    )
    more = f"<p>And {len(rows) - _MOST:,} more: pick a district or a level.</p>" if len(rows) > _MOST else ""
    return head + (f"<ul>{items}</ul>{more}" if rows else "<p>None: every signal has a project.</p>")
