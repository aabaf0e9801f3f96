"""The widgets of the first notebook without a browser: what they offer, show, hide, and say when it goes wrong."""

import re

import pytest
from published_folder import HOSTILE, errors_shown, write_published

from kit.controls.folder_picker import FolderPicker
from kit.controls.messages import guarded, in_words
from kit.controls.opened import folders_beside, open_folder
from kit.controls.start import open_start
from kit.errors import KitError

VEGA = "application/vnd.vegalite.v5+json"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return write_published(tmp_path_factory.mktemp("place") / "published")


@pytest.fixture
def start(published):
    made = open_start(str(published))
    made.folder_picker.start()
    return made


def _labels(drop) -> list[str]:
    return [label for label, _ in drop.options]


def _html(step) -> str:
    return "\n".join(o["data"].get("text/html", "") for o in step.display.outputs)


def _charts(step) -> list[dict]:
    return [o["data"][VEGA] for o in step.display.outputs if VEGA in o["data"]]


def _values(chart: dict) -> str:
    return str(chart["datasets"]["rows"])


def test_the_folder_is_described_in_words(start):
    found = start.folder_picker.found.value
    assert "10 schools in 2 districts, school years 2023-24 to 2025-26" in found
    assert "<b>published results</b> would switch on" in found
    assert "Suspension" in found
    assert "fewer than 20 students" in found
    assert "Ready" in start.folder_picker.message.value
    assert not start.folder_picker.message.failed


def test_district_then_school_then_year(start):
    picker = start.school_picker
    assert _labels(picker.district) == ["All districts", f"District {HOSTILE}", "Plain District"]
    assert len(picker.school.options) == 10
    assert _labels(picker.year) == ["2025-26", "2024-25", "2023-24"]
    picker.district.value = "d1"
    assert _labels(picker.school) == [f"School {i}" for i in range(5, 10)]
    assert start.choice.school_id == "s5"
    picker.school.value = "s7"
    picker.district.value = "*"
    assert start.choice.school_id == "s7", "the school is kept while it is still on the list"
    picker.year.value = 2024
    assert start.choice.words() == "School 7, 2023-24"


def test_theme_then_measure(start):
    picker = start.measure_picker
    assert _labels(picker.theme) == ["Attendance", "Achievement", "Surveys"]
    assert _labels(picker.measure) == ["Chronic absence", "Attendance rate", "All measures of this theme"]
    picker.theme.value = "achievement"
    assert start.choice.measure == "ela_proficient"
    assert len(picker.measure.options) == 1, "one measure is the whole theme"


def test_every_control_has_a_label(start):
    import ipywidgets as w

    seen = []

    def walk(widget):
        if isinstance(widget, w.Text | w.Textarea | w.Dropdown | w.Button):
            seen.append(widget)
            assert widget.description.strip(), type(widget)
        for child in getattr(widget, "children", ()):
            walk(child)

    for top in (start.folder_picker, start.school(), *start.steps, start.what_we_wrote()):
        walk(top)
    assert len(seen) > 20


def test_nothing_is_shown_before_it_is_asked_for(start):
    for step in start.steps:
        assert not step.revealed
        assert step.display.outputs == ()
        step.button.click()
        assert step.revealed
        assert step.display.outputs
        assert not step.message.failed


def test_the_first_look_shows_every_measure_and_the_sentences(start):
    start.school_picker.school.value = "s2"
    start.glance_step.button.click()
    html = _html(start.glance_step)
    assert "School 2" in html
    assert "20.0 %" in html  # chronic absence: 15 + 1.5 a school + 1 a year, of 300 pupils
    assert "Questions to ask" in html
    assert 'href="#' not in html, "a link would lead nowhere in a notebook"
    assert "See the display" not in html
    assert "How levels are made" not in html


def test_a_display_follows_school_year_and_measure(start):
    start.school_picker.school.value = "s2"
    step = start.measure_step
    step.button.click()
    assert re.search(r"Level \d+ of 10, ", _html(step)), "words of a sentence stay when their link goes"
    trend, gaps, grades = _charts(step)
    assert "20.0 %" in _values(trend)
    assert "Students with disabilities" in _values(gaps)
    assert "'grade': '3'" in _values(grades)
    start.school_picker.school.value = "s6"
    assert "26.0 %" in _values(_charts(step)[0])
    start.school_picker.year.value = 2025
    assert "2025-26" not in _values(_charts(step)[0])
    start.measure_picker.measure.value = ""
    assert len(_charts(step)) > 3
    start.measure_picker.theme.value = "surveys"
    assert not step.message.failed


def test_small_groups_are_named_and_not_shown(start):
    start.school_picker.school.value = "s3"
    start.measure_step.button.click()
    assert "Foster youth" not in str(_charts(start.measure_step))
    assert re.search(r"Not shown \(fewer than 20 students.*Foster youth", _html(start.measure_step), re.S)


def test_the_schools_of_the_level_are_dots_with_names(start):
    start.school_picker.school.value = "s4"
    step = start.among_step
    step.button.click()
    (chart,) = _charts(step)
    names = {r["name"] for r in chart["datasets"]["rows"]}
    assert names == {HOSTILE, *(f"School {i}" for i in (1, 2, 3, 5, 6, 7, 8, 9))}
    assert chart["datasets"]["ours"][0]["name"] == "School 4"
    start.pair_picker.upward.value = start.pair_picker.across.value
    assert "Choose two different measures." in _html(step)
    assert _charts(step) == []


