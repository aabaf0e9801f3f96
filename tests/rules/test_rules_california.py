"""The California Dashboard: every published row at hand reproduces exactly.

Coverage, so that nobody reads more into it. From the counts to the colour: the 31 shared rows (12 CHRO, 8 GRAD
and 11 SUSP of types UD, ES, MS and HS), the state's files (40 CHRO and 48 GRAD, some of them the same rows) and
rules.md §2.7. From the published distance and change: 47 ELA. CCI: 2 rows. ELPI: the state. No row of MATH,
SCIENCE, or SUSP types ED and HD was at hand: their cells carry an assumption. No row differs.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest

from kit.errors import InputError, KitError
from kit.rules.assumptions import rule_file
from kit.rules.california import dashboard
from kit.rules.california_definitions import absence_days, elpi_numerator, lowest_scores_added, suspended
from kit.rules.california_levels import colour_grids, colour_level, cut_points, level_of
from kit.rules.california_table import dashboard_table

RED, ORANGE, YELLOW, GREEN, BLUE = 1, 2, 3, 4, 5
NAMES = {"Red": 1, "Orange": 2, "Yellow": 3, "Green": 4, "Blue": 5}

# rules.md §2.7: indicator, kind, unit, group, n/d now and prior, rate, prior, change, two levels, colour, box
PUBLISHED = """
CHRO - X ALL 681580/3980860 744493/4004495 17.1 18.6 -1.5 2 4 Yellow 190
CHRO - X FOS 7220/23614 7859/25730 30.6 30.5 0.0 1 3 Red 230
CHRO - S SED 18/331 13/290 5.4 4.5 1.0 3 2 Orange 120
CHRO - S AA 12/68 33/67 17.6 49.3 -31.6 2 4 Yellow 190
CHRO - S SED 77/355 93/376 21.7 24.7 -3.0 1 5 Yellow 250
CHRO - S AS 6/293 17/260 2.0 6.5 -4.5 5 5 Blue 50
SUSP UD X ALL 170274/5961200 193100/6021915 2.9 3.2 -0.4 3 4 Green 140
SUSP UD S AA 37/106 29/96 34.9 30.2 4.7 1 2 Red 220
SUSP ES S ALL 3/260 2/215 1.2 0.9 0.2 3 3 Yellow 130
SUSP MS S SED 15/225 6/243 6.7 2.5 4.2 3 1 Orange 110
SUSP HS S EL 12/160 4/144 7.5 2.8 4.7 2 1 Red 160
GRAD - X ALL 445720/507889 448696/517434 87.8 86.7 1.0 3 4 Green 140
GRAD - D HI 129/140 136/156 92.1 87.2 5.0 4 5 Green 90
GRAD - D ALL 2102/2800 2106/2613 75.1 80.6 -5.5 2 1 Red 160
GRAD - D WH 272/299 282/293 91.0 96.2 -5.3 4 1 Orange 60
"""


def shown(value):
    return "" if value is None else str(value)


@pytest.mark.parametrize("line", PUBLISHED.strip().splitlines())
def test_published_counts(line):
    indicator, kind, unit, group, now, prior, rate, before, change, status, moved, colour, box = line.split()
    (n, d), (pn, pd_) = (map(int, x.split("/")) for x in (now, prior))
    got = dashboard(
        indicator,
        kind=kind.strip("-"),
        unit=unit,
        group=group,
        numerator=n,
        denominator=d,
        prior_numerator=pn,
        prior_denominator=pd_,
    )
    assert (str(got.rate), str(got.prior_rate), str(got.change)) == (rate, before, change)
    assert (got.status_level, got.change_level) == (int(status), int(moved))
    assert (got.colour_name, got.box) == (colour, int(box))


@pytest.mark.parametrize(
    ("indicator", "kind", "n", "value", "prior", "change", "status", "moved", "colour", "box"),
    [
        ("ELA", "3-8", 2955483, "-8.1", "-13.2", "5.1", 2, 4, "Yellow", 190),
        ("ELA", "11", 430, "80.4", "65.5", "14.9", 5, 4, "Blue", 40),
        ("ELA", "3-8", 127, "45.9", "68.0", "-22.1", 5, 1, "Green", 10),
        ("CCI", "", 44, "27.3", "16.2", "11.1", 2, 4, "Yellow", 190),  # fewer than 150: folded
        ("CCI", "", 400, "47.2", "57.5", "-10.3", 3, 1, "Orange", 110),
    ],
)
def test_published_values(indicator, kind, n, value, prior, change, status, moved, colour, box):
    got = dashboard(
        indicator,
        kind=kind,
        denominator=n,
        prior_denominator=n,
        value=value,
        prior_value=prior,
        change=change,
    )
    assert (got.status_level, got.change_level, got.colour_name, got.box) == (status, moved, colour, box)


def test_english_learner_progress_of_the_state():
    n = elpi_numerator(moved_up=346_922, maintained_4=10_081, alternate_progressed=3_114, alternate_maintained_3=695)
    assert n == 360_812
    got = dashboard(
        "ELPI",
        unit="X",
        group="EL",
        numerator=n,
        denominator=777_537,
        prior_numerator=363_550,
        prior_denominator=796_176,
    )
    assert (str(got.rate), str(got.prior_rate), str(got.change)) == ("46.4", "45.7", "0.7")
    assert (got.status_level, got.change_level, got.colour_name, got.box) == (3, 3, "Yellow", 130)
    assert str(dashboard("ELPI", numerator=11, denominator=40).rate) == "27.5"


def number(text):
    return None if text == "" else int(text)


def state_file(path, **how):
    return pd.read_csv(path, dtype=str, keep_default_na=False, **how).to_dict("records")


@pytest.mark.real_data
def test_all_31_rows_of_the_shared_table(shared_data):
    rows = state_file(shared_data / "california_dashboard_rows.tsv", sep="\t", comment="#")
    assert len(rows) == 31
    for r in rows:
        got = dashboard(
            r["ind"],
            kind=r["type"] if r["ind"] == "SUSP" else "",
            unit=r["rtype"],
            group=r["group"],
            numerator=number(r["cn"]),
            denominator=number(r["cd"]),
            prior_numerator=number(r["pn"]),
            prior_denominator=number(r["pd"]),
        )
        assert [shown(got.rate), shown(got.prior_rate), shown(got.change)] == [r["cs"], r["ps"], r["chg"]], r
        levels = [got.status_level, got.change_level, got.colour, got.box]
        assert levels == [int(r[c]) for c in ("S", "C", "color", "box")], r
        assert got.small_denominator == (r["small"] == "Y"), r
        assert got.suppressed == (int(r["cd"]) <= 10), r


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("indicator", "file", "sep", "rows", "coloured"),
    [("CHRO", "chronicdownload2099.txt", "\t", 40, 26), ("GRAD", "grad_rows.csv", ",", 48, 34)],
)
def test_every_row_of_the_states_files_from_its_counts(shared_data, indicator, file, sep, rows, coloured):
    """All columns that the state computes, also through the table version."""
    source = state_file(shared_data / "ca_dashboard_2025" / file, sep=sep)
    assert len(source) == rows
    given = pd.DataFrame(
        {
            "indicator": indicator,
            "unit": r["rtype"],
            "group": r["studentgroup"],
            "numerator": number(r["currnumer"]),
            "denominator": number(r["currdenom"]),
            "prior_numerator": number(r["priornumer"]),
            "prior_denominator": number(r["priordenom"]),
        }
        for r in source
    )
    table = dashboard_table(given)
    for r, got in zip(source, table.to_dict("records"), strict=True):
        moved = r.get("changeLevel", r.get("changelevel"))
        expected = [r["currstatus"], r["priorstatus"], r["change"]]
        figures = [got[c] for c in ("rate", "prior_rate", "change")]
        assert ["" if pd.isna(x) else f"{x:.1f}" for x in figures] == expected, r
        levels = [got[c] for c in ("status_level", "change_level", "colour", "box")]
        assert levels == [int(x) for x in (r["statuslevel"], moved, r["color"], r["box"])], r
        assert got["small_denominator"] == (r["smalldenom"] == "Y"), r
    assert (table["colour"] > 0).sum() == coloured


@pytest.mark.real_data
def test_n_floors_are_those_the_state_marks(shared_data):
    for file, sep in (("chronicdownload2099.txt", "\t"), ("grad_rows.csv", ","), ("ela_rows.csv", ",")):
        for r in state_file(shared_data / "ca_dashboard_2025" / file, sep=sep):
            got = dashboard(
                "CHRO",
                unit=r["rtype"],
                group=r["studentgroup"],
                denominator=number(r["currdenom"]),
                prior_denominator=number(r["priordenom"]),
            )
            marks = [r["currnsizemet"] == "Y", r["priornsizemet"] == "Y", r["accountabilitymet"] == "Y"]
            assert [got.enough, got.prior_enough, got.enough and got.prior_enough] == marks, r


@pytest.mark.real_data
def test_every_row_of_the_academic_file(shared_data):
    source = state_file(shared_data / "ca_dashboard_2025" / "ela_rows.csv")
    assert len(source) == 47
    for r in source:
        got = dashboard(
            "ELA",
            kind="11" if r["hscutpoints"] == "Y" else "3-8",
            unit=r["rtype"],
            group=r["studentgroup"],
            denominator=number(r["currdenom"]),
            prior_denominator=number(r["priordenom"]),
            value=r["currstatus"] or None,
            prior_value=r["priorstatus"] or None,
            change=r["change"] or None,
        )
        levels = [got.status_level, got.change_level, got.colour, got.box]
        assert levels == [int(r[c]) for c in ("statuslevel", "changelevel", "color", "box")], r
        assert [shown(got.rate), shown(got.prior_rate), shown(got.change)] == [
            r["currstatus"],
            r["priorstatus"],
            r["change"],
        ], r
        assert not got.small_denominator  # no folding for the academic indicators
        added = lowest_scores_added(int(r["currprate_enrolled"]), int(r["currprate_tested"]))
        assert added == int(r["currnumPRLOSS"] or 0), r
        assert int(r["currdenom"]) - added == int(r["currdenom_withoutPRLOSS"]), r


@pytest.mark.real_data
def test_every_academic_level_of_2018(shared_data):
    """9,269 levels; the file does not say which schools took the grade-11 cut points, so either may fit."""
    rows = [
        r
        for r in state_file(shared_data / "ca_dashboard_2018" / "english_2018_academic_indicator.csv")
        if r["statuslevel"] in ("1", "2", "3", "4", "5")
    ]
    assert len(rows) == 9_269
    by = {"3-8": 0, "11": 0, "both": 0}
    for r in rows:
        fits = [
            k
            for k in ("3-8", "11")
            if level_of("ELA", "status", r["currstatus"], kind=k, year=2018) == int(r["statuslevel"])
        ]
        assert fits, r
        by[fits[0] if len(fits) == 1 else "both"] += 1
    # Counted beside: 3,035 rows fit only the cut points of grades 3 to 8 and 566 only those of grade 11.
    assert by == {"3-8": 3_035, "11": 566, "both": 5_668}


@pytest.mark.real_data
def test_the_states_own_grid_of_chronic_absence(shared_data):
    """Colours, bands and wording of the state's five-by-five page, cell by cell."""
    grid = pd.read_csv(shared_data / "ca_dashboard_2025" / "cde_chronic_absenteeism_5x5_2023.csv")
    columns = list(grid.columns[2:])
    assert ["Increased Significantly" in columns[0], "Declined Significantly" in columns[-1]] == [True, True]
    for status, row in zip((5, 4, 3, 2, 1), grid.to_dict("records"), strict=True):
        assert rule_file("california.toml")["labels"]["status_down"][status] == row["status_label"]
        for change, column in zip((1, 2, 3, 4, 5), columns, strict=True):
            assert colour_level("CHRO", status, change) == NAMES[row[column]], (status, change)
    edges = {"2.5": 5, "2.6": 4, "5.0": 4, "5.1": 3, "10.0": 3, "10.1": 2, "20.0": 2, "20.1": 1}
    for value, status in edges.items():
        assert level_of("CHRO", "status", value) == status
    moves = {"3.1": 1, "3.0": 2, "0.5": 2, "0.4": 3, "-0.4": 3, "-0.5": 4, "-2.9": 4, "-3.0": 5}
    for value, change in moves.items():
        assert level_of("CHRO", "change", value) == change


