"""The measures by id: what each is called, counts, needs and cites. Importing this is cheap (no engine)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.errors import KitError

__all__ = ["Measure", "group_name", "measure", "measures"]

_SURVEY_SOURCE = (
    "CORE School Quality Improvement Index (Marsh et al. 2016, table 1; Hough, Byun and Mulfinger 2018): "
    "share of answers that are positive."
)
_WHO = {"student": "students", "staff": "staff", "family": "families"}


@dataclass(frozen=True)
class Measure:
    """A measure's definition in words.

    Attributes
    ----------
    id, name, short, theme : str
    unit : {"percent", "mean", "percentile"}
        ``percent`` is 100·count/n of the results table; for the others ``count`` is empty.
    scale : {"percent", "points", "percentile"}
        How a value is written: ``91.2 %``, ``2.85``, ``47``.
    better : {"up", "down"}
        The direction of improvement.
    counts : {"students", "answers"}
        What ``n`` counts.
    needs : tuple of str
        Tables; ``a|b`` means either.
    definition, population, source : str
    plain : str
        A survey construct in plain words; empty for other measures.
    """

    id: str
    name: str
    theme: str
    unit: str
    better: str
    counts: str
    needs: tuple[str, ...]
    definition: str
    population: str
    source: str
    short: str = ""
    scale: str = "percent"
    plain: str = ""
    respondent: str = ""

    def write(self, value: float | None) -> str:
        """Write a value as a reader sees it: one decimal for percents, two for points."""
        if value is None or value != value:
            return "–"
        if self.scale == "points":
            return f"{value:.2f}"
        if self.scale == "percentile":
            return f"{value:.0f}"
        return f"{value:.1f} %"


def _survey_measures(constructs: list[dict]) -> list[dict]:
    rows = []
    for c in constructs:
        for who in c["respondents"]:
            suffix = "" if c["id"].startswith("sel_") else f"_{who}"
            rows.append(
                {
                    "id": c["id"] + suffix,
                    "name": f"{c['name']} ({_WHO[who]})",
                    "short": f"{c['name']}, {_WHO[who]}",
                    "theme": "surveys",
                    "unit": "percent",
                    "better": "up",
                    "counts": "answers",
                    "needs": ["survey"],
                    "definition": f"Answers of 4 or 5 on a scale of 1 to 5, out of all answers by {_WHO[who]}. "
                    + c["plain"],
                    "population": "Students in grades 4 to 12 who answered."
                    if c["id"].startswith("sel_")
                    else f"All {_WHO[who]} who answered.",
                    "source": _SURVEY_SOURCE,
                    "plain": c["plain"],
                    "respondent": who,
                }
            )
    return rows


@cache
def measures() -> dict[str, Measure]:
    """Return every measure by id, in the order in which reports show them."""
    text = tomllib.loads((Path(__file__).parent / "definitions.toml").read_text(encoding="utf-8"))
    rows = text["measure"] + _survey_measures(text["construct"])
    out = {}
    for row in rows:
        row = {"short": row["name"], **row, "needs": tuple(row["needs"])}
        if row["unit"] == "percentile":
            row["scale"] = "percentile"
        out[row["id"]] = Measure(**row)
    return out


def measure(measure_id: str) -> Measure:
    """Return one measure, or raise an error that names the nearest id."""
    known = measures()
    if measure_id not in known:
        from difflib import get_close_matches

        near = get_close_matches(measure_id, known, 1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
        raise KitError(f"'{measure_id}' is not a measure", mend=hint)
    return known[measure_id]


_GROUP_NAMES = {
    "all": "All students",
    "english_learner": "English learners",
    "reclassified": "Reclassified fluent",
    "disability": "Students with disabilities",
    "disadvantaged": "Economically disadvantaged",
    "homeless": "Homeless",
    "foster": "Foster youth",
    "race_two_or_more": "Two or more races",
    "race_two_or_more_races": "Two or more races",
}
_SMALL_WORDS = ("and", "of", "or")


def group_name(group: str) -> str:
    """Name a student group as a reader says it.

    The slug of a race lost the capitals of «Black or African American»; each word but the small ones gets its own
    back. Other slugs are plain words.

    Examples
    --------
    >>> group_name("race_black_or_african_american"), group_name("gender_female")
    ('Black or African American', 'Female')
    """
    if group in _GROUP_NAMES:
        return _GROUP_NAMES[group]
    if group.startswith("race_"):
        words = group.removeprefix("race_").split("_")
        return " ".join(w if w in _SMALL_WORDS and i else w[:1].upper() + w[1:] for i, w in enumerate(words))
    return group.removeprefix("gender_").replace("_", " ").capitalize()
