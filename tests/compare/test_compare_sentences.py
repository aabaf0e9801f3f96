"""Strengths and questions: what is said, what is not, and in which words."""

import re

import pandas as pd
import pytest

from kit.compare import CompareSettings, at_a_glance, gaps, strengths_and_questions
from kit.compare.words import group_words, prompt, said_by_definition, subject
from kit.errors import KitError
from kit.measures.registry import measures

CAUSES = re.compile(r"\b(because|due to|caused?|thanks to|led to|as a result)\b", re.IGNORECASE)
RANKS = re.compile(r"\b(rank\w*|\d+(st|nd|rd|th)\b|place \d+|league|top \d+|bottom \d+|worst)", re.IGNORECASE)


def _said(results, schools, **more):
    return strengths_and_questions(results, schools, "s1", 2026, **more)


def test_a_fall_in_absence_is_told_with_both_values_and_the_students(table, school_table):
    results = table([("s1", "chronic_absence", "all", 2025, 75, 311), ("s1", "chronic_absence", "all", 2026, 50, 312)])
    said = _said(results, school_table(["s1"]))
    row = said[said["kind"].eq("strength")].iloc[0]
    assert (row["measure"], row["basis"]) == ("chronic_absence", "improved")
    assert row["text"] == (
        "Chronic absence fell from 24.1 % to 16.0 % (312 students), more than chance alone would explain."
    )
    assert not said["kind"].eq("question").any()


def test_a_gap_becomes_a_question_with_its_theme_s_prompt(table, school_table):
    results = table(
        [
            ("s1", "chronic_absence", "english_learner", 2026, 18, 58),
            ("s1", "chronic_absence", "all", 2026, 58, 278),
        ]
    )
    said = _said(results, school_table(["s1"]))
    assert said[said["kind"].eq("question")]["text"].tolist() == [
        "Chronic absence is higher for English learners (31.0 %, 58 students) than for the other students "
        "(18.2 %): what do they and their families say about getting to school?"
    ]
    overlap = said[said["kind"].eq("caution") & said["text"].str.contains("overlap")]
    assert overlap["measure"].tolist() == ["chronic_absence"]


def test_the_last_quarter_is_a_question_and_the_best_a_strength(table, school_table):
    ids = [f"s{i}" for i in range(1, 9)]
    suspended, met = (80, 4, 8, 8, 12, 12, 16, 20), (300, 100, 110, 120, 130, 140, 150, 160)
    rows = [(s, "suspension", "all", 2026, c, 400) for s, c in zip(ids, suspended, strict=True)]
    rows += [(s, "math_proficient", "all", 2026, c, 400) for s, c in zip(ids, met, strict=True)]
    said = _said(table(rows), school_table(ids, "middle")).set_index("kind")["text"]
    assert said["question"] == (
        "Suspension is 20.0 % (400 students), among the quarter of middle schools where it is highest "
        "(median of 8 schools: 3.0 %): where, when and for what are students sent out, and what happens "
        "before and after?"
    )
    assert said["strength"] == (
        "The share of students who met the standard in mathematics is 75.0 % (400 students), among the "
        "quarter of middle schools where it is highest (median of 8 schools: 33.8 %)."
    )


def test_a_gap_that_narrows_because_the_others_lost_is_no_strength(table, school_table):
    def years(first_group, last_group, first_all, last_all):
        return table(
            [
                ("s1", "math_proficient", "disability", 2025, *first_group),
                ("s1", "math_proficient", "all", 2025, *first_all),
                ("s1", "math_proficient", "disability", 2026, *last_group),
                ("s1", "math_proficient", "all", 2026, *last_all),
            ]
        )

    others_lost = years((100, 500), (100, 500), (400, 1000), (220, 1000))
    group_gained = years((100, 500), (260, 500), (400, 1000), (560, 1000))
    assert not _said(others_lost, school_table(["s1"]))["basis"].eq("gap narrowed").any()
    texts = _said(group_gained, school_table(["s1"])).set_index("basis")["text"]
    assert texts["gap narrowed"] == (
        "The gap between students with disabilities and the other students in the share of students who "
        "met the standard in mathematics narrowed from 40.0 to 8.0 percentage points (500 students in "
        "the group), more than chance alone would explain."
    )
    widened = years((260, 500), (100, 500), (560, 1000), (400, 1000))
    assert _said(widened, school_table(["s1"]))["basis"].eq("gap widened").any()


def test_what_the_measure_itself_decides_is_no_question(table, school_table):
    results = table(
        [
            ("s1", "ela_proficient", "english_learner", 2026, 5, 100),
            ("s1", "ela_proficient", "all", 2026, 250, 500),
            ("s1", "math_proficient", "english_learner", 2026, 5, 100),
            ("s1", "math_proficient", "all", 2026, 250, 500),
        ]
    )
    questions = _said(results, school_table(["s1"])).query("kind == 'question'")
    assert questions["measure"].tolist() == ["math_proficient"]