# rules.md §2.2, as printed there, level 5 to 1
STATUS = """
CHRO|≤2.5|2.6–5.0|5.1–10.0|10.1–20.0|≥20.1
SUSP ED|≤0.5|0.6–1.5|1.6–3.0|3.1–6.0|≥6.1
SUSP HD|≤1.5|1.6–3.5|3.6–6.0|6.1–9.0|≥9.1
SUSP UD|≤1.0|1.1–2.5|2.6–4.5|4.6–8.0|≥8.1
SUSP ES|≤0.5|0.6–1.0|1.1–3.0|3.1–6.0|≥6.1
SUSP MS|≤0.5|0.6–2.0|2.1–8.0|8.1–12.0|≥12.1
SUSP HS|≤0.5|0.6–1.5|1.6–6.0|6.1–10.0|≥10.1
GRAD|≥95.0|90.5–94.9|80.0–90.4|68.0–79.9|≤67.9
ELPI|≥65.0|55.0–64.9|45.0–54.9|35.0–44.9|≤34.9
CCI|≥70.0|55.0–69.9|35.0–54.9|10.0–34.9|≤9.9
ELA 3-8|≥45.0|10.0–44.9|−5.0–9.9|−70.0–−5.1|≤−70.1
ELA 11|≥75.0|30.0–74.9|0.0–29.9|−45.0–−0.1|≤−45.1
MATH 3-8|≥35.0|0.0–34.9|−25.0–−0.1|−95.0–−25.1|≤−95.1
MATH 11|≥25.0|0.0–24.9|−60.0–−0.1|−115.0–−60.1|≤−115.1
SCIENCE|≥65.0|55.0–64.9|45.0–54.9|35.0–44.9|≤34.9
"""
CHANGE = """
CHRO|≤−3.0|−2.9–−0.5|−0.4–0.4|0.5–3.0|≥3.1
SUSP HD|≤−3.0|−2.9–−0.5|−0.4–0.4|0.5–3.0|≥3.1
SUSP ED|≤−2.0|−1.9–−0.3|−0.2–0.2|0.3–2.0|≥2.1
SUSP UD|≤−2.0|−1.9–−0.3|−0.2–0.2|0.3–2.0|≥2.1
SUSP ES|≤−1.0|−0.9–−0.3|−0.2–0.2|0.3–2.0|≥2.1
SUSP MS|≤−3.0|−2.9–−0.3|−0.2–0.2|0.3–4.0|≥4.1
SUSP HS|≤−2.0|−1.9–−0.3|−0.2–0.2|0.3–3.0|≥3.1
GRAD|≥5.0|1.0–4.9|−0.9–0.9|−5.0–−1.0|≤−5.1
ELPI|≥10.0|2.0–9.9|−1.9–1.9|−10.0–−2.0|≤−10.1
CCI|≥9.0|2.0–8.9|−1.9–1.9|−9.0–−2.0|≤−9.1
ELA 3-8|≥15.0|3.0–14.9|−2.9–2.9|−15.0–−3.0|≤−15.1
ELA 11|≥15.0|3.0–14.9|−2.9–2.9|−15.0–−3.0|≤−15.1
MATH 3-8|≥15.0|3.0–14.9|−2.9–2.9|−15.0–−3.0|≤−15.1
MATH 11|≥15.0|3.0–14.9|−2.9–2.9|−15.0–−3.0|≤−15.1
SCIENCE|≥5.0|2.0–4.9|−1.9–1.9|−5.0–−2.0|≤−5.1
"""


