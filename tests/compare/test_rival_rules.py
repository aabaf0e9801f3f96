"""Rival rule sets on pupils at the boundaries, in words, and side by side without giving small groups away."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kit.compare.rival_rules import differing_pupils, rival_rates
from kit.compare.rival_words import differences_in_words
from kit.disclosure.rival_rates import withhold_rival_rates
from kit.errors import KitError
from kit.measures.compute import compute
from kit.records.records import open_records
from kit.reports.restricted import NOTICE_FILE, restricted_name, write_restricted
from kit.reports.side_by_side import differing_on, side_by_side
from kit.rules import chronic, redesignated
from kit.workspace import open_workspace

SCHOOLS = """school_id,school_name,district_id,district_name,level
    A,Alder,D,Delta,elementary
    B,Birch,D,Delta,elementary
    C,Cedar,D,Delta,elementary"""
# Days enrolled, days absent, grade: each on one side of one boundary.
BOUNDARY = {
    "at-90": ("180", "18", "5"),
    "above-90": ("180", "17.9", "5"),
    "at-91": ("100", "9", "5"),
    "above-91": ("100", "8.9", "5"),
    "thirty-days": ("30", "3", "5"),
    "thirty-one": ("31", "3.1", "5"),
    "never-came": ("40", "40", "5"),
    "half-a-day": ("40", "39.5", "5"),
    "ninth-grade": ("180", "30", "9"),
    "no-grade": ("180", "18", ""),
    "tk": ("180", "18", "TK"),
}
RULES = ["core", "district_91", "california", "attendance_works", "msip5", "abc"]


def absence_folder(write_folder, pupils: dict, schools: dict | None = None):
    """Write pupils (id: days, absent, grade) at school A, or at the school given."""
    at = schools or {}
    enrolled = [f"{p},{at.get(p, 'A')},2026,{g},2025-08-10" for p, (_, _, g) in pupils.items()]
    totals = [f"{p},{at.get(p, 'A')},2026,{d},{a}" for p, (d, a, _) in pupils.items()]
    return write_folder(
        schools=SCHOOLS,
        enrollments="\n".join(["student_id,school_id,school_year,grade,entry_date", *enrolled]),
        attendance_totals="\n".join(["student_id,school_id,school_year,days_enrolled,days_absent", *totals]),
    )


def of_unit(rates: pd.DataFrame, unit: str) -> dict[str, tuple[int, int]]:
    rows = rates[rates.unit_id == unit]
    return {r.rule_set: (int(r.n), int(c)) for r, c in zip(rows.itertuples(), rows["count"], strict=True)}


def test_every_rule_set_counts_as_its_rule_does_pupil_by_pupil(write_folder):
    found = rival_rates(open_records(absence_folder(write_folder, BOUNDARY)), "chronic_absence", RULES)
    expected = {}
    for rule in RULES:
        verdicts = [chronic(rule, d, a, g or None) for d, a, g in BOUNDARY.values()]
        expected[rule] = (sum(v is not None for v in verdicts), sum(v is True for v in verdicts))
    assert of_unit(found.rates, "A") == expected
    # By hand: of eleven pupils five are outside California's population; at exactly 90 % Missouri counts nobody.
    assert expected["core"] == (11, 8)
    assert expected["district_91"] == (11, 10)
    assert expected["california"] == (6, 3)
    assert expected["msip5"] == (11, 3)


def test_the_core_rule_set_gives_the_results_tables_rows(sample):
    workspace = open_workspace(sample)
    rates = rival_rates(workspace.records, "chronic_absence", ["core", "msip5"]).rates
    core = rates[rates.rule_set == "core"].set_index(["school_year", "unit_type", "unit_id"]).sort_index()
    rows = compute(workspace.records, only=["chronic_absence"])
    rows = rows[(rows.student_group == "all") & (rows.grade == "all")]
    rows = rows.set_index(["school_year", "unit_type", "unit_id"]).sort_index()
    pd.testing.assert_frame_equal(core[["n", "count", "value"]], rows[["n", "count", "value"]], check_dtype=False)


def test_the_pupils_who_differ_are_named_with_the_reason(write_folder):
    records = open_records(absence_folder(write_folder, BOUNDARY))
    pupils = differing_pupils(
        records, "chronic_absence", ["core", "district_91", "california", "msip5"], school_year=2026
    )
    why = {(r.rule_set, r.student_id): r.reason for r in pupils.itertuples()}
    assert {p for rule, p in why if rule == "district_91"} == {"above-90", "at-91"}
    assert {p for rule, p in why if rule == "msip5"} == {"at-90", "thirty-days", "thirty-one", "no-grade", "tk"}
    assert {p: w for (rule, p), w in why.items() if rule == "california"} == {
        "thirty-days": "were expected for fewer than 31 days",
        "never-came": "attended less than 1 whole day",
        "half-a-day": "attended less than 1 whole day",
        "ninth-grade": "are in a grade outside TK to 8",
        "no-grade": "have no known grade",
    }
    lines = differences_in_words(pupils)
    assert (
        "School A, 2026: 2 pupils attended 90 to 91 % of their days (more than 90 %, at most 91 %): "
        "counted under district_91, not counted under core." in lines
    )
    assert (
        "School A, 2026: 5 pupils attended exactly 90 % of their days: not counted under msip5, counted under core."
        in lines
    )
    assert (
        "School A, 2026: 1 pupil is in a grade outside TK to 8: not in its population under california, "
        "counted under core." in lines
    )


LEARNERS = {
    # el_since, still a learner, reclassified_on; whole years complete by June 2026
    "now": ("2019-09-01", "Y", "2026-05-01", 6),
    "five": ("2020-09-01", "Y", "", 5),
    "four": ("2021-09-01", "Y", "", 4),
    "unknown": ("", "Y", "", None),
    "later": ("2019-09-01", "Y", "2026-07-01", 6),
    "before": ("2015-09-01", "N", "2024-05-01", None),
}


def test_redesignation_counts_as_its_rules_do(write_folder):
    students = [f"{p},2026,White,F,{el},N,N,{since},{on}" for p, (since, el, on, _) in LEARNERS.items()]
    folder = write_folder(
        schools=SCHOOLS,
        enrollments="\n".join(
            ["student_id,school_id,school_year,grade,entry_date", *(f"{p},A,2026,5,2025-08-10" for p in LEARNERS)]
        ),
        students="\n".join(
            [
                "student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged,el_since,"
                "reclassified_on",
                *students,
            ]
        ),
    )
    names = ["core", "all_english_learners"]
    found = rival_rates(open_records(folder), "el_redesignation", names)
    verdicts = {
        rule: [
            redesignated(
                rule, reclassified_this_year=p == "now", english_learner=p not in ("now", "before"), years=years
            )
            for p, (*_, years) in LEARNERS.items()
        ]
        for rule in names
    }
    expected = {r: (sum(v is not None for v in vs), sum(v is True for v in vs)) for r, vs in verdicts.items()}
    assert of_unit(found.rates, "A") == expected == {"core": (3, 1), "all_english_learners": (5, 1)}
    pupils = differing_pupils(open_records(folder), "el_redesignation", names, school_year=2026)
    assert dict(zip(pupils.student_id, pupils.reason, strict=True)) == {
        "four": "are English learners with fewer than 5 full years as one",
        "unknown": "are English learners whose first year as one is not known",
    }


def side(write_folder, short: dict[str, int], whole: int = 60):
    """Set CORE and California side by side: each school has ``whole`` pupils and some of 20 days only."""
    pupils, at = {}, {}
    for school, few in short.items():
        for i in range(whole):
            pupils[f"{school}{i}"], at[f"{school}{i}"] = ("180", "30" if i % 4 == 0 else "5", "4"), school
        for i in range(few):
            pupils[f"{school}few{i}"], at[f"{school}few{i}"] = ("20", "8" if i % 2 else "1", "4"), school
    return side_by_side(
        open_workspace(absence_folder(write_folder, pupils, at)), "chronic_absence", ["core", "california"], minimum=11
    )


def status(found) -> dict[tuple[str, str], str]:
    return {(r.unit_id, r.rule_set): r.status for r in found.table.itertuples()}


def test_a_rate_whose_population_differs_by_few_pupils_is_withheld(write_folder):
    found = side(write_folder, {"A": 3, "B": 40, "C": 50})
    got = status(found)
    assert {u for (u, rule), s in got.items() if rule == "core" and s == "shown"} == {"A", "B", "C", "D", "network"}
    assert got["A", "california"] == "suppressed"
    # The district less the other schools is A: one more has to go.
    others = [got[u, "california"] for u in ("B", "C")] + [got["D", "california"]]
    assert others.count("suppressed") >= 1
    away = found.table[found.table.status != "shown"]
    assert away[["n", "count", "value", "difference"]].isna().all().all()
    assert "not shown" in found.as_text()


def test_rates_of_one_population_or_of_quite_another_are_shown(write_folder):
    found = side(write_folder, {"A": 0, "B": 30, "C": 40})
    assert set(status(found).values()) == {"shown"}
    rows = found.table.set_index(["unit_id", "rule_set"])
    assert (rows.loc[("A", "california"), "difference"], rows.loc[("B", "california"), "difference"]) == (0, -15)
    assert Fraction(int(rows.loc[("B", "core"), "count"]), int(rows.loc[("B", "core"), "n"])) == Fraction(30, 90)


def drawn_network(seed: int):
    """Draw schools in districts, each with pupils in both populations and some in the first only."""
    rng = np.random.default_rng(seed)
    rows, homes = [], {}
    for d in range(rng.integers(1, 5)):
        for i in range(rng.integers(1, 6)):
            school = f"{d}-{i}"
            homes[school] = f"D{d}"
            away = int(rng.choice([0, 0, rng.integers(1, 11), rng.integers(11, 60)]))
            both = int(rng.integers(5, 120))
            rows.append((school, both, int(rng.integers(0, both + 1)), away, int(rng.integers(0, away + 1))))
    schools = pd.DataFrame(rows, columns=["unit_id", "n", "count", "away", "away_count"]).assign(unit_type="school")
    sums = schools.assign(unit_id=schools.unit_id.map(homes)).groupby("unit_id", as_index=False).sum(numeric_only=True)
    whole = schools[["n", "count", "away", "away_count"]].sum().to_frame().T
    units = pd.concat(
        [schools, sums.assign(unit_type="district"), whole.assign(unit_type="network", unit_id="network")]
    ).assign(school_year=2026)
    key = ["school_year", "unit_type", "unit_id"]
    small = units[[*key, "n", "count"]].assign(rule_set="california")
    large = units[key].assign(rule_set="core", n=units.n + units.away, count=units["count"] + units.away_count)
    outside = units[units.away > 0][key].assign(rule_set="core", other="california")
    outside["n"], outside["count"] = units[units.away > 0].away, units[units.away > 0].away_count
    return pd.concat([large, small], ignore_index=True), outside, homes, units.set_index("unit_id").away


@pytest.mark.parametrize("seed", range(12))
def test_an_attacker_with_every_sum_cannot_find_a_small_difference(seed):
    """Linear bounds on what is withheld, given every shown rate, leave each small difference a range of 3."""
    rates, outside, homes, away = drawn_network(seed)
    table = pd.DataFrame({"school_id": list(homes), "district_id": list(homes.values())})
    # Only the rates of the published rule set that are withheld as small are taken as not published.
    published = rates["n"].where(rates["rule_set"] == "core", rates["unit_id"].map(
        rates[rates.rule_set == "core"].set_index("unit_id")["n"])) >= 11  # fmt: skip
    hidden = withhold_rival_rates(
        rates, outside, published, measure="chronic_absence", published_rules="core", schools=table,
        minimum=11, near=2, spread=3,
    )  # fmt: skip
    shown = set(rates[(rates.rule_set == "california") & ~hidden]["unit_id"])
    units = list(away.index)
    place = {u: i for i, u in enumerate(units)}
    sums = [("network", sorted(set(homes.values())))]
    sums += [(d, [s for s in homes if homes[s] == d]) for d in sorted(set(homes.values()))]
    left = np.zeros((len(sums), len(units)))
    for k, (total, parts) in enumerate(sums):
        left[k, place[total]] = -1
        left[k, [place[p] for p in parts]] = 1
    bounds = [(away[u], away[u]) if u in shown else (0, None) for u in units]
    for unit in units:
        if unit in shown:
            assert not 0 < away[unit] < 11
            continue
        if not 0 < away[unit] < 11:
            continue
        aim = np.zeros(len(units))
        aim[place[unit]] = 1
        low = linprog(aim, A_eq=left, b_eq=np.zeros(len(sums)), bounds=bounds)
        high = linprog(-aim, A_eq=left, b_eq=np.zeros(len(sums)), bounds=bounds)
        assert low.status == 0
        assert high.status == 3 or -high.fun - low.fun >= 3 - 1e-6, f"{unit}: {low.fun} to {-high.fun}"


def test_wrong_names_are_answered_with_what_is_known(write_folder):
    records = open_records(absence_folder(write_folder, BOUNDARY))
    with pytest.raises(KitError, match="Known: core, district_91"):
        rival_rates(records, "chronic_absence", ["core", "nowhere"])
    with pytest.raises(KitError, match="one rule set only"):
        rival_rates(records, "suspension", ["core", "california"])
    with pytest.raises(KitError, match="two or more"):
        rival_rates(records, "chronic_absence", ["core", "core"])
    with pytest.raises(KitError, match="students"):
        rival_rates(records, "el_redesignation", ["core", "all_english_learners"])


def test_restricted_lists_have_a_folder_of_their_own(write_folder, tmp_path):
    workspace = open_workspace(absence_folder(write_folder, BOUNDARY))
    pupils = differing_on(workspace, "chronic_absence", ["core", "district_91"])
    path = pupils.write(tmp_path / "lists")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# RESTRICTED")
    assert "# School A, 2026: core 72.7 % (8 of 11); district_91 90.9 % (10 of 11)" in text
    assert list(pd.read_csv(path, comment="#", dtype=str).student_id) == ["above-90", "at-91"]
    assert (tmp_path / "lists" / NOTICE_FILE).read_text(encoding="utf-8").startswith("RESTRICTED")
    assert path.stat().st_mode & 0o077 == 0
    # Again into the same folder; not beside reports, not below them, not among other files.
    pupils.write(tmp_path / "lists")
    for held, folder in (("index.html", "web"), ("manifest.json", "made"), ("released.parquet", "out")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / held).write_text("x", encoding="utf-8")
        with pytest.raises(KitError, match=r"stand with reports|holds other files"):
            pupils.write(tmp_path / folder)
        assert [f.name for f in (tmp_path / folder).iterdir()] == [held]
    with pytest.raises(KitError, match="stand with reports"):
        pupils.write(tmp_path / "web" / "lists")


def test_ids_make_safe_names_and_no_formulas(tmp_path):
    names = {restricted_name("students", "gpa", s, 2026) for s in ("s 3", "s_3", "../x", "s/3", "S%203")}
    assert len(names) == 5
    assert not any("/" in n or "\\" in n for n in names)
    path = write_restricted(pd.DataFrame({"student_id": ["=1+1", "@x"], "days": [1, -2]}), tmp_path / "r", "a.csv")
    assert path.read_text(encoding="utf-8").splitlines()[-2:] == ["'=1+1,1", "'@x,-2"]