def _busy(table, school_table):
    """A school where everything got worse and every group has a gap, among seven where nothing moved."""
    ids = [f"s{i}" for i in range(1, 9)]
    names = ["suspension", "chronic_absence", "climate_safety_staff"]
    names += ["graduation_4", "graduation_5", "graduation_6"]
    rows = []
    for m in names:
        bad = measures()[m].better == "down"
        for s in ids:
            for year in (2025, 2026):
                worse = s == "s1" and year == 2026
                count = (700 if bad else 300) if worse else 500
                rows.append((s, m, "all", year, count, 1000))
                for g in ("disability", "race_a_b", "gender_x"):
                    rows.append((s, m, g, year, (200 if bad else 20) if worse else 100, 210))
    return table(rows), school_table(ids)


def test_at_most_four_and_five_are_chosen_and_over_several_measures(table, school_table):
    results, schools = _busy(table, school_table)
    said = _said(results, schools)
    questions = said[said["kind"].eq("question")]
    assert len(questions) == 5
    assert questions["measure"].nunique() == 5
    themes = [measures()[m].theme for m in questions["measure"]]
    assert themes.count("graduation") <= 2
    assert set(themes) == {"discipline", "attendance", "graduation", "surveys"}
    assert questions["student_group"].ne("all").sum() <= 3
    prompts = questions["text"].str.split(": ").str[-1]
    assert prompts.str.endswith("?").all()
    assert prompts.nunique() == 5
    fewer = _said(results, schools, settings=CompareSettings(most_questions=2))
    assert fewer["kind"].eq("question").sum() == 2


def test_the_same_table_in_any_order_and_made_beforehand_gives_the_same_sentences(table, school_table):
    results, schools = _busy(table, school_table)
    first = _said(results, schools)
    shuffled = _said(results.sample(frac=1, random_state=5), schools.iloc[::-1])
    pd.testing.assert_frame_equal(first, shuffled)
    glance = at_a_glance(results, schools, school_year=2026)
    ready = _said(results, schools, glance=glance, gap_table=gaps(results))
    pd.testing.assert_frame_equal(first, ready)


def test_no_sentence_names_a_cause_or_a_rank(table, school_table):
    results, schools = _busy(table, school_table)
    turned = results.assign(school_year=results["school_year"].map({2025: 2026, 2026: 2025}))
    texts = pd.concat([_said(results, schools), _said(turned, schools)])["text"]
    assert len(texts) > 10
    assert not texts.map(CAUSES.search).notna().any()
    assert not texts.map(RANKS.search).notna().any()
    assert not texts.str.contains("nan|<|>|None", regex=True).any()


def test_every_measure_has_words_and_prompts_that_ask_and_name_no_cause():
    for m in measures():
        assert subject(m)
        for about in ("level", "change", "gap", "widening"):
            text = prompt(m, about)
            assert text.endswith("?")
            assert not CAUSES.search(text)


def test_groups_in_words():
    assert group_words("race_two_or_more_races") == "students of two or more races"
    assert group_words("race_black_or_african_american") == "Black or African American students"
    assert group_words("gender_nonbinary") == "nonbinary students"
    assert group_words("disability") == "students with disabilities"
    assert said_by_definition("el_redesignation", "english_learner")
    assert not said_by_definition("math_proficient", "english_learner")


def test_a_school_with_nothing_shown_has_cautions_only(table, school_table):
    results, schools = _busy(table, school_table)
    said = _said(results.assign(status="suppressed"), schools)
    assert set(said["kind"]) == {"caution"}
    assert said["text"].str.contains("On 6 of 6 measures").any()
    empty = strengths_and_questions(results.iloc[:0], schools, "s1", 2026)
    assert set(empty["kind"]) == {"caution"}


def test_nothing_clear_is_not_called_well(table, school_table):
    results = table([("s1", "suspension", "all", y, 10, 300) for y in (2025, 2026)])
    said = _said(results, school_table(["s1"]))
    assert said["text"].str.contains("not the same as everything being well").any()


def test_an_unknown_school_is_named(table, school_table):
    results, schools = _busy(table, school_table)
    with pytest.raises(KitError, match="'nowhere' is not among the schools"):
        strengths_and_questions(results, schools, "nowhere", 2026)


def test_a_measure_has_one_gap_and_a_prompt_is_asked_once(table, school_table):
    rows = []
    for m in ("ela_proficient", "math_proficient"):
        rows += [("s1", m, g, 2026, 20, 100) for g in ("disability", "race_a", "disadvantaged")]
        rows.append(("s1", m, "all", 2026, 250, 400))
    questions = _said(table(rows), school_table(["s1"])).query("kind == 'question'")
    assert questions["measure"].tolist() == ["ela_proficient", "math_proficient"]
    assert questions["student_group"].tolist() == ["disability", "disability"]
    assert questions["text"].str.split(": ").str[-1].tolist() == [
        "what does their work show that they can do already, and what do they say helps them learn?",
        "what do these students say themselves?",
    ]