@pytest.mark.parametrize("year", [2023, 2024, 2025])
@pytest.mark.parametrize(("part", "table"), [("status", STATUS), ("change", CHANGE)])
def test_every_edge_of_the_printed_cut_points(part, table, year):
    lines = table.strip().splitlines()
    assert len(lines) == 15
    for line in lines:
        name, *cells = line.split("|")
        indicator, _, kind = name.partition(" ")
        for expected, cell in zip((5, 4, 3, 2, 1), cells, strict=True):
            for edge in cell.strip("≤≥").split("–"):
                value = edge.replace("−", "-")
                assert level_of(indicator, part, value, kind=kind, year=year) == expected, (name, cell)


# rules.md §2.3: rows status 5 to 1, columns change 5 to 1; 0 is N/A
GRID = [[5, 5, 5, 4, 3], [5, 4, 4, 3, 2], [4, 4, 3, 2, 2], [3, 3, 2, 2, 1], [3, 2, 1, 1, 1]]
ACADEMIC = [[5, 5, 5, 4, 4], [5, 4, 4, 4, 4], [4, 4, 3, 3, 3], [3, 3, 2, 2, 2], [2, 2, 1, 1, 1]]
GRIDS = {
    "CHRO": GRID,
    "ELPI": GRID,
    "CCI": GRID,
    "SUSP HD": [[5, 5, 5, 4, 0], *GRID[1:]],
    "SUSP UD": [[5, 5, 5, 4, 0], *GRID[1:]],
    **{f"SUSP {k}": [[5, 5, 5, 4, 0], [5, 4, 4, 3, 0], *GRID[2:]] for k in ("ED", "ES", "MS", "HS")},
    "GRAD": [[5, 5, 5, 5, 0], *GRID[1:4], [1, 1, 1, 1, 1]],
    **dict.fromkeys(("ELA 3-8", "ELA 11", "MATH 3-8", "MATH 11", "SCIENCE"), ACADEMIC),
}


