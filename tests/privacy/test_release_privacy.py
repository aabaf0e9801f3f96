"""The gate: rules.md §8 to the letter, and an attacker who finds nothing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from integer_attacker import attack
from privacy_network import pupils, roll_up

from kit.disclosure.check import find_leaks
from kit.errors import InputError, KitError
from kit.privacy import RELEASED_COLUMNS, Released, release, shown_as

KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]


def rows(*cells, unit=("school", "A"), measure="graduation_4", year=2026):
    """Build results from (group, n, count); a group that is a number or K is a grade."""
    out = []
    for group, n, count in cells:
        grade = group if group[0].isdigit() or group == "K" else "all"
        value = 50.0 if count is None else 100 * count / n
        place = dict(zip(KEY, (year, *unit, measure, "all" if grade != "all" else group, grade), strict=True))
        out.append({**place, "n": n, "count": count, "value": value})
    return pd.DataFrame(out).astype({"school_year": "int32", "n": "Int64", "count": "Int64"})


def status(released, **where):
    t = released.where(**where).table
    return dict(zip(t["student_group"].where(t["grade"] == "all", t["grade"]), t["status"], strict=True))


def primary_only(results, minimum):
    """What a table looks like that withholds small groups and nothing else."""
    small = results["n"] < minimum
    out = results.assign(status=np.where(small, "suppressed", "shown"), low=np.nan, high=np.nan)
    return out.assign(**{c: out[c].mask(small) for c in ("n", "count", "value")})


# rules.md §8, tests S1 to S5


def test_s1_the_next_smallest_group_goes_with_the_small_one():
    table = rows(("all", 133, 61), ("race_a", 8, 3), ("race_b", 25, 11), ("race_c", 40, 20), ("race_d", 60, 27))
    out = release(table, minimum=11)
    expected = {"all": "shown", "race_a": "suppressed", "race_b": "suppressed", "race_c": "shown", "race_d": "shown"}
    assert status(out) == expected
    shown = out.table[out.table["status"] == "shown"].set_index("student_group")["n"]
    assert shown.to_dict() == {"all": 133, "race_c": 40, "race_d": 60}


@pytest.mark.parametrize("count", [None, 57])
def test_s2_both_of_two_groups_go(count):
    whole = (("all", 100, count and 60), ("gender_a", 9, count and 3), ("gender_b", 91, count))
    assert status(release(rows(*whole), minimum=11)) == {
        "all": "shown",
        "gender_a": "suppressed",
        "gender_b": "suppressed",
    }


def test_s2_a_flagged_group_goes_when_those_without_the_flag_are_few():
    out = release(rows(("all", 100, 60), ("disability", 91, 57)), minimum=11)
    assert status(out) == {"all": "shown", "disability": "suppressed"}
    out = release(rows(("all", 100, 60), ("disability", 80, 50)), minimum=11)
    assert status(out) == {"all": "shown", "disability": "shown"}


@pytest.mark.parametrize(
    ("n", "count", "profile", "text"),
    [
        (20, 19, "nces", "≥ 80 %"),  # S3
        (20, 19, "ccsd", "≥ 90 %"),
        (20, 19, "local", "≥ 90 %"),
        (60, 58, "nces", "≥ 95 %"),  # S4
        (60, 58, "ccsd", "≥ 95 %"),
        (12, 0, "nces", "≤ 20 %"),
        (400, 4, "nces", "≤ 1 %"),
        (400, 5, "nces", "1.2 %"),
        (12, 5, "edfacts", "< 50 %"),
        (40, 2, "nces", "≤ 10 %"),
        (41, 3, "nces", "7.3 %"),
    ],
)
def test_s3_s4_bands_for_the_public(n, count, profile, text):
    row = release(rows(("all", n, count)), audience="public", minimum=11, profile=profile).table.iloc[0]
    assert shown_as(row, "graduation_4") == text
    assert (row["status"] == "banded") == (text[0] in "≤≥<")
    if row["status"] == "banded":
        assert row[["n", "count", "value"]].isna().all()


def test_s5_ten_is_withheld_at_eleven_and_eleven_is_not():
    assert status(release(rows(("all", 10, 5)), minimum=11)) == {"all": "suppressed"}
    assert status(release(rows(("all", 11, 5)), minimum=11)) == {"all": "shown"}
    with pytest.raises(KitError, match="11"):
        release(rows(("all", 10, 5)), minimum=10)


def test_california_prints_rates_but_not_of_a_unanimous_small_group():
    for n, count, expected in ((29, 29, "suppressed"), (29, 28, "shown"), (30, 30, "shown")):
        out = release(rows(("all", n, count)), audience="public", minimum=11, profile="california")
        assert status(out) == {"all": expected}


def test_internal_tables_have_no_bands_and_unknown_words_are_refused():
    assert status(release(rows(("all", 20, 20)))) == {"all": "shown"}
    with pytest.raises(KitError, match="profile"):
        release(rows(("all", 20, 20)), profile="texas")
    with pytest.raises(KitError, match="audience"):
        release(rows(("all", 20, 20)), audience="press")


# what can be subtracted from what


def district(*schools):
    """Several schools of one district with the district's sums; each school is {group: (n, count)}."""
    total = {}
    for school in schools:
        for group, (n, count) in school.items():
            a, b = total.get(group, (0, 0))
            total[group] = (a + n, b + count)
    tables = [rows(*((g, *v) for g, v in school.items()), unit=("school", f"S{i}")) for i, school in enumerate(schools)]
    home = pd.DataFrame({"school_id": [f"S{i}" for i in range(len(schools))], "district_id": "D"})
    return pd.concat([*tables, rows(*((g, *v) for g, v in total.items()), unit=("district", "D"))]), home


