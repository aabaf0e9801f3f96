"""The dictionary of a sample network, written from the same columns as its files."""

from __future__ import annotations

from kit.records.sample.columns import TABLES
from kit.records.sample.network import Network

__all__ = ["DICTIONARY_HEAD", "dictionary"]

DICTIONARY_HEAD = "# Dictionary of the sample network (synthetic)"


def _type(arrow: str) -> str:
    if arrow.startswith("decimal"):
        return "decimal"
    return {"string": "text", "date32[day]": "date", "bool": "true/false"}.get(arrow, "whole number")


def dictionary(network: Network, rows: dict[str, int], seed: int) -> str:
    """Describe every table and column in Markdown: type, unit, values, and how many rows there are."""
    n, first, last = len(network.school_id), network.years[0], network.years[-1]
    years = f"school years {first} to {last}" if last > first else f"school year {last}"
    lines = [
        DICTIONARY_HEAD,
        "",
        f"Everything here was drawn by a program (seed {seed}). No row describes a real person, school or "
        "district, and any likeness of a name is by chance.",
        f"{n} school{'s' * (n > 1)} in {len(network.district_id)} district"
        f"{'s' * (len(network.district_id) > 1)}, {years} (a year is named by the year in which it ends).",
        "",
    ]
    for name, (row, remark, columns) in TABLES.items():
        lines += [f"## {name}", "", f"One row per {row}; {rows[name]:,} rows. {remark}", ""]
        lines += ["| column | type | unit | values |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {key} | {_type(str(c.type))} | {c.unit} | {c.values.rstrip('; ')} |" for key, c in columns.items()
        ]
        lines.append("")
    return "\n".join(lines)
