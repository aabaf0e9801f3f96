"""A cycle: the prediction is locked before results are shown, adapt opens the linked next cycle, the quality check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import InputError, KitError
from kit.inquiry.cycle_quality import cycle_checks
from kit.inquiry.pdsa import act, chain, close_study, lock_predictions, new_cycle, require_locked, timeline
from kit.language import use


@pytest.fixture
def store(open_as):
    """Return a store whose clock goes on by an hour at each save."""
    hours = iter(range(10_000))
    return open_as("Rosa", clock=lambda: datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=next(hours)))


@pytest.fixture
def planned(project):
    """Return a cycle with a measure and a question with its prediction."""
    measure = project.add("measure", name="Same-day calls", role="process", unit="percent", every="week")
    cycle = new_cycle(
        project,
        "Call the same day",
        measures=[measure],
        start="2026-01-12",
        end="2026-02-06",
        size=24,
        whole=310,
        size_of="students",
    )
    project.add("prediction", cycle=cycle, question="Do we reach families?", prediction="Half of them", measure=measure)
    return cycle


def _study(project, cycle, matched="partly"):
    (asked,) = project.entries("prediction", cycle=cycle)
    project.update(asked, result="17 of 24", matched=matched)
    return close_study(project, cycle, learned="Before ten o'clock they answer", result="17 of 24 reached")


def _met(project, cycle) -> dict[str, bool | None]:
    return {c.criterion: c.met for c in cycle_checks(project, cycle)}


def test_results_are_shown_only_after_the_predictions_are_locked(project, planned):
    with pytest.raises(KitError, match="not locked yet"):
        require_locked(project, planned)
    locked = lock_predictions(project, planned)
    assert locked["locked_at"] > planned.at
    assert require_locked(project, planned).id == planned.id
    assert lock_predictions(project, planned)["locked_at"] == locked["locked_at"]


def test_nothing_is_locked_without_a_prediction(project):
    cycle = new_cycle(project, "Call the same day")
    with pytest.raises(KitError, match="no question with a prediction"):
        lock_predictions(project, cycle)
    project.add("prediction", cycle=cycle, question="Do we reach families?")
    with pytest.raises(KitError, match="Do we reach families"):
        lock_predictions(project, cycle)


def test_a_locked_prediction_stays_as_it_is(project, planned):
    locked = lock_predictions(project, planned)
    (asked,) = project.entries("prediction")
    for wrong in ({"prediction": "Two thirds"}, {"question": "Who answers?"}, {"prediction": None}):
        with pytest.raises(InputError, match="locked"):
            project.update(asked, **wrong)
    with pytest.raises(InputError, match="locked"):
        project.delete(asked)
    with pytest.raises(InputError, match="locked"):
        project.add("prediction", cycle=planned, question="Who answers?", prediction="Mothers")
    with pytest.raises(InputError, match="locked"):
        project.update(asked, cycle=new_cycle(project, "Another"))
    for wrong in ({"locked_at": None}, {"locked_at": "2030-01-01T00:00:00.000000Z"}):
        with pytest.raises(InputError, match="locked"):
            project.update(locked, **wrong)
    with pytest.raises(InputError, match="locked"):
        project.delete(locked)
    assert project.update(asked, result="17 of 24", matched="yes")["prediction"] == "Half of them"


def test_study_closes_only_with_result_against_prediction(project, planned):
    with pytest.raises(KitError, match="not locked"):
        close_study(project, planned, learned="They answer")
    lock_predictions(project, planned)
    with pytest.raises(InputError) as told:
        close_study(project, planned)
    assert {f.column for f in told.value.faults} == {"matched", "learned"}
    assert _study(project, planned)["studied_at"]


def test_adapt_opens_the_linked_next_cycle(project, planned):
    lock_predictions(project, planned)
    with pytest.raises(KitError, match="study is not closed"):
        act(project, project.get(planned.id), "adapt")
    studied = _study(project, planned)
    decided, following = act(project, studied, "adapt", why="They answer before ten", next_test="Call before ten")
    assert (decided["act"], following["previous"], following["number"]) == ("adapt", planned.id, 2)
    assert following["measures"] == planned["measures"]
    assert following["objective"] == "Call before ten"
    assert following["locked_at"] is None
    assert following["size"] is None
    assert [c.id for c in chain(project, following)] == [planned.id, following.id]
    assert [c.id for c in chain(project, planned)] == [planned.id, following.id]
    line = timeline(project)
    assert line.step.tolist() == ["done", "plan"]
    assert line.follows.iloc[1] == 1
    # Saving the decision again opens no second one.
    assert (
        act(project, decided, "adapt", why="They answer before ten", next_test="Call before ten")[1].id == following.id
    )
    with pytest.raises(KitError, match="open already"):
        act(project, decided, "abandon")


@pytest.mark.parametrize("decision", ["adopt", "abandon"])
def test_adopt_and_abandon_open_nothing(project, planned, decision):
    lock_predictions(project, planned)
    _, following = act(project, _study(project, planned), decision, why="It works")
    assert following is None
    assert len(project.entries("cycle")) == 1


def test_a_cycle_that_holds_to_the_method(project, planned):
    measure = planned["measures"][0]
    lock_predictions(project, planned)
    for day in ("2026-01-12", "2026-01-19", "2026-01-26"):
        project.add("value", measure=measure, date=day, numerator=17, denominator=24)
    act(project, _study(project, planned), "adapt", why="They answer before ten")
    assert _met(project, planned) == {
        "Prediction before the result": True,
        "Small": True,
        "Data over time": True,
        "Study written": True,
        "Decision": True,
        "One of several cycles": True,
    }


def test_a_result_before_the_prediction_is_seen(project, planned):
    # rules.md section 7: the prediction must be time-stamped before the first datum.
    project.add("value", measure=planned["measures"][0], date="2026-01-12", value=60)
    lock_predictions(project, planned)
    assert _met(project, planned)["Prediction before the result"] is False


def test_a_value_from_before_the_test_does_not_spoil_the_prediction(project, planned):
    project.add("value", measure=planned["measures"][0], date="2026-01-05", value=40)
    lock_predictions(project, planned)
    assert _met(project, planned)["Prediction before the result"] is True


def test_what_is_still_to_come_is_not_held_against_a_team(project):
    checks = {c.criterion: c for c in cycle_checks(project, new_cycle(project, "Call the same day"))}
    assert {n: c.met for n, c in checks.items()} == {
        "Prediction before the result": None,
        "Small": False,
        "Data over time": None,
        "Study written": None,
        "Decision": None,
        "One of several cycles": None,
    }
    assert all(c.words and c.source for c in checks.values())


def test_a_test_with_everyone_is_not_small_unless_smaller_ones_came_first(project, planned):
    everyone = new_cycle(project, "All at once", size=310, whole=310, size_of="students")
    assert _met(project, everyone)["Small"] is False
    after = new_cycle(project, "All", follows=planned, size=310, whole=310, size_of="students")
    assert _met(project, after)["Small"] is True


def test_two_values_are_not_data_over_time(project, planned):
    lock_predictions(project, planned)
    for day in ("2026-01-12", "2026-02-02"):
        project.add("value", measure=planned["measures"][0], date=day, value=60)
    _study(project, planned)
    assert _met(project, planned)["Data over time"] is False


def test_a_decision_without_its_reason_or_its_next_cycle_is_asked_for(project, planned):
    lock_predictions(project, planned)
    decided, following = act(project, _study(project, planned), "adapt")
    assert _met(project, planned)["Decision"] is False
    project.update(decided, why="They answer before ten")
    assert _met(project, planned)["Decision"] is True
    project.delete(following)
    assert _met(project, planned)["Decision"] is False


def test_the_words_are_in_the_readers_language_or_english(project, planned):
    with use("en"):
        words = [c.words for c in cycle_checks(project, planned)]
    assert "It is tried with 24 of 310 students." in words
