"""The report for families: plain words that can be measured, protected numbers, two pages, two languages."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import kit
from kit.charts.hundred import hundred, of_hundred
from kit.errors import KitError
from kit.records.sample import write_sample
from kit.reports.family import FamilyReport, family_report
from kit.reports.family_words import TOPICS
from kit.reports.prepared import Prepared

sys.path.insert(0, str(kit.home() / "tests" / "language"))
from pages import Words, make_page, prepared_folder

# Words that a family need not know.
JARGON = (
    "chronic", "proficien", "percentile", "median", "interval", "redesignat", "reclassif", "disadvantaged", "cohort",
    "subgroup", "metric", "indicator", "construct", "self-efficacy", "deficit", "benchmark", "assessment", "ELA", "EL ",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Prepared, Path]:
    data = write_sample(tmp_path_factory.mktemp("family") / "data", schools=16, years=2, students_per_school=80)
    (data / "kit.toml").write_text(
        '[family.working_on]\n"0101" = ["Reading every day", "<b>Math</b> & more"]\n'
        '"0102" = { en = "Coming on time", es = "Llegar a tiempo" }\n',
        encoding="utf-8",
    )
    out = tmp_path_factory.mktemp("prepared")
    return prepared_folder(data, out), out / ".prepared"


def _report(made, school_id: str, language: str = "en") -> FamilyReport:
    return family_report(made[1], school_id, live=False, language=language)


def _page(made, school_id: str, language: str = "en") -> str:
    return make_page("family", made[1], _report(made, school_id, language).language, school_id=school_id)


# Reading level: Flesch-Kincaid grade = 0.39 · words/sentences + 11.8 · syllables/words − 15.59
# (Kincaid, Fishburne, Rogers and Chissom 1975), over the page's sentences (paragraphs and list items, without
# headings and titles, whose shortness would make the page look easier than it is).
def _sentences(html: str) -> list[str]:
    text = re.sub(r"<(nav|header|footer|noscript|title|style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    blocks = re.findall(
        r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", re.sub(r"<svg.*?</svg>|<h3>.*?</h3>", "", text), re.DOTALL
    )
    out = []
    for block in blocks:
        plain = re.sub(r"<[^>]+>", " ", block)
        out += [s for s in re.split(r"(?<=[.!?])\s+", plain.strip()) if len(s.split()) > 1]
    return out


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[’'.-][^\W_]+)*", text)


def english_syllables(word: str) -> int:
    """Count groups of vowels (ua and ia are two); a last e is silent but for -le, and so is -ed but after t and d."""
    word = word.lower()
    if not re.search(r"[a-z]", word):
        return max(1, len(re.sub(r"\D", "", word)))  # a number is read out digit by digit, at the least
    groups = len(re.findall(r"[aeiouy]+", word)) + len(re.findall(r"(?<![qg])u[ao]|(?<![ctsgx])i[ao]", word))
    silent = re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouytd]ed$|[^aeiouysxz]es$", word) and not re.search(
        r"(ches|shes|ges|ces)$", word
    )
    return max(1, groups - bool(silent))


def grade_level(sentences: list[str]) -> float:
    words = [w for s in sentences for w in _words(s)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(english_syllables, words)) / len(words) - 15.59


# Spanish: Szigriszt's perspicuity on the INFLESZ scale (Barrio-Cantalejo et al. 2008):
# 206.835 − 62.3 · syllables/words − words/sentences; 55 and more is «normal», what a newspaper for everyone reads like.
def spanish_syllables(word: str) -> int:
    word = word.lower()
    if not re.search(r"[a-záéíóúüñ]", word):
        return max(1, len(re.sub(r"\D", "", word)))
    word = re.sub(r"qu|gu(?=[eiéí])", "k", word)
    # Two strong vowels, or a weak one with an accent, are two syllables; anything else together is one.
    split = re.sub(r"([aeoáéó])(?=[aeoáéó])|([aeoáéó])(?=[íú])|([íú])(?=[aeoáéó])", r"\1\2\3-", word)
    return max(1, len(re.findall(r"[aeiouáéíóúüy]+", re.sub(r"y(?=[aeiouáéíóú])", "j", split))))


def perspicuity(sentences: list[str]) -> float:
    words = [w for s in sentences for w in _words(s)]
    return 206.835 - 62.3 * sum(map(spanish_syllables, words)) / len(words) - len(words) / len(sentences)


def test_the_counting_of_syllables():
    known = {
        1: "school missed grade change safe",
        2: "students started people reading expelled teachers changes table",
        3: "suspended usual",
        4: "graduation",
    }
    known = {word: n for n, words in known.items() for word in words.split()}
    assert {w: english_syllables(w) for w in known} == known
    conocidas = {
        1: "que hoy quien",
        2: "días leer año guía país cada",
        3: "escuela maestro ayuda seguros",
        4: "estudiantes",
        5: "preparatoria",
    }
    conocidas = {palabra: n for n, palabras in conocidas.items() for palabra in palabras.split()}
    assert {w: spanish_syllables(w) for w in conocidas} == conocidas


def test_the_formulas_at_texts_with_a_known_grade():
    # Ten words of one syllable in one sentence: 0.39·10 + 11.8 − 15.59.
    assert grade_level(["The dog ran to the big red car and sat."]) == pytest.approx(0.11)
    hard = "Institutional accountability necessitates comprehensive disaggregated longitudinal information."
    assert grade_level([hard]) > 20
    assert perspicuity(["El sol da luz."]) == pytest.approx(206.835 - 62.3 - 4)


def test_every_page_reads_at_grade_eight_or_below(made):
    prepared, _folder = made
    grades = {i: grade_level(_sentences(_page(made, i))) for i in prepared.school_rows}
    assert len(grades) == 16
    assert max(grades.values()) <= 8, grades


def test_every_spanish_page_reads_easily(made):
    prepared, _folder = made
    scores = {i: perspicuity(_sentences(_page(made, i, "es"))) for i in prepared.school_rows}
    assert min(scores.values()) >= 55, scores


def test_a_page_has_no_jargon(made):
    prepared, _folder = made
    for school_id in prepared.school_rows:
        words = Words(_page(made, school_id))
        said = " ".join(words.texts + words.attributes)
        assert not [j for j in JARGON if j in said]


def test_five_to_eight_numbers_each_with_its_picture_in_words(made):
    prepared, _folder = made
    counts = []
    for school_id in prepared.school_rows:
        html = _report(made, school_id).numbers().html()
        cards = html.count("<h3>")
        shown = prepared.glance.table[prepared.glance.table["unit_id"].eq(school_id)].dropna(subset="value")
        assert cards == min(8, sum(t.measure in set(shown["measure"]) for t in TOPICS))
        counts.append(cards)
        pictures = re.findall(r'<svg class="hundred" role="img" aria-label="([^"]+)"', html)
        assert len(pictures) == cards
        assert all(re.fullmatch(r"A picture of 100 dots for 100 [a-z ]+: \d+ are filled\.", p) for p in pictures)
    # Only schools with very few students have fewer than five that may be shown.
    assert sum(n >= 5 for n in counts) >= 13


def test_a_number_is_the_released_one_of_all_students(made):
    prepared, _folder = made
    table = prepared.released.table
    for school_id in list(prepared.school_rows)[:6]:
        rows = table[
            table["unit_id"].eq(school_id)
            & table["student_group"].eq("all")
            & table["grade"].eq("all")
            & table["measure"].eq("chronic_absence")
            & table["school_year"].eq(prepared.school_year)
        ]
        value = float(rows["value"].iloc[0])
        expected = round(value) if 0.5 <= value < 99.5 else None
        text = _report(made, school_id).numbers().html()
        found = re.search(r"(?:(\d+)|Fewer than 1) of 100 students missed at least one day in ten", text)
        assert found, text
        if expected is not None and abs(value % 1 - 0.5) > 1e-9:
            assert int(found[1]) == expected


def test_a_number_of_few_students_is_not_on_the_page(write_folder):
    folder = write_folder(
        schools="""school_id,school_name,district_id,district_name,level
        01,Small School,d,District,high""",
        results="""school_year,unit_type,unit_id,measure,student_group,grade,n,count,value
        2026,school,01,suspension,all,all,19,3,15.789473684210526""",
    )
    report = family_report(folder, live=False)
    assert "There is no number of this school that can be shown." in report.numbers().html()
    assert "about fewer than 20 students" in report.limits().html()
    assert "19 students" not in report.header().html()


def test_no_student_group_and_no_grade_is_on_the_page(made):
    prepared, _folder = made
    for school_id in prepared.school_rows:
        words = " ".join(Words(_page(made, school_id)).texts)
        assert not re.search(r"English learners|disabilit|Hispanic|Black|Asian|White|girls|boys|Grade [1-7]\b", words)


def test_what_a_school_works_on_is_its_own_words_escaped(made):
    html = _report(made, "0101").working_on().html()
    assert "<li>Reading every day</li>" in html
    assert "&lt;b&gt;Math&lt;/b&gt; &amp; more" in html
    assert "Coming on time" in _report(made, "0102").working_on().html()
    spanish = _report(made, "0102", "es").working_on().html()
    assert "Llegar a tiempo" in spanish
    assert "Coming on time" not in spanish
    assert "Ask what it is trying now." in _report(made, "0103").working_on().html()


def test_what_a_school_works_on_must_be_text(write_folder):
    folder = write_folder(
        schools="""school_id,school_name,district_id,district_name,level
        01,A,d,D,high""",
        results="""school_year,unit_type,unit_id,measure,student_group,grade,n,count,value
        2026,school,01,suspension,all,all,100,5,5.0""",
    )
    (folder / "kit.toml").write_text('[family.working_on]\n"01" = 7\n')
    with pytest.raises(KitError, match=r"\[family.working_on\].*'01' works on is no text"):
        family_report(folder)


def test_better_and_worse_follow_the_measures_own_direction(made):
    prepared, _folder = made
    glance = prepared.glance.table.set_index(["unit_id", "measure"])
    titles = {t.measure: t.title for t in TOPICS}
    seen = 0
    for school_id in prepared.school_rows:
        report = _report(made, school_id)
        well, closer = report.going_well().html(), report.working_on().html()
        for topic in report._topics:
            row = glance.loc[(school_id, topic.measure)]
            good = row["concern"] == "strength" or row["change_class"] == "improved"
            bad = row["concern"] == "look closer" or row["change_class"] == "worsened"
            assert (f"<b>{titles[topic.measure]}</b>" in well) == good
            assert (f"<b>{titles[topic.measure]}</b>" in closer) == bad
            seen += good + bad
    assert seen > 10


@pytest.mark.parametrize(
    ("value", "filled"), [(0, 0), (0.01, 1), (0.49, 1), (12.4, 12), (12.5, 13), (99.4, 99), (99.99, 99), (100, 100)]
)
def test_the_picture_fills_as_many_dots_as_it_says(value, filled):
    svg = hundred(value, "students")
    assert of_hundred(value) == filled
    assert f": {filled} are filled." in svg
    # Each dot is a dash of a line that runs from the middle of the first to that of the last.
    drawn = re.search(r'class="dot" d="([^"]*)"', svg)
    dots = sum(round(float(n) / 9) + 1 for n in re.findall(r"h([\d.]+)", drawn[1])) if drawn else 0
    rings = re.search(r'class="ring" d="([^"]*)"', svg)
    empty = sum(round(float(n) / 9) + 1 for n in re.findall(r"h([\d.]+)", rings[1])) if rings else 0
    assert (dots, dots + empty) == (filled, 100)


def test_the_page_is_one_light_file_without_requests(made):
    html = _page(made, "0101")
    assert len(html.encode()) < 60_000
    assert "default-src &#39;none&#39;" in html
    assert not re.search(r'(src|href)="(?!#|data:)', html)


def test_the_template_says_whom_it_is_about():
    book = json.loads((kit.home() / "templates" / "family.ipynb").read_text())
    assert book["metadata"]["kit"]["subject"] == "school"