@pytest.mark.parametrize("name", GRIDS)
def test_every_cell_of_the_printed_grids(name):
    indicator, _, kind = name.partition(" ")
    got = [[colour_level(indicator, s, c, kind=kind) or 0 for c in (5, 4, 3, 2, 1)] for s in (5, 4, 3, 2, 1)]
    assert got == GRIDS[name]


def test_spans_leave_no_gap_and_do_not_overlap():
    """Each tenth of a point belongs to exactly one level, and levels run in one direction."""
    assert len({k[:2] for k in cut_points()}) == 15
    for key, spans in cut_points().items():
        ordered = sorted(spans, key=lambda s: s[1])
        assert sorted(s[0] for s in spans) == [1, 2, 3, 4, 5], key
        assert [s[0] for s in ordered] in ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]), key
        for below, above in pairwise(ordered):
            assert above[1] - below[2] == Decimal("0.1"), key


def test_cells_that_the_state_marks_na():
    """SUSP: best status, worst change, for every type; the next status for ED, ES, MS, HS; GRAD: one."""
    na = {k for k, colour in colour_grids().items() if colour is None}
    expected = {("SUSP", k, 5, 1) for k in ("ED", "HD", "UD", "ES", "MS", "HS")}
    expected |= {("SUSP", k, 4, 1) for k in ("ED", "ES", "MS", "HS")} | {("GRAD", "", 5, 1)}
    assert na == expected
    assert colour_level("SUSP", 4, 1, kind="HD") == colour_level("SUSP", 4, 1, kind="UD") == ORANGE