def test_a_school_is_not_the_district_less_the_other_schools():
    table, home = district({"foster": (5, 2)}, {"foster": (30, 9)}, {"foster": (40, 10)})
    out = release(table, minimum=11, schools=home)
    assert status(out, unit_id="S1") == {"foster": "suppressed"}
    assert status(out, unit_id="S2") == {"foster": "shown"}
    assert status(out, unit_id="D") == {"foster": "shown"}
    # Without knowing the districts only the small group goes.
    assert status(release(table, minimum=11), unit_id="S1") == {"foster": "shown"}


def test_several_small_schools_that_still_add_up_to_a_small_group_take_one_more():
    table, home = district({"foster": (3, 1)}, {"foster": (5, 2)}, {"foster": (40, 10)}, {"foster": (41, 9)})
    out = release(table, minimum=11, schools=home)
    assert [status(out, unit_id=f"S{i}")["foster"] for i in range(4)].count("shown") == 1


def test_a_number_withheld_in_one_measure_is_not_read_from_another():
    whole = [("all", 133, 61), ("race_a", 8, 3), ("race_b", 25, 11), ("race_c", 40, 20), ("race_d", 60, 27)]
    attendance = [(g, n, None) for g, n, _ in whole]
    near = [("all", 138, 20), ("race_a", 12, 3), ("race_b", 26, 8), ("race_c", 40, 9), ("race_d", 60, 10)]
    parts = (("chronic_absence", whole), ("attendance_rate", attendance), ("suspension", near))
    out = release(pd.concat(rows(*r, measure=m) for m, r in parts), minimum=11)
    for measure in ("chronic_absence", "attendance_rate"):
        withheld = {g for g, s in status(out, measure=measure).items() if s == "suppressed"}
        assert withheld == {"race_a", "race_b"}
    # 26 students are taken for the 25 of the other measures; 12 are not taken for the 8.
    assert status(out, measure="suspension")["race_b"] == "suppressed"


def test_graduation_rates_of_one_cohort_are_withheld_together():
    tables = [rows(("all", 60, 40), ("foster", n, 6), measure=f"graduation_{k}") for k, n in ((4, 16), (5, 13), (6, 9))]
    out = release(pd.concat(tables), minimum=11)
    assert (out.where(student_group="foster").table["status"] == "suppressed").all()


