"""Random pupils at random schools, rolled up here without the kit: the attacker's practice ground."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

RACES = ["asian", "black", "filipino", "latino", "native", "pacific", "white", "two_or_more"]
FLAGS = {
    "english_learner": 0.18,
    "reclassified": 0.15,
    "disability": 0.12,
    "disadvantaged": 0.6,
    "homeless": 0.03,
    "foster": 0.01,
}
RATES = {"chronic_absence": 0.2, "suspension": 0.04, "ela_proficient": 0.45, "math_proficient": 0.38}
SURVEYS = [f"sel_{c}" for c in ("growth_mindset", "self_efficacy", "self_management", "social_awareness")] + [
    f"climate_{c}_student" for c in ("support", "belonging", "rules", "safety")
]


def pupils(schools=6, years=2, size=150, seed=0, movers=0.04, districts=None):
    """Return spells (one row per pupil, year and school) and the schools."""
    rng = np.random.default_rng(seed)
    districts = districts or max(1, schools // 5)
    home = pd.DataFrame(
        {
            "school_id": [f"S{i:04d}" for i in range(schools)],
            "district_id": [f"D{i % districts:03d}" for i in range(schools)],
        }
    )
    sizes = np.maximum(8, rng.lognormal(np.log(size), 0.7, schools).astype(int))
    mix = rng.dirichlet(np.array([0.6, 0.8, 0.2, 2.0, 0.1, 0.1, 1.8, 0.5]), schools)
    span = rng.integers(0, 3, schools)  # elementary, middle, high
    low, high = np.array([0, 6, 9])[span], np.array([5, 8, 12])[span]
    frames = []
    for year in range(2024, 2024 + years):
        at = np.repeat(np.arange(schools), sizes)
        k = len(at)
        race = (mix[at].cumsum(axis=1) < rng.random(k)[:, None]).sum(axis=1).clip(max=7)
        table = pd.DataFrame({"pupil": np.arange(k), "school": at, "school_year": year, "race": race})
        table["gender"] = rng.choice(3, k, p=[0.49, 0.5, 0.01])
        table["grade"] = rng.integers(low[at], high[at] + 1)
        for flag, share in FLAGS.items():
            table[flag] = rng.random(k) < share * rng.lognormal(0, 0.4, schools)[at]
        for name, rate in RATES.items():
            table[name] = rng.random(k) < rate * rng.lognormal(0, 0.4, schools)[at]
        table["tested"] = (table["grade"] >= 3) & (rng.random(k) < 0.97)
        table["answered"] = (table["grade"] >= 4) & (rng.random(k) < 0.85)
        for name in SURVEYS:
            table[name] = rng.binomial(4, 0.7, k)
        moved = table[rng.random(k) < movers].copy()
        moved["school"] = rng.integers(0, schools, len(moved))
        both = pd.concat([table, moved]).drop_duplicates(["pupil", "school"])
        frames.append(both)
    return pd.concat(frames, ignore_index=True), home


def roll_up(spells: pd.DataFrame, home: pd.DataFrame, surveys=False, means=True, drop_race=0.0) -> pd.DataFrame:
    """Return the results table: school, district and network; every group and grade with a student."""
    of = pd.factorize(home["district_id"])[0]
    out = []
    for unit_type, ids in (
        ("school", home["school_id"]),
        ("district", pd.Series(sorted(set(home["district_id"])))),
        ("network", pd.Series(["network"])),
    ):
        t = spells.copy()
        t["unit"] = t["school"] if unit_type == "school" else of[t["school"]] if unit_type == "district" else 0
        t = t.drop_duplicates(["pupil", "school_year", "unit"]).reset_index(drop=True)
        for year, y in t.groupby("school_year"):
            out.append(_one(y.reset_index(drop=True), year, unit_type, ids, surveys, means, drop_race))
    return pd.concat(out, ignore_index=True)


def _one(y, year, unit_type, ids, surveys, means, drop_race):
    ones = np.ones(len(y))
    everyone, tested, answered = ones, y["tested"].to_numpy(float), y["answered"].to_numpy(float)
    spec = [("chronic_absence", everyone, y["chronic_absence"]), ("suspension", everyone, y["suspension"])]
    spec += [(m, tested, y[m] * tested) for m in ("ela_proficient", "math_proficient")]
    if surveys:
        spec += [(m, 4 * answered, y[m] * answered) for m in SURVEYS]
    matrix = np.column_stack([c for _, n, k in spec for c in (n, np.asarray(k, float))])
    known = (y["pupil"].to_numpy() % 1000) >= drop_race * 1000
    cuts = {"all": (np.zeros(len(y), int), ["all"], ones)}
    cuts["race"] = (y["race"].to_numpy(), [f"race_{r}" for r in RACES], known.astype(float))
    cuts["gender"] = (y["gender"].to_numpy(), ["gender_female", "gender_male", "gender_nonbinary"], ones)
    cuts["grade"] = (y["grade"].to_numpy(), ["K", *map(str, range(1, 13))], ones)
    for flag in FLAGS:
        cuts[flag] = (np.zeros(len(y), int), [flag], y[flag].to_numpy(float))
    frames = []
    for cut, (code, names, weight) in cuts.items():
        k = len(names)
        sums = (
            csr_array((weight, (y["unit"].to_numpy() * k + code, np.arange(len(y)))), shape=(len(ids) * k, len(y)))
            @ matrix
        )
        for i, (m, _, _) in enumerate(spec):
            n, count = sums[:, 2 * i].round().astype(int), sums[:, 2 * i + 1].round().astype(int)
            at = np.flatnonzero(n)
            label = np.array(names)[at % k]
            frame = pd.DataFrame(
                {
                    "school_year": year,
                    "unit_type": unit_type,
                    "unit_id": ids.to_numpy()[at // k],
                    "measure": m,
                    "student_group": "all" if cut == "grade" else label,
                    "grade": label if cut == "grade" else "all",
                    "n": n[at],
                    "count": count[at],
                    "value": 100 * count[at] / n[at],
                }
            )
            frames.append(frame)
            if means and m == "chronic_absence":
                frames.append(frame.assign(measure="attendance_rate", count=pd.NA, value=95.5))
    out = pd.concat([f.astype({"n": "Int64", "count": "Int64"}) for f in frames], ignore_index=True)
    return out.astype({"school_year": "int32"})