def test_na_cells_cannot_be_reached_from_counts():
    """A rate in the best band cannot come from a prior rate below 0 (SUSP) or above 100 (GRAD)."""
    spans = {(*k, s[0]): s for k, v in cut_points().items() if k[3] == 2025 for s in v}
    for (indicator, kind, status, change), colour in colour_grids().items():
        if colour is None and indicator == "SUSP":
            worst_now = spans[indicator, kind, "status", 2025, status][2]
            assert worst_now - spans[indicator, kind, "change", 2025, change][1] < 0
        elif colour is None:
            assert spans["GRAD", "", "status", 2025, 5][1] - spans["GRAD", "", "change", 2025, 1][2] > 100


def test_a_small_denominator_folds_the_outer_columns():
    small = dashboard("CHRO", numerator=5, denominator=149, prior_numerator=30, prior_denominator=149)
    large = dashboard("CHRO", numerator=5, denominator=150, prior_numerator=30, prior_denominator=150)
    assert (small.small_denominator, small.change_level, small.change_used) == (True, 4, 4)
    assert (large.small_denominator, large.change_level) == (False, 5)
    worse = dashboard("GRAD", numerator=30, denominator=40, prior_numerator=39, prior_denominator=40)
    assert (worse.change_level, worse.change_used, worse.colour, worse.box) == (1, 2, ORANGE, 170)