def test_hostile_names_stay_text(start):
    start.school_picker.school.value = "s0"
    for step in start.steps:
        step.prediction.value = "<script>alert(2)</script>"
        step.button.click()
        said = _html(step) + step.said.value + start.folder_picker.found.value
        assert "<script>alert" not in said
        assert "&lt;script&gt;alert(2)" in step.said.value


def test_a_prediction_is_kept_as_it_was_and_everything_written_comes_together(start):
    text = start.what_we_wrote().children[-1]
    step = start.measure_step
    start.school_picker.school.value = "s2"
    step.prediction.value = "It fell."
    step.button.click()
    step.boxes["notice"].value = "It rose by one point a year."
    start.school_picker.school.value = "s5"
    expected = "One measure (School 2, 2025-26)\nWe expected: It fell.\nWe notice: It rose by one point a year."
    assert text.value == expected
    assert "For School 2, 2025-26 we expected: It fell." in step.said.value
    step.again.click()
    assert not step.revealed
    assert step.prediction.value == ""
    assert text.value == expected, "hiding the display loses nothing"


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("no/such/place", "There is no such folder"),
        ("  ", "No data folder is given"),
        ("<b>here</b>", "&lt;b&gt;here&lt;/b&gt;"),
    ],
)
def test_a_wrong_folder_is_one_error_in_words_and_the_displays_say_what_to_do(start, folder, says):
    start.glance_step.button.click()
    start.folder_picker.text.value = folder
    message = start.folder_picker.message
    assert message.failed
    assert says in message.value
    assert "Traceback" not in message.value
    assert start.glance_step.display.outputs == ()
    assert "Open a data folder" in start.glance_step.message.value
    assert start.school_picker.school.disabled


def test_a_right_folder_after_a_wrong_one_brings_the_displays_back(start, published):
    start.glance_step.button.click()
    start.folder_picker.text.value = "no/such/place"
    start.folder_picker.text.value = f'"{published}"'  # as Windows copies a path
    assert not start.folder_picker.message.failed
    assert not start.school_picker.school.disabled
    assert "At a glance" not in start.glance_step.message.value
    assert "Every measure" in _html(start.glance_step)


def test_faults_that_stop_are_listed_with_file_row_and_mend(write_folder):
    folder = write_folder(
        schools="""school_id,school_name,district_id,district_name,level
        1,One,d,D,elementary
        1,Again,d,D,elementary""",
        students="""student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged
        p,2026,White,F,N,N,N""",
        enrollments="""student_id,school_id,school_year,grade,entry_date
        p,1,2026,3,2025-08-20""",
    )
    start = open_start(str(folder))
    start.folder_picker.start()
    found = start.folder_picker.found.value
    assert "No measure can be computed until the errors are mended" in found
    assert re.search(r"schools\.csv, row 3", found)
    assert "1 error" in found
    assert start.choice.opened is None
    assert not start.folder_picker.message.failed, "faults in data are listed, not an error of the notebook"
    with pytest.raises(KitError):
        open_start(str(folder), live=False).data_folder()


def test_folders_with_data_are_found_beside(published, tmp_path):
    (published.parent / "not-data").mkdir(exist_ok=True)
    assert folders_beside(str(published)) == [published]
    picker = FolderPicker(open_start("nowhere").choice, str(published.parent / "not-there"))
    picker.start()
    assert picker.message.failed
    assert [value for _, value in picker.beside.options] == ["", str(published)]
    picker.beside.value = str(published)
    assert picker.text.value == str(published)
    assert not picker.message.failed


def test_the_same_files_are_read_once(published, tmp_path):
    said = []
    first = open_folder(str(published))
    assert open_folder(str(published), said.append) is first
    assert said == []
    copy = write_published(tmp_path / "copy")
    before = open_folder(str(copy), said.append)
    assert [s[-14:] for s in said] == ["(step 1 of 3).", "(step 2 of 3).", "(step 3 of 3)."]
    text = (copy / "results.csv").read_text(encoding="utf-8")
    (copy / "results.csv").write_text(text + "\n", encoding="utf-8")
    assert open_folder(str(copy)) is not before, "a changed file is read again"


def test_another_year_does_not_ask_the_gate_again(published, monkeypatch):
    opened = open_folder(str(published))
    monkeypatch.setattr(opened.workspace, "released", lambda **_: pytest.fail("released again"))
    assert opened.prepared(2024).school_year == 2024


def test_an_error_in_a_callback_is_seen(start):
    def breaks():
        raise ZeroDivisionError("by <nothing>")

    guarded(start.glance_step.message, breaks)()
    assert start.glance_step.message.failed
    assert "by &lt;nothing&gt;" in start.glance_step.message.value
    assert errors_shown({"m": {"state": {"value": start.glance_step.message.value}}})
    assert "must be mended" not in in_words(KitError("x"))


def test_a_display_that_breaks_does_not_leave_the_old_one(start, monkeypatch):
    step = start.measure_step
    step.button.click()
    monkeypatch.setattr(step, "_draw", lambda *_, **__: 1 / 0)
    start.school_picker.school.value = "s8"
    assert step.display.outputs == ()
    assert step.message.failed
    monkeypatch.undo()
    start.school_picker.school.value = "s9"
    assert not step.message.failed
    assert _charts(step)


def test_one_measure_of_a_theme_or_of_a_survey_stands_alone(start):
    step, picker = start.measure_step, start.measure_picker
    step.button.click()
    picker.measure.value = "attendance_rate"
    assert "Attendance rate" in _html(step)
    assert ">Chronic absence" not in _html(step)
    picker.theme.value = "surveys"
    assert len(_charts(step)) == 2  # the trend and the student groups
    assert "How it is counted" in _html(step)