def test_no_companion_that_shows_nobody_was_suspended():
    table = rows(("all", 200, 9), ("race_a", 8, 0), ("race_b", 30, 0), ("race_c", 162, 9), measure="suspension")
    out = status(release(table, minimum=11))
    assert out["race_a"] == out["race_c"] == "suppressed"


def test_a_year_is_withheld_by_itself_so_that_a_change_needs_both():
    tables = [rows(("all", 90, 40), ("foster", n, 6), year=y) for y, n in ((2025, 40), (2026, 9))]
    shown = release(pd.concat(tables), minimum=11).where(student_group="foster", status="shown").table
    assert list(shown["school_year"]) == [2025]


# the attacker


@pytest.mark.parametrize(
    ("seed", "audience", "minimum", "districts_known", "movers", "unknown_race"),
    [
        (1, "internal", 20, True, 0.02, 0.02),
        (2, "public", 11, True, 0.04, 0.0),
        (3, "internal", 11, False, 0.0, 0.02),
        (4, "public", 11, False, 0.0, 0.0),
    ],
)
def test_an_integer_attacker_works_out_nothing(seed, audience, minimum, districts_known, movers, unknown_race):
    spells, home = pupils(schools=4, years=1, size=40, seed=seed, movers=movers, districts=2)
    results = roll_up(spells, home, means=False, drop_race=unknown_race)
    results = results[results["measure"] == ("suspension" if seed % 2 else "chronic_absence")]
    schools = home if districts_known else None
    out = release(results, audience=audience, minimum=minimum, schools=schools)
    assert (out.table["status"] == "shown").any()
    assert attack(out.table, results, schools, minimum) == []


def test_the_integer_attacker_breaks_a_table_without_complementary_withholding():
    spells, home = pupils(schools=2, years=1, size=40, seed=1, districts=1)
    results = roll_up(spells, home, means=False).query("measure == 'chronic_absence'")
    lines = attack(primary_only(results, 20)[[*KEY, "n", "count", "value", "status", "low", "high"]], results, home, 20)
    assert len(lines) > 5


@pytest.mark.parametrize(("audience", "minimum"), [("internal", 20), ("public", 11)])
def test_the_second_look_finds_nothing_in_a_larger_network_and_much_without_protection(audience, minimum):
    spells, home = pupils(schools=10, years=2, size=200, seed=9, districts=2)
    results = roll_up(spells, home, drop_race=0.01)
    out = release(results, audience=audience, minimum=minimum, schools=home)
    assert find_leaks(results, out.table, minimum=minimum, schools=home).empty
    assert len(find_leaks(results, primary_only(results, minimum), minimum=minimum, schools=home)) > 50
    # What protects costs less than what is small, at ten schools of two hundred.
    assert 0 < out.shares["complementary"] < out.shares["primary"]


def test_showing_one_withheld_row_again_is_found():
    table = rows(("all", 133, 61), ("race_a", 8, 3), ("race_b", 25, 11), ("race_c", 40, 20), ("race_d", 60, 27))
    out = release(table, minimum=11).table
    out.loc[out["student_group"] == "race_b", "status"] = "shown"
    leaks = find_leaks(table, out, minimum=11)
    assert set(leaks["student_group"]) == {"race_a"}
    assert set(leaks["leak"]) == {"n", "count"}


# the released table


def test_what_is_not_shown_is_empty_and_the_rest_is_untouched():
    spells, home = pupils(schools=5, years=2, size=120, seed=4)
    results = roll_up(spells, home)
    before = results.copy()
    out = release(results, audience="public", minimum=11, schools=home).table
    pd.testing.assert_frame_equal(results, before)
    assert list(out) == list(RELEASED_COLUMNS)
    assert len(out) == len(results)
    away = out["status"] != "shown"
    assert out.loc[away, ["n", "count", "value"]].isna().all(axis=None)
    assert (out["low"].notna() == (out["status"] == "banded")).all()
    both = out[~away].merge(results, on=KEY)
    assert (both["n_x"] == both["n_y"]).all()
    assert (both["value_x"] == both["value_y"]).all()