@pytest.mark.parametrize(
    ("unit", "group", "n", "prior", "coloured"),
    [
        ("S", "ALL", 30, 30, True),
        ("S", "EL", 43, 27, False),  # Harvest Park
        ("S", "FI", 29, 30, False),  # Yu Ming
        ("D", "HOM", 18, 19, True),  # Alameda COE
        ("D", "HOM", 16, 22, True),  # Castro Valley USD
        ("D", "LTEL", 15, 15, True),
        ("D", "FOS", 14, 15, False),
        ("D", "SWD", 18, 19, False),
        ("S", "HOM", 47, 28, False),  # Alameda Juvenile Hall: the floor of 15 is not for schools
        ("X", "HOM", 18, 19, False),
    ],
)
def test_who_gets_a_colour(unit, group, n, prior, coloured):
    got = dashboard(
        "CHRO",
        unit=unit,
        group=group,
        numerator=3,
        denominator=n,
        prior_numerator=3,
        prior_denominator=prior,
    )
    assert (got.colour > 0) is coloured
    assert (got.box > 0) is coloured
    assert got.status_level > 0


def test_ten_students_are_withheld_and_eleven_are_not():
    ten = dashboard("CHRO", numerator=3, denominator=10, prior_numerator=3, prior_denominator=40)
    assert (ten.rate, ten.change, ten.status_level, ten.suppressed) == (None, None, 0, True)
    eleven = dashboard("CHRO", numerator=0, denominator=11, prior_denominator=10, prior_numerator=2)
    assert (str(eleven.rate), eleven.prior_rate, eleven.change) == ("0.0", None, None)
    assert (eleven.status_level, eleven.change_level, eleven.colour) == (5, 0, 0)


def test_no_year_before_gives_status_only():
    got = dashboard("CHRO", numerator=55, denominator=476)
    assert (str(got.rate), got.status_level, got.change_level, got.colour) == ("11.6", 2, 0, 0)
    assert got.notes == ("no year before",)


def test_withheld_by_the_state():
    got = dashboard(
        "CHRO",
        numerator=18,
        denominator=331,
        prior_numerator=13,
        prior_denominator=290,
        withheld="data not certified",
    )
    assert (got.colour, got.box, got.status_level) == (0, 0, 3)
    assert "data not certified" in got.notes


@pytest.mark.parametrize(
    ("indicator", "kind", "year", "status", "change", "colour"),
    [
        ("CHRO", "", 2018, 3, 2, ORANGE),
        ("CHRO", "", 2019, 3, 2, ORANGE),
        ("CHRO", "", 2020, 0, 0, 0),
        ("CHRO", "", 2021, 0, 0, 0),
        ("CHRO", "", 2022, 3, 0, 0),
        ("CHRO", "", 2023, 3, 2, ORANGE),
        ("SUSP", "UD", 2019, 2, 2, ORANGE),
        ("SCIENCE", "", 2024, 1, 3, 0),  # science first coloured in 2025
        ("SCIENCE", "", 2025, 1, 3, RED),
    ],
)
def test_what_each_year_gives(indicator, kind, year, status, change, colour):
    got = dashboard(
        indicator,
        kind=kind,
        year=year,
        numerator=18,
        denominator=331,
        prior_numerator=13,
        prior_denominator=290,
    )
    assert (got.status_level, got.change_level, got.colour) == (status, change, colour)
    assert bool(got.notes) is (colour == 0)


def test_an_increase_of_exactly_three_points_in_2018():
    """Worded «3.0 or more» in 2018, above 3.0 later."""
    assert level_of("CHRO", "change", "3.0", year=2018) == 1
    assert level_of("CHRO", "change", "3.0", year=2019) == 2


