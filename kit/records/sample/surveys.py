"""What students, staff and families say: answers 1 to 5, item by item."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kit.records.sample.chance import stream
from kit.records.sample.columns import Coded
from kit.records.sample.history import History
from kit.records.sample.network import Network

__all__ = ["CONSTRUCTS", "survey"]

CONSTRUCTS = (
    "sel_growth_mindset",
    "sel_self_efficacy",
    "sel_self_management",
    "sel_social_awareness",
    "climate_support",
    "climate_belonging",
    "climate_rules",
    "climate_safety",
)
RESPONDENTS = np.array(["student", "staff", "family"])
USUAL = np.array([0.35, 0.05, 0.45, 0.35, 0.55, 0.3, 0.4, 0.35])  # how positive a construct's answers are
ITEMS = {"student": 3, "staff": 3, "family": 2}
ITEM_LEAN = np.array([0.15, 0.0, -0.2])
STEPS = np.array([-1.35, -0.7, 0.0, 0.85])  # between the answers 1 to 5
BLANK = 0.03
SURVEY_DAY = 112  # place among the school days: February
PUPILS_PER_STAFF = 11
CHANCE = {"student": (0.62, 0.92), "staff": (0.45, 0.9), "family": (0.12, 0.42)}  # of answering, by school


def _answers(rng, lean: np.ndarray, constructs: np.ndarray, per_construct: int) -> np.ma.MaskedArray:
    """Return answers of each respondent (row) to each item: own and construct's leaning, then chance."""
    n, k = len(lean), len(constructs)
    own = lean[:, None] + 0.45 * rng.standard_normal((n, k), dtype="float32") + USUAL[constructs]
    seen = own[:, :, None] + ITEM_LEAN[:per_construct] + 0.75 * rng.standard_normal((n, k, per_construct), "float32")
    answer = (np.searchsorted(STEPS, seen.ravel(), side="right") + 1).astype("int8")
    return np.ma.array(answer, mask=rng.random(answer.size, dtype="float32") < BLANK)


def survey(network: Network, history: History, student_ids: np.ndarray, seed: int) -> Iterator[dict]:
    """Yield the answers of each respondent kind and year; response rates differ between schools."""
    names = np.array([f"{c}_{i + 1}" for c in CONSTRUCTS for i in range(3)])
    spells, pupils = history.spells, history.pupils
    drift = stream(seed, "survey").normal(0, 0.08, (len(network.years), 3, len(network.school_id)))
    for y, year in enumerate(network.years):
        rng = stream(seed, "survey", year)
        days = np.array([network.days(s, year).instructional[SURVEY_DAY] for s in network.schools])
        now = spells.of(spells.year == year)
        now = now.of(now.covers(days[now.school]))
        now = now.of(np.lexsort((now.pupil, now.school)))
        for r, respondent in enumerate(RESPONDENTS):
            low, high = CHANCE[respondent]
            rate = rng.uniform(low, high, len(network.school_id))
            mood = network.climate + drift[y, r]
            if respondent == "staff":
                staff = np.maximum(2, np.bincount(now.school, minlength=len(network.school_id)) // PUPILS_PER_STAFF)
                school = np.repeat(np.arange(len(staff)), staff)
                number = np.arange(len(school)) - np.repeat(np.cumsum(staff) - staff, staff)
                ids = np.array(
                    [f"t{network.school_id[s]}-{year}-{i + 1:03d}" for s, i in zip(school, number, strict=True)]
                )
                pupil = np.full(len(school), -1)
                lean = mood[school] + 0.1
            else:
                asked = now.of(now.grade >= 4) if respondent == "student" else now
                school, pupil = asked.school, asked.pupil
                row = history.rows_of(asked)
                lean = mood[school] + 0.12 * history.ability.mean(0)[row] - 2.0 * (history.absence[row] - 0.06)
                lean = lean - 0.045 * np.maximum(asked.grade - 5, 0) - 0.08 * pupils.disability[pupil]
                ids = student_ids if respondent == "student" else None
            answers = rng.random(len(school)) < rate[school]
            if not answers.any():  # a very small school still has an answer
                answers[:1] = True
            school, pupil, lean = school[answers], pupil[answers], lean[answers]
            constructs = np.arange(len(CONSTRUCTS)) if respondent == "student" else np.arange(4, len(CONSTRUCTS))
            per = ITEMS[respondent]
            lean = lean + (0.4 if respondent == "student" else 0.55) * rng.standard_normal(len(lean))
            response = _answers(rng, lean.astype("float32"), constructs, per)
            each = len(constructs) * per
            if respondent == "staff":
                who = Coded(np.repeat(np.flatnonzero(answers), each), ids)
            elif respondent == "student":
                who = Coded(np.repeat(pupil, each), ids)
            else:
                family = np.array([f"f{student_ids[p]}-{year}" for p in pupil])
                who = Coded(np.repeat(np.arange(len(pupil)), each), family)
            n = len(school) * each
            of_item = (constructs[:, None] * 3 + np.arange(per)).ravel()
            yield {
                "school": np.repeat(school, each),
                "school_year": np.full(n, year),
                "respondent": Coded(np.full(n, r), RESPONDENTS),
                "construct": Coded(np.tile(np.repeat(constructs, per), len(school)), np.array(CONSTRUCTS)),
                "item": Coded(np.tile(of_item, len(school)), names),
                "response": response,
                "respondent_id": who,
                "student_id": Coded(np.repeat(pupil, each), student_ids),
            }
