"""What changed for whom since the last run: released numbers only, and nothing of what is withheld."""

import json
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from batch_network import write_template
from report_network import HOSTILE
from report_network import results as all_results
from report_network import schools as all_schools

from kit.cli import main
from kit.privacy import release
from kit.reports import batch
from kit.reports.batch import make_reports
from kit.reports.changes import changed_numbers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def network(changes=(), drop=(), add=None):
    """Return the network's results with some rows changed: (unit, measure, group) to (n, count)."""
    table = all_results()
    table = table[table["measure"].ne("attendance_rate")]  # invented, and above 100 % in places
    latest = table["school_year"].eq(2026)
    for (unit, measure, group), (n, count) in dict(changes).items():
        row = latest & table["unit_id"].eq(unit) & table["measure"].eq(measure)
        row &= table["student_group"].eq(group) & table["grade"].eq("all")
        assert row.sum() == 1
        table.loc[row, ["n", "count", "value"]] = (n, count, 100 * count / n)
    table = table[~table["unit_id"].isin(list(drop))]
    return table if add is None else pd.concat([table, add], ignore_index=True)


def write(folder: Path, results: pd.DataFrame, schools: pd.DataFrame) -> Path:
    folder.mkdir(exist_ok=True)
    results.to_csv(folder / "results.csv", index=False)
    schools.to_csv(folder / "schools.csv", index=False)
    return folder


def numbers_in(value) -> set[float]:
    """Return every number anywhere in what JSON holds."""
    if isinstance(value, dict):
        return set().union(*map(numbers_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(numbers_in, value)) if value else set()
    return {float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Make reports four times: at first, with new data, without any change, and with another template."""
    folder = tmp_path_factory.mktemp("since")
    out, template = folder / "out", write_template(folder / "t.ipynb", "pass")
    options = {"template": template, "jobs": 2, "progress": False, "since_last": True}
    schools = all_schools()
    seen = {"out": out}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_EARLY", ())

        def again(name, results, schools, **more):
            data = write(folder / "data", results, schools)
            seen[name] = make_reports(data, out, **options | more)
            seen[f"{name}_json"] = json.loads((out / "changes.json").read_text("utf-8"))
            seen[f"{name}_html"] = (out / "changes.html").read_text("utf-8")

        again("first", network(), schools)
        new = schools.iloc[[3]].assign(school_id="s77", school_name="Brand New School")
        rows = network()
        rows = rows[rows["unit_id"].eq("s3")].assign(unit_id="s77")
        later = schools[schools["school_id"].ne("s9")]
        changes = {
            ("s1", "chronic_absence", "all"): (300, 33),  # 11.0 %; it was 18.5 % (300 pupils)
            ("s2", "ela_proficient", "english_learner"): (13, 6),  # now too few to be shown
            ("s4", "ela_proficient", "foster"): (40, 10),  # there were 8, too few to be shown
        }
        again("second", network(changes, ["s9"], rows), pd.concat([later, new]))
        again("third", network(changes, ["s9"], rows), pd.concat([later, new]))
        seen["command"] = ["report", str(folder / "data"), "--out", str(out), "--template", str(template)]
        yield seen


def test_the_first_run_has_nothing_to_compare_with(told):
    assert told["first_json"]["since"] is None
    assert "everything is new" in told["first"].changes.summary()
    assert told["first_json"]["schools"] != []


def test_what_changed_is_said_from_what_to_what(told):
    rows = {r["id"]: r for r in told["second_json"]["schools"]}
    assert told["second_json"]["since"] is not None
    found = [c for c in rows["s1"]["changes"] if c["kind"] == "changed"]
    assert found == [
        {
            "school_year": 2026,
            "measure": "chronic_absence",
            "student_group": "all",
            "grade": "all",
            "kind": "changed",
            # 15 + 1.5 (of the school) + 2 (of the year) percent of 300, rounded to pupils: 56 of 300.
            "before": {"status": "shown", "n": 300, "value": pytest.approx(100 * 56 / 300)},
            "now": {"status": "shown", "n": 300, "value": 11.0},
        }
    ]
    text = re.sub(r"<[^>]+>", "|", told["second_html"])
    assert "18.7 % of 300 students||11.0 % of 300 students" in text
    assert rows["s1"]["report"] == {"status": "made", "because": ["data"]}


def test_new_schools_and_those_that_are_gone_are_named(told):
    rows = {r["id"]: r for r in told["second_json"]["schools"]}
    assert (rows["s77"]["state"], rows["s9"]["state"], rows["s1"]["state"]) == ("new", "gone", "kept")
    assert "1 new, 1 gone" in told["second"].changes.summary()
    assert "Brand New School" in told["second_html"]
    assert all("before" not in c and "now" not in c for c in rows["s9"]["changes"])
    assert {c["student_group"] for c in rows["s77"]["changes"]} == {"all"}


def test_newly_shown_and_newly_withheld_give_no_number_of_what_is_withheld(told):
    rows = {r["id"]: r for r in told["second_json"]["schools"]}
    (shown,) = [c for c in rows["s4"]["changes"] if c["kind"] == "shown" and c["student_group"] == "foster"]
    assert shown["now"] == {"status": "shown", "n": 40, "value": 25.0}
    assert "before" not in shown
    withheld = [c for c in rows["s2"]["changes"] if c["kind"] == "withheld"]
    assert ("ela_proficient", "english_learner") in {(c["measure"], c["student_group"]) for c in withheld}
    for row in told["second_json"]["schools"]:
        for change in row["changes"]:
            if change["kind"] in ("withheld", "gone"):
                assert numbers_in(change) == {float(change["school_year"])}
    assert re.search(r"No longer shown: [^<]*\(English learners, 2025-26\)", told["second_html"])
    assert "6 of 13" not in told["second_html"]
    assert "46.2" not in told["second_html"]  # 6 of 13


def test_without_a_change_it_says_so(told):
    assert told["third"].made == ()
    assert "No number has changed since" in told["third"].changes.summary()
    assert told["third_json"]["schools"] == told["third_json"]["districts"] == told["third_json"]["network"] == []
    assert told["third_json"]["since"] >= told["second_json"]["since"]


def test_the_command_says_it_too(told, capsys):
    assert main([*told["command"], "--since", "last"]) == 0
    said = capsys.readouterr().out
    assert "0 reports made, 10 up to date, 0 failed" in said
    assert "No number has changed since" in said
    assert "changes.html" in said


def test_names_are_text(told):
    assert HOSTILE not in told["second_html"]
    assert "<script>alert" not in told["second_html"]


def test_every_difference_of_two_releases_is_found_and_no_other():
    """Against a loop over both tables."""
    before = release(network(), schools=all_schools())
    changes = {("s5", "ela_proficient", "all"): (310, 100), ("s6", "chronic_absence", "disability"): (12, 5)}
    now = release(network(changes, ["s9"]), schools=all_schools())

    def rows(released):
        return {
            (r.school_year, r.unit_type, r.unit_id, r.measure, r.student_group, r.grade): (r.status, str(r.n), r.value)
            for r in released.table.astype({"n": object}).itertuples()
        }

    old, new = rows(before), rows(now)
    both = {k for k in old if k in new and str(old[k]) != str(new[k])}
    found = {
        (c.school_year, c.unit_type, c.unit_id, c.measure, c.student_group, c.grade): c.kind
        for c in changed_numbers(before, now)
    }
    assert {k for k, kind in found.items() if kind not in ("new", "gone")} == both
    gone = {k for k, kind in found.items() if kind == "gone"}
    assert gone == {k for k in old if k not in new and k[4] == k[5] == "all"}
    assert changed_numbers(before, before) == []