@pytest.mark.parametrize(
    ("indicator", "kind", "year", "words"),
    [
        ("GRAD", "", 2019, "no status cut points for GRAD in 2019"),
        ("SUSP", "UD", 2018, "no status cut points for SUSP UD in 2018"),
        ("CHRO", "", 2026, "no rules for the 2026 Dashboard"),
        ("SUSP", "", 2025, "SUSP has no kind"),
        ("CHRO", "ES", 2025, "CHRO has no kind"),
        ("ATT", "", 2025, "not a Dashboard indicator"),
    ],
)
def test_what_is_not_held_is_refused(indicator, kind, year, words):
    with pytest.raises(KitError, match=words):
        dashboard(indicator, kind=kind, year=year, numerator=20, denominator=200)


def test_groups_and_counts_that_cannot_be():
    with pytest.raises(KitError, match="added in 2024"):
        dashboard("CHRO", group="LTEL", year=2023, numerator=2, denominator=40)
    with pytest.raises(KitError, match="not a count"):
        dashboard("CHRO", numerator=41, denominator=40)
    with pytest.raises(KitError, match="distance"):
        dashboard("ELA", kind="11", numerator=4, denominator=40)


def test_assumptions_go_with_the_row():
    def ids(*args, **kw):
        return {a.id for a in dashboard(*args, denominator=200, prior_denominator=200, **kw).assumptions}

    assert ids("CHRO", numerator=2, prior_numerator=3) == {"half-up"}
    assert "cells-not-checked" in ids("MATH", kind="11", value=3, prior_value=4, change=-1)
    assert "cells-not-checked" in ids("SUSP", kind="HD", numerator=2, prior_numerator=3)
    assert "displayed-change" in ids("ELA", kind="11", value="3.2", prior_value="4.1")
    assert "cuts-of-2023" in ids("CHRO", numerator=2, year=2022)


def test_a_table_reports_all_faults_and_changes_nothing():
    rows = pd.DataFrame(
        {
            "indicator": ["CHRO", "ATT", "SUSP"],
            "denominator": [40, 40, 40],
            "numerator": [4, 4, 4],
            "school": list("abc"),
        }
    )
    with pytest.raises(InputError) as e:
        dashboard_table(rows)
    assert [f.row for f in e.value.faults] == [3, 4]
    good = dashboard_table(rows.iloc[:1])
    assert good["school"].tolist() == ["a"]
    assert good["rate"].tolist() == [10.0]
    assert good.attrs["assumptions"][0].startswith("ASSUMPTION (D)")
    assert list(rows.columns) == ["indicator", "denominator", "numerator", "school"]
    with pytest.raises(KitError, match="denominator"):
        dashboard_table(rows[["indicator"]])


def test_calpads_days():
    absent, expected = absence_days(
        independent_study_not_attended=2,
        excused=6,
        unexcused=7,
        suspended_out=3,
        in_person=170,
        independent_study_attended=8,
    )
    assert (absent, expected) == (18, 180)


@pytest.mark.parametrize(
    ("portions", "expected"),
    [([0.5, 0.3, 0.1], False), ([0.5, 0.5], True), ([0.1] * 10, True), ([], False), ([3], True)],
)
def test_a_suspension_is_a_whole_day_in_all(portions, expected):
    assert suspended(portions) is expected


@pytest.mark.parametrize(
    ("enrolled", "tested", "added"),
    [
        (16584, 15653, 19),
        (17727, 16638, 115),
        (690, 642, 11),
        (672, 614, 22),
        (48, 40, 6),
        (24, 21, 2),
        (39, 36, 1),
        (37, 23, 12),
        (34, 20, 13),
        (12, 8, 4),
        (100, 95, 0),
        (200, 189, 0),  # exactly 94.5 %
    ],
)
def test_lowest_scores_added(enrolled, tested, added):
    assert lowest_scores_added(enrolled, tested) == added


def test_levels_read_rounded_figures():
    """A raw change of 0.261 is published as 0.3 and is level 2 (Yu Ming, SUSP); read raw it would be 3."""
    raw = Fraction(261, 1000)
    assert level_of("SUSP", "change", raw, kind="ES") == 2
    assert level_of("GRAD", "change", "4.963") == 5
