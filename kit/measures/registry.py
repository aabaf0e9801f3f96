"""The measures by id: what each is called, counts, needs and cites. Importing this is cheap (no engine)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.errors import KitError
from kit.language import N_, _, cached_by_language, number, percent

__all__ = ["Measure", "group_name", "measure", "measures"]

_SURVEY_SOURCE = N_(
    "CORE School Quality Improvement Index (Marsh et al. 2016, table 1; Hough, Byun and Mulfinger 2018): "
    "share of answers that are positive."
)
_WHO = {"student": N_("students"), "staff": N_("staff"), "family": N_("families")}
# The columns of definitions.toml that a reader sees (kit/language/sources.toml collects them too).
_WORDS = ("name", "short", "definition", "population", "source", "plain")


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
    construct : str
        Name of a survey's construct; empty for other measures.
    respondent : str
        ``student``, ``staff`` or ``family``; empty for other measures.
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
    construct: str = ""
    respondent: str = ""

    def write(self, value: float | None, *, sign: bool = True) -> str:
        """Write a value as a reader sees it: one decimal for percents, two for points.

        Parameters
        ----------
        value : float or None
        sign : bool
            False leaves out the percent sign, where there is no room for it.
        """
        if value is None or value != value:
            return "–"
        if self.scale == "points":
            return number(value, 2)
        if self.scale == "percentile":
            return number(value)
        return percent(value, 1) if sign else number(value, 1)

    @property
    def counted(self) -> str:
        """What ``n`` counts, in words."""
        return _("answers") if self.counts == "answers" else _("students")


def _survey_measures(constructs: list[dict]) -> list[dict]:
    rows = []
    for c in constructs:
        for who in c["respondents"]:
            suffix = "" if c["id"].startswith("sel_") else f"_{who}"
            name, people, plain = (_(text) for text in (c["name"], _WHO[who], c["plain"]))
            rows.append(
                {
                    "id": c["id"] + suffix,
                    "name": _("{construct} ({people})").format(construct=name, people=people),
                    "short": _("{construct}, {people}").format(construct=name, people=people),
                    "theme": "surveys",
                    "unit": "percent",
                    "better": "up",
                    "counts": "answers",
                    "needs": ["survey"],
                    "definition": _("Answers of 4 or 5 on a scale of 1 to 5, out of all answers by {people}.").format(
                        people=people
                    )
                    + f" {plain}",
                    "population": _("Students in grades 4 to 12 who answered.")
                    if c["id"].startswith("sel_")
                    else _("All {people} who answered.").format(people=people),
                    "source": _(_SURVEY_SOURCE),
                    "plain": plain,
                    "construct": name,
                    "respondent": who,
                }
            )
    return rows


@cache
def _definitions() -> dict:
    return tomllib.loads((Path(__file__).parent / "definitions.toml").read_text(encoding="utf-8"))


@cached_by_language
def measures() -> dict[str, Measure]:
    """Return every measure by id, in the order in which reports show them, in the language of the moment."""
    text = _definitions()
    plain = [{k: _(v) if k in _WORDS else v for k, v in row.items()} for row in text["measure"]]
    out = {}
    for row in plain + _survey_measures(text["construct"]):
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
    "all": N_("All students"),
    "english_learner": N_("English learners"),
    "reclassified": N_("Reclassified fluent"),
    "disability": N_("Students with disabilities"),
    "disadvantaged": N_("Economically disadvantaged"),
    "homeless": N_("Homeless"),
    "foster": N_("Foster youth"),
    "race_two_or_more": N_("Two or more races"),
    "race_two_or_more_races": N_("Two or more races"),
    # What districts commonly record; another slug is named by its own words.
    "race_american_indian": N_("American Indian"),
    "race_american_indian_or_alaska_native": N_("American Indian or Alaska Native"),
    "race_asian": N_("Asian"),
    "race_black": N_("Black"),
    "race_black_or_african_american": N_("Black or African American"),
    "race_african_american": N_("African American"),
    "race_filipino": N_("Filipino"),
    "race_hispanic": N_("Hispanic"),
    "race_hispanic_or_latino": N_("Hispanic or Latino"),
    "race_latino": N_("Latino"),
    "race_multiracial": N_("Multiracial"),
    "race_native_hawaiian_or_pacific_islander": N_("Native Hawaiian or Pacific Islander"),
    "race_pacific_islander": N_("Pacific Islander"),
    "race_white": N_("White"),
    "gender_female": N_("Female"),
    "gender_male": N_("Male"),
    "gender_nonbinary": N_("Nonbinary"),
    "gender_x": N_("X"),
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
        return _(_GROUP_NAMES[group])
    if group.startswith("race_"):
        words = group.removeprefix("race_").split("_")
        return " ".join(w if w in _SMALL_WORDS and i else w[:1].upper() + w[1:] for i, w in enumerate(words))
    return group.removeprefix("gender_").replace("_", " ").capitalize()