def test_two_runs_give_the_same_table():
    spells, home = pupils(schools=8, years=1, size=150, seed=6, districts=1)
    results = roll_up(spells, home)
    first = release(results, schools=home).table
    again = release(results.sample(frac=1, random_state=3), schools=home).table
    pd.testing.assert_frame_equal(first, again)


def test_rows_already_withheld_at_the_source_stay_so():
    table = rows(("all", 60, 30), ("race_a", 8, 3), ("race_b", 52, 27))
    table.loc[1, ["n", "count", "value"]] = [pd.NA, pd.NA, np.nan]
    assert status(release(table, minimum=11))["race_a"] == "suppressed"
    assert status(release(table, minimum=11))["race_b"] == "suppressed"


def test_an_empty_table_passes():
    assert release(rows(("all", 60, 30)).iloc[:0]).table.empty


def test_a_released_table_comes_from_the_gate_only():
    with pytest.raises(KitError):
        Released(pd.DataFrame(), "public", 11)


def test_the_report_says_the_shares():
    table = rows(("all", 133, 61), ("race_a", 8, 3), ("race_b", 25, 11), ("race_c", 40, 20), ("race_d", 60, 27))
    out = release(table, minimum=11)
    assert out.shares == {"primary": 0.2, "complementary": 0.2, "banded": 0.0}
    assert "small 20.0%, to protect those 20.0%" in out.report()
    assert "Assumption" in out.report()


def test_small_and_companion_read_alike():
    table = rows(("all", 133, 61), ("race_a", 8, 3), ("race_b", 25, 11), ("race_c", 40, 20), ("race_d", 60, 27))
    out = release(table, minimum=11).table
    texts = [shown_as(r, "graduation_4", 11) for r in out.to_dict("records") if r["status"] == "suppressed"]
    assert len(texts) == 2
    assert len(set(texts)) == 1
    assert "11 students" in texts[0]


def test_a_file_reads_back_as_it_was(tmp_path):
    spells, home = pupils(schools=3, years=1, size=80, seed=2)
    out = release(roll_up(spells, home), audience="public", minimum=11)
    again = Released.read(out.write(tmp_path / "deep" / "out.parquet"))
    pd.testing.assert_frame_equal(again.table, out.table)
    assert (again.audience, again.minimum, again.profile) == ("public", 11, "nces")
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out.parquet"]


def test_a_spreadsheet_runs_no_cell(tmp_path):
    ids = ["=1+1", "+1", "-1", "@x", "\tx"]
    table = pd.concat(rows(("all", 60, 30), unit=("school", i)) for i in ids)
    path = release(table).write(tmp_path / "out.csv")
    with path.open(newline="") as lines:
        cells = [c.strip('"') for line in lines for c in line.split(",")]
    assert not [c for c in cells if c[:1] in ("=", "+", "@", "\t") or (c[:1] == "-" and c != "-")]
    assert list(pd.read_csv(path).columns) == list(RELEASED_COLUMNS)
    assert sorted(pd.read_csv(path)["unit_id"].str.removeprefix("'")) == sorted(ids)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "out.parquet"
    table = rows(("all", 60, 30), ("race_a", 8, 3), ("race_b", 52, 27))
    table.to_parquet(path, index=False)
    with pytest.raises(InputError, match="no column status"):
        Released.read(path)
    out = release(table, minimum=11)
    out.table.loc[out.table["student_group"] == "race_a", "n"] = 8
    out.write(path)
    with pytest.raises(InputError, match="holds a number"):
        Released.read(path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.parquet"
    out = release(rows(("all", 60, 30)))
    out.write(path)
    old = path.read_bytes()
    out.table["n"] = out.table["n"].astype(object)
    out.table.loc[0, "n"] = object()
    with pytest.raises(Exception, match="object"):
        out.write(path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_importing_the_gate_loads_no_solver():
    code = "import sys, kit.privacy; sys.exit(any(m.split('.')[0] in ('scipy', 'highspy') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
