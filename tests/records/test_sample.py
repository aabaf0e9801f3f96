"""The synthetic sample network: valid by the contract, believable, with its stories, the same each time."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from kit.errors import KitError
from kit.records.sample import daily, write_sample

COMMITTED = Path(__file__).resolve().parents[2] / "data_samples" / "network"

# The columns of ../shared/design/records.md, table by table.
CONTRACT = {
    "schools": "school_id school_name district_id district_name level low_grade high_grade county charter "
    "title_i contact_name contact_email",
    "students": "student_id school_year race_ethnicity gender english_learner disability disadvantaged "
    "homeless foster el_since reclassified_on",
    "enrollments": "student_id school_id school_year grade entry_date exit_date exit_reason",
    "calendar": "school_id date instructional",
    "attendance": "student_id school_id date status absent_portion excused",
    "attendance_totals": "student_id school_id school_year days_enrolled days_absent",
    "discipline": "student_id school_id school_year action_date action days",
    "marks": "student_id school_id school_year term subject mark credits final",
    "assessments": "student_id school_id school_year test subject grade scale_score achievement_level date "
    "standard_error distance_from_standard",
    "items": "student_id school_id test date item standard points points_possible",
    "survey": "school_id school_year respondent construct item response respondent_id student_id",
    "sections": "student_id school_id school_year section_id section_name subject from_date to_date",
    "cohorts": "student_id school_id cohort_year outcome years",
    "college": "student_id school_id completion_year enrolled institution_type",
}
KEYS = {
    "schools": "school_id",
    "students": "student_id, school_year",
    "enrollments": "student_id, school_id, school_year, entry_date",
    "calendar": "school_id, date",
    "attendance": "student_id, date",
    "attendance_totals": "student_id, school_id, school_year",
    "discipline": "student_id, action_date, action",
    "marks": "student_id, school_year, term, subject",
    "assessments": "student_id, school_year, test, subject",
    "items": "student_id, test, item",
    "survey": "school_year, respondent, respondent_id, item",
    "sections": "student_id, school_id, school_year, section_id",
    "cohorts": "student_id, school_id, cohort_year, years",
    "college": "student_id, school_id, completion_year",
}
GRADES = ["TK", "K", *(str(g) for g in range(1, 13))]
CODES = {
    ("schools", "level"): ["elementary", "middle", "high", "other"],
    ("schools", "low_grade"): GRADES,
    ("schools", "high_grade"): GRADES,
    ("enrollments", "grade"): GRADES,
    ("attendance", "status"): ["absent", "tardy"],
    ("discipline", "action"): ["suspension_out", "suspension_in", "expulsion", "other"],
    ("marks", "subject"): ["ela", "math", "science", "social_studies", "other"],
    ("marks", "mark"): ["A+", *(a + b for a in "ABCD" for b in ("", "-", "+") if a + b != "A+"), "F"],
    ("assessments", "subject"): ["ela", "math"],
    ("assessments", "grade"): ["3", "4", "5", "6", "7", "8", "11"],
    ("assessments", "achievement_level"): [1, 2, 3, 4],
    ("survey", "respondent"): ["student", "staff", "family"],
    ("survey", "construct"): [
        *(f"sel_{c}" for c in ("growth_mindset", "self_efficacy", "self_management", "social_awareness")),
        *(f"climate_{c}" for c in ("support", "belonging", "rules", "safety")),
    ],
    ("survey", "response"): [1, 2, 3, 4, 5],
    ("cohorts", "outcome"): ["graduated", "still_enrolled", "dropped_out", "transferred_out", "other"],
    ("cohorts", "years"): [4, 5, 6],
}
MAY_BE_EMPTY = {
    "students": {"el_since", "reclassified_on"},
    "enrollments": {"exit_date", "exit_reason"},
    "attendance": {"absent_portion", "excused"},
    "discipline": {"days"},
    "survey": {"response", "student_id"},
    "sections": {"to_date"},
    "college": {"institution_type"},
}


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection with a view of each file and a table of spells with their last day."""
    con = duckdb.connect()
    for file in sorted(folder.glob("*.parquet")):
        con.execute(f"create view {file.stem} as from read_parquet('{file}')")
    con.execute(
        "create table spell as select *, coalesce(exit_date, make_date(school_year, 6, 30)) as last_date "
        "from enrollments"
    )
    return con


def one(con, sql: str):
    return con.sql(sql).fetchone()[0]


def fingerprints(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


SIZES = {
    "four-schools-one-year": {"schools": 4, "students_per_school": 40, "years": 1},
    "one-school": {"schools": 1},
    "one-tiny-school-one-year": {"schools": 1, "students_per_school": 14, "years": 1},
    "two-schools": {"schools": 2, "students_per_school": 60, "years": 2},
    "eleven-schools": {"schools": 11, "students_per_school": 90, "years": 4, "seed": 20},
    "the-committed-one": None,
}


@pytest.fixture(scope="module", params=SIZES)
def network(request, tmp_path_factory):
    size = SIZES[request.param]
    if size is None:
        return opened(COMMITTED)
    return opened(write_sample(tmp_path_factory.mktemp("sizes") / "net", **size))


@pytest.fixture(scope="module")
def committed():
    con = opened(COMMITTED)
    con.execute(
        """
        create table pupil_year as
        with d as (
          select e.student_id, e.school_id, e.school_year, arg_max(e.grade, e.entry_date) as grade,
                 count(*) filter (c.instructional) as enrolled
          from spell e join calendar c
            on c.school_id = e.school_id and c.date between e.entry_date and e.last_date
          group by all),
        a as (
          select student_id, school_id, year(date) + (month(date) > 6)::int as school_year,
                 sum(absent_portion) as absent
          from attendance where status = 'absent' group by all)
        select d.*, coalesce(a.absent, t.days_absent, 0) as absent, s.district_id, s.level,
               10 * coalesce(a.absent, t.days_absent, 0) >= enrolled as chronic
        from d left join a using (student_id, school_id, school_year)
        left join attendance_totals t using (student_id, school_id, school_year)
        join schools s using (school_id)
        """
    )
    con.execute(
        """
        create table score as
        select a.*, achievement_level >= 3 as proficient, s.district_id, s.level, p.disadvantaged
        from assessments a join schools s using (school_id) join students p using (student_id, school_year)
        """
    )
    return con


# --- the contract ---------------------------------------------------------------------------------


def test_every_table_is_there_with_its_columns_and_rows(network):
    for table, columns in CONTRACT.items():
        assert network.sql(f"from {table}").columns == columns.split()
        assert one(network, f"select count(*) from {table}") > 0, table


def test_no_duplicate_keys(network):
    for table, key in KEYS.items():
        repeated = one(network, f"select count(*) from (select 1 from {table} group by {key} having count(*) > 1)")
        assert repeated == 0, table


def test_ids_are_text_with_leading_zeros_and_days_are_dates(network):
    types = {(t, c): str(y) for t in CONTRACT for c, y in zip(*_columns_and_types(network, t), strict=True)}
    for (table, column), kind in types.items():
        if column.endswith("_id"):
            assert kind == "VARCHAR", (table, column)
        if column in ("date", "entry_date", "exit_date", "action_date", "el_since", "reclassified_on"):
            assert kind == "DATE", (table, column)
    for table, column in (("students", "student_id"), ("schools", "school_id"), ("schools", "district_id")):
        assert one(network, f"select count(*) from {table} where {column} like '0%'") > 0


def _columns_and_types(con, table):
    relation = con.sql(f"from {table}")
    return relation.columns, relation.types


def test_codes_are_those_of_the_contract(network):
    for (table, column), codes in CODES.items():
        found = {r[0] for r in network.sql(f"select distinct {column} from {table}").fetchall()} - {None}
        assert found <= set(codes), (table, column)
    assert {r[0] for r in network.sql("select distinct construct from survey").fetchall()} == set(
        CODES["survey", "construct"]
    )


def test_only_the_columns_that_may_be_empty_are(network):
    for table, columns in CONTRACT.items():
        for column in columns.split():
            if column not in MAY_BE_EMPTY.get(table, set()):
                assert one(network, f"select count(*) from {table} where {column} is null") == 0, (
                    table,
                    column,
                )


def test_spells_of_a_pupil_never_overlap(network):
    assert (
        one(
            network,
            """select count(*) from spell a join spell b on a.student_id = b.student_id
               and (a.school_id, a.entry_date) < (b.school_id, b.entry_date)
               where a.entry_date <= b.last_date and b.entry_date <= a.last_date""",
        )
        == 0
    )


def test_spells_lie_in_the_school_year_on_days_of_school(network):
    assert (
        one(
            network,
            """select count(*) from spell where exit_date < entry_date
               or entry_date not between make_date(school_year - 1, 7, 1) and make_date(school_year, 6, 30)
               or last_date > make_date(school_year, 6, 30) or (exit_date is null) <>
               (exit_reason is null)""",
        )
        == 0
    )
    for column in ("entry_date", "exit_date"):
        off = f"""select count(*) from spell e left join calendar c
                  on c.school_id = e.school_id and c.date = e.{column}
                  where e.{column} is not null and c.instructional is not true"""
        assert one(network, off) == 0


def test_a_school_has_the_grade_and_a_pupil_one_grade_a_year(network):
    place = "list_position([" + ",".join(f"'{g}'" for g in GRADES) + "], {})"
    assert (
        one(
            network,
            f"""select count(*) from enrollments e left join schools s using (school_id)
                where s.school_id is null or {place.format("e.grade")} not between
                {place.format("s.low_grade")} and {place.format("s.high_grade")}""",
        )
        == 0
    )
    steps = network.sql(
        f"""with y as (select student_id, school_year, min({place.format("grade")}) as low,
                              max({place.format("grade")}) as high from enrollments group by all)
            select count(*) filter (a.low <> a.high), count(*) filter (b.low - a.low not in (0, 1))
            from y a left join y b on a.student_id = b.student_id and b.school_year = a.school_year + 1"""
    ).fetchone()
    assert steps == (0, 0)


def test_students_and_enrollments_hold_the_same_pupils_and_years(network):
    keys = "select distinct student_id, school_year from"
    assert one(network, f"select count(*) from ({keys} students except {keys} enrollments)") == 0
    assert one(network, f"select count(*) from ({keys} enrollments except {keys} students)") == 0


@pytest.mark.parametrize(
    ("table", "day"),
    [
        ("attendance", "date"),
        ("discipline", "action_date"),
        ("assessments", "date"),
        ("items", "date"),
        ("sections", "from_date"),
        ("sections", "to_date"),
    ],
)
def test_every_record_lies_in_a_spell_on_a_day_of_school(network, table, day):
    outside = one(
        network,
        f"""select count(*) from {table} r left join spell e on e.student_id = r.student_id
            and e.school_id = r.school_id and r.{day} between e.entry_date and e.last_date
            left join calendar c on c.school_id = r.school_id and c.date = r.{day}
            where r.{day} is not null and (e.student_id is null or c.instructional is not true)""",
    )
    assert outside == 0


@pytest.mark.parametrize("table", ["discipline", "marks", "assessments", "sections", "attendance_totals", "survey"])
def test_every_record_of_a_pupil_has_a_spell_at_that_school_that_year(network, table):
    lost = f"""select count(*) from {table} r where r.student_id is not null and not exists (
               select 1 from enrollments e where e.student_id = r.student_id and e.school_id = r.school_id
               and e.school_year = r.school_year)"""
    assert one(network, lost) == 0


def test_dates_agree_with_the_school_year_of_their_row(network):
    for table, day in (("discipline", "action_date"), ("assessments", "date"), ("sections", "from_date")):
        wrong = f"""select count(*) from {table} where {day} not between
                    make_date(school_year - 1, 7, 1) and make_date(school_year, 6, 30)"""
        assert one(network, wrong) == 0


def test_absences_have_a_portion_and_tardies_none(network):
    wrong = """select count(*) from attendance
               where (status = 'absent') <> (absent_portion is not null)
               or absent_portion not between 0.01 and 1 or (status = 'tardy') <> (excused is null)"""
    assert one(network, wrong) == 0


def test_totals_stand_for_daily_rows_and_add_up(network):
    wrong = """select count(*) from attendance_totals t join (
                 select student_id, school_id, school_year, count(*) as days from spell e join calendar c
                 using (school_id) where c.instructional and c.date between e.entry_date and e.last_date
                 group by all) d using (student_id, school_id, school_year)
               where t.days_enrolled <> d.days or t.days_absent not between 0 and t.days_enrolled"""
    assert one(network, wrong) == 0


def test_what_is_said_of_a_pupil_agrees_from_year_to_year(network):
    per_pupil = """select count(*) from (select 1 from students group by student_id having
                   count(distinct race_ethnicity) > 1 or count(distinct gender) > 1
                   or count(distinct coalesce(el_since, date '1900-01-01')) > 1
                   or count(distinct reclassified_on) > 1)"""
    assert one(network, per_pupil) == 0
    forgotten = """select count(*) from students a join students b on a.student_id = b.student_id
                   and b.school_year > a.school_year
                   where a.reclassified_on is not null and b.reclassified_on is null"""
    assert one(network, forgotten) == 0
    by_definition = """select count(*) from students where reclassified_on <= el_since
                       or reclassified_on > make_date(school_year, 6, 30)
                       or el_since > make_date(school_year, 6, 30)
                       or (reclassified_on is not null and el_since is null)
                       or english_learner <> (el_since is not null and reclassified_on is null)"""
    assert one(network, by_definition) == 0


def test_levels_follow_scores_and_the_distance_is_from_the_standard(network):
    overlap = """select count(*) from (
                   select max(scale_score) as top, lead(min(scale_score)) over (
                     partition by subject, grade order by achievement_level) as next_low
                   from assessments group by subject, grade, achievement_level) where top >= next_low"""
    assert one(network, overlap) == 0
    assert (
        one(
            network,
            """select count(*) from assessments
               where (distance_from_standard >= 0) <> (achievement_level >= 3)""",
        )
        == 0
    )
    several = """select count(*) from (select 1 from assessments group by subject, grade
                 having count(distinct scale_score - distance_from_standard) > 1)"""
    assert one(network, several) == 0
    assert one(network, "select min(standard_error) from assessments") > 0


def test_points_of_items_are_possible(network):
    assert one(network, "select count(*) from items where points not between 0 and points_possible") == 0


def test_completers_graduated_from_the_high_school_that_reports_them(network):
    lost = """select count(*) from college c where not exists (select 1 from enrollments e where
              e.student_id = c.student_id and e.school_id = c.school_id and e.grade = '12'
              and e.school_year = c.completion_year)"""
    assert one(network, lost) == 0
    assert one(network, "select count(*) from college where enrolled <> (institution_type is not null)") == 0
    not_graduated = """select count(*) from college c join cohorts h using (student_id, school_id)
                       where h.cohort_year + h.years - 4 = c.completion_year and h.outcome <> 'graduated'"""
    assert one(network, not_graduated) == 0


def test_cohort_outcomes_only_move_on(network):
    undone = """select count(*) from cohorts a join cohorts b using (student_id, school_id, cohort_year)
                where b.years = a.years + 1 and a.outcome <> 'still_enrolled' and a.outcome <> b.outcome"""
    assert one(network, undone) == 0
    lost = """select count(*) from cohorts c where not exists (select 1 from enrollments e where
              e.student_id = c.student_id and e.school_id = c.school_id
              and e.grade in ('9', '10', '11', '12'))"""
    assert one(network, lost) == 0


def test_survey_answers_come_from_those_who_were_asked(network):
    wrong = """select count(*) from survey s where (respondent = 'staff') <> (student_id is null)
               or (respondent = 'student' and respondent_id <> student_id)
               or (respondent <> 'student' and construct like 'sel_%')"""
    assert one(network, wrong) == 0
    too_young = """select count(*) from survey s join enrollments e using (student_id, school_id, school_year)
                   where respondent = 'student' and grade in ('TK', 'K', '1', '2', '3')"""
    assert one(network, too_young) == 0
    assert one(network, "select min(n) from (select count(distinct item) as n from survey group by construct)") >= 2


# --- the committed sample: its shape and its distributions ---------------------------------------------


def test_the_committed_sample_has_sixty_schools_in_six_unequal_districts_under_12_mb(committed):
    by_level = dict(committed.sql("select level, count(*) from schools group by level").fetchall())
    assert sum(by_level.values()) == 60
    assert by_level["other"] == 1
    assert abs(by_level["elementary"] - 38) <= 2
    assert abs(by_level["middle"] - 12) <= 2
    assert abs(by_level["high"] - 9) <= 1
    sizes = [r[0] for r in committed.sql("select count(*) from schools group by district_id").fetchall()]
    assert len(sizes) == 6
    assert max(sizes) >= 3 * min(sizes)
    years = [r[0] for r in committed.sql("select distinct school_year from students order by 1").fetchall()]
    assert years == [2024, 2025, 2026]
    assert sum(p.stat().st_size for p in COMMITTED.iterdir()) < 12_000_000
    assert one(committed, "select count(distinct school_name) from schools") == 60
    assert one(committed, "select count(*) from schools where contact_email not like '%@example.org'") == 0
    tiny = """select count(*) from (select school_id from spell where school_year = 2026
              group by 1 having count(*) < 110)"""
    assert one(committed, tiny) >= 2


def test_pupils_move_up_move_house_come_and_go(committed):
    pupils = "(select distinct student_id, school_year from enrollments where grade = '{}')"
    up = f"""select count(*) from {pupils} a join {pupils} b
            on a.student_id = b.student_id and b.school_year = a.school_year + 1"""
    for lower, upper in (("K", "1"), ("5", "6"), ("8", "9"), ("11", "12")):
        assert one(committed, up.format(lower, upper)) > 3000
    moves = """select count(*) / (select count(*) from students) from (select 1 from enrollments
               group by student_id, school_year having count(distinct school_id) > 1)"""
    assert 0.02 < one(committed, moves) < 0.06
    same = """select count(*) from (select 1 from enrollments group by student_id, school_id, school_year
              having count(*) > 1)"""
    assert one(committed, same) > 50


def test_absence_is_skewed_persistent_and_highest_in_kindergarten_and_high_school(committed):
    by_grade = dict(committed.sql("select grade, avg(chronic::int) from pupil_year group by grade").fetchall())
    assert by_grade["K"] > 1.4 * by_grade["3"]
    assert by_grade["12"] > 1.4 * by_grade["5"]
    mean, median = committed.sql("select avg(absent / enrolled), median(absent / enrolled) from pupil_year").fetchone()
    assert 0.05 < mean < 0.08
    assert median < 0.8 * mean
    low, high = committed.sql(
        """select quantile_cont(x, 0.05), quantile_cont(x, 0.95) from (
           select avg(chronic::int) as x from pupil_year where school_year = 2025 group by school_id)"""
    ).fetchone()
    assert 0.05 < low < 0.14
    assert 0.22 < high < 0.38
    lasting = """select corr(a.absent / a.enrolled, b.absent / b.enrolled) from pupil_year a join pupil_year b
                 on a.student_id = b.student_id and b.school_year = a.school_year + 1"""
    assert 0.5 < one(committed, lasting) < 0.8
    days = committed.sql(
        """with c as (select date, count(*) as schools from calendar where instructional group by date),
           a as (select date, count(*) as n from attendance
             where status = 'absent' and date < '2025-07-01' group by 1),
           j as (select n / schools as r, isodow(date) as d, month(date) as m from a join c using (date))
           select avg(r) filter (d in (1, 5)) / avg(r) filter (d in (2, 3, 4)),
                  avg(r) filter (m in (12, 1, 2)) / avg(r) filter (m in (8, 9))
           from j"""
    ).fetchone()
    assert 1.2 < days[0] < 1.5
    assert 1.2 < days[1] < 1.8
    poorer = """select avg(chronic::int) filter (disadvantaged) / avg(chronic::int) filter (not disadvantaged)
                from pupil_year join students using (student_id, school_year)"""
    assert one(committed, poorer) > 1.2


def test_scores_last_from_year_to_year_and_schools_differ_in_growth(committed):
    for subject in ("ela", "math"):
        pairs = f"""select a.*, b.scale_score as next_score, b.school_id as next_school
                    from assessments a join assessments b on a.student_id = b.student_id
                    and a.subject = b.subject and b.school_year = a.school_year + 1
                    and a.grade in ('3','4','5','6','7') and b.grade::int = a.grade::int + 1
                    where a.subject = '{subject}'"""
        by_grade = [
            r[0]
            for r in committed.sql(f"select corr(scale_score, next_score) from ({pairs}) group by grade").fetchall()
        ]
        assert all(0.74 < r < 0.88 for r in by_grade)
        spread = one(
            committed,
            f"""with p as ({pairs}), f as (select grade, regr_slope(next_score, scale_score) as s,
                regr_intercept(next_score, scale_score) as i, stddev(next_score) as sd from p group by grade)
                select stddev(m) from (select avg((next_score - i - s * scale_score) / sd) as m
                from p join f using (grade) group by next_school having count(*) > 60)""",
        )
        assert 0.1 < spread < 0.3
    rising = [
        r[0]
        for r in committed.sql(
            "select avg(scale_score) from assessments where subject = 'math' group by grade order by grade::int"
        ).fetchall()
    ]
    # Grade 6 holds a story of its own; the scale itself climbs.
    assert rising[0] < rising[1] < rising[2] < rising[4] < rising[5] < rising[6]
    assert 0.35 < one(committed, "select avg(proficient::int) from score") < 0.5


def test_marks_follow_scores_and_attendance(committed):
    points = """select student_id, school_year, avg(case left(mark, 1) when 'A' then 4 when 'B' then 3
                when 'C' then 2 when 'D' then 1 else 0 end) as gpa from marks where final group by all"""
    scores, absences = committed.sql(
        f"""select corr(gpa, distance_from_standard), corr(gpa, absent / enrolled) from ({points})
            join score using (student_id, school_year)
            join pupil_year using (student_id, school_year) where score.grade in ('6', '7', '8')"""
    ).fetchone()
    assert 0.4 < scores < 0.85
    assert absences < -0.15


def test_suspension_rises_in_the_middle_grades_and_falls_unevenly(committed):
    rate = """select avg((n > 0)::int) from (select e.student_id, e.school_year, count(d.student_id) as n
              from (select distinct student_id, school_year, grade from enrollments) e
              join students s using (student_id, school_year)
              left join (from discipline where action <> 'other') d using (student_id, school_year)
              where {} group by all)"""
    elementary = one(committed, rate.format("e.grade in ('1','2','3','4','5')"))
    middle = one(committed, rate.format("e.grade in ('6','7','8')"))
    assert middle > 3 * elementary
    assert 0.03 < middle < 0.1
    all_pupils = one(committed, rate.format("true"))
    assert one(committed, rate.format("race_ethnicity like 'Black%'")) > 1.6 * all_pupils
    assert one(committed, rate.format("disability")) > 1.3 * all_pupils


def test_graduation_and_college_are_in_range(committed):
    rates = [
        r[0]
        for r in committed.sql(
            """select avg((outcome = 'graduated')::int) from cohorts where years = 4
               and outcome <> 'transferred_out' group by school_id, cohort_year having count(*) > 60"""
        ).fetchall()
    ]
    assert len(rates) > 20
    assert min(rates) > 0.72
    assert max(rates) < 0.98
    by_cohort = [
        r[0]
        for r in committed.sql(
            """select avg((outcome = 'graduated')::int) from cohorts where years = 4
               and outcome <> 'transferred_out' group by cohort_year"""
        ).fetchall()
    ]
    assert max(by_cohort) - min(by_cohort) < 0.03
    assert 0.5 < one(committed, "select avg(enrolled::int) from college") < 0.8
    assert one(committed, "select max(completion_year) from college") == 2025


def test_response_rates_differ_between_schools_and_some_answers_are_blank(committed):
    low, high = committed.sql(
        """with asked as (select school_id, count(distinct student_id) as n from enrollments
             where school_year = 2026 and grade not in ('TK','K','1','2','3') group by 1),
           gave as (select school_id, count(distinct student_id) as k from survey
             where school_year = 2026 and respondent = 'student' group by 1)
           select min(k / n), max(k / n) from asked join gave using (school_id) where n > 50"""
    ).fetchone()
    assert high - low > 0.15
    assert high <= 1
    assert 0.01 < one(committed, "select avg((response is null)::int) from survey") < 0.06


def test_one_district_has_totals_only_in_its_first_year(committed):
    places = committed.sql(
        "select distinct district_id, school_year from attendance_totals join schools using (school_id)"
    ).fetchall()
    assert len(places) == 1
    district, year = places[0]
    assert year == 2024
    daily_rows = f"""select count(*) from attendance join schools using (school_id)
                     where district_id = '{district}' and date < '2024-07-01'"""
    assert one(committed, daily_rows) == 0


# --- the stories: found from the files, then looked up in the answers -----------------------------------


@pytest.fixture(scope="module")
def answers():
    text = (COMMITTED.parent / "network-answers.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.M)
    return {"head": parts[0]} | {p.split("\n", 1)[0]: p for p in parts[1:]}


def test_the_answers_warn_on_top_and_name_the_six_stories(answers):
    assert "coaches only" in answers["head"].lower()
    assert len(answers) == 7


def test_story_bright_spot(committed, answers):
    rows = committed.sql(
        """select school_id, school_year, avg(disadvantaged::int) as poor,
                  avg(proficient::int) filter (subject = 'ela') as ela,
                  avg(proficient::int) filter (subject = 'math') as math
           from score where level = 'elementary' group by all having count(*) > 100"""
    ).df()
    last = rows[rows.school_year == 2026].set_index("school_id")
    poor = last[last.poor > 0.75]
    found = poor.ela.idxmax()
    assert found == poor.math.idxmax() == last.ela.idxmax() == last.math.idxmax()
    assert f"`{found}`" in answers["A bright spot"]
    assert poor.ela.drop(found).max() < poor.ela[found] - 0.08
    years = rows[rows.school_id == found].sort_values("school_year")
    for subject in ("ela", "math"):
        assert (years[subject].diff().dropna() > 0.03).all()
        first = rows[rows.school_year == 2024]
        assert years[subject].iloc[0] > first[subject].median()
    absence = committed.sql("select school_id, avg(chronic::int) as c from pupil_year group by 1").df()
    absence = absence.set_index("school_id").c
    assert absence[found] < 0.6 * absence[poor.index].median()


def test_story_sixth_grade_dip(committed, answers):
    rows = committed.sql(
        """select district_id, school_id, avg(chronic::int) filter (grade = '6') as six,
                  avg(chronic::int) filter (grade = '7') as seven
           from pupil_year where level = 'middle' group by all"""
    ).df()
    high = rows[rows.six > 1.6 * rows.seven]
    assert high.district_id.nunique() == 1
    district = high.district_id.iloc[0]
    assert set(high.school_id) == set(rows[rows.district_id == district].school_id)
    assert all(f"`{s}`" in answers["A sixth-grade dip"] for s in high.school_id)
    math = (
        committed.sql(
            """select district_id, avg(proficient::int) filter (grade = '6')
                  - avg(proficient::int) filter (grade in ('5', '7')) as dip
           from score where subject = 'math' and grade in ('5', '6', '7') group by 1"""
        )
        .df()
        .set_index("district_id")
        .dip
    )
    assert math.idxmin() == district
    assert math[district] < -0.12
    assert math.drop(district).min() > -0.07
    each_year = committed.sql(
        f"""select school_year, avg(chronic::int) filter (grade = '6')
            - avg(chronic::int) filter (grade = '7') as d from pupil_year where district_id = '{district}' group by 1"""
    ).df()
    assert (each_year.d > 0.1).all()


def test_story_gap_that_widens(committed, answers):
    gaps = committed.sql(
        """select district_id, subject, school_year, avg(proficient::int) filter (not disadvantaged)
                  - avg(proficient::int) filter (disadvantaged) as gap from score group by all"""
    ).df()
    wide = gaps.pivot_table(index="district_id", columns=["subject", "school_year"], values="gap")
    growth = wide["math"][2026] - wide["math"][2024]
    found = growth.idxmax()
    assert f"`{found}`" in answers["A gap that widens"]
    assert growth[found] > 0.1
    assert growth.drop(found).max() < growth[found] - 0.06
    assert wide["math"].loc[found].is_monotonic_increasing
    assert wide["ela"][2026][found] - wide["ela"][2024][found] < 0.05


WEEKS = """with a as (select school_id, date, sum(coalesce(absent_portion, 0)) as absent from attendance
             where date > '2025-07-01' group by all),
           e as (select c.school_id, c.date, count(*) as enrolled from calendar c join spell e
             on e.school_id = c.school_id and c.date between e.entry_date and e.last_date
             where c.instructional and c.date > '2025-07-01' group by all)
           select district_id, school_id, date_trunc('week', date)::date as week,
                  sum(coalesce(absent, 0)) as absent, sum(enrolled) as enrolled
           from e left join a using (school_id, date) join schools using (school_id) group by all"""


def test_story_winter_wave(committed, answers):
    weeks = committed.sql(WEEKS).df().groupby(["week", "district_id"])[["absent", "enrolled"]].sum()
    rate = (weeks.absent / weeks.enrolled).unstack()
    against = rate.div(rate.median(axis=1), axis=0)
    against = against / against.median()
    wave = against.stack()
    wave = wave[wave > 1.6].reset_index()
    assert wave.district_id.nunique() == 1
    assert [str(w)[:10] for w in wave.week] == [
        "2026-01-12",
        "2026-01-19",
        "2026-01-26",
        "2026-02-02",
        "2026-02-09",
    ]
    text = answers["A winter absence wave"]
    assert f"`{wave.district_id[0]}`" in text
    assert "2026-01-12 to 2026-02-13" in text


def test_story_redesignation(committed, answers):
    rows = committed.sql(
        """with home as (select student_id, school_year, arg_max(district_id, entry_date) as district_id
             from enrollments join schools using (school_id) group by all),
           p as (select *, reclassified_on >= make_date(school_year - 1, 7, 1) as now,
             reclassified_on is null and el_since < make_date(school_year - 5, 7, 1) as long_term
             from students join home using (student_id, school_year))
           select district_id, school_year, count(*) filter (now) as redesignated,
                  count(*) filter (now or long_term) as n, avg(disadvantaged::int) as poor,
                  avg((el_since is not null)::int) as ever from p group by all"""
    ).df()
    rows["rate"] = rows.redesignated / rows.n
    more, less = re.findall(r"district `(\d\d)`", answers["A difference in redesignation"])[:2]
    a = rows[rows.district_id == more].set_index("school_year").sort_index()
    b = rows[rows.district_id == less].set_index("school_year").sort_index()
    assert (a.n > 300).all()
    assert (b.n > 300).all()
    assert (a.rate > b.rate + 0.15).all()
    assert ((a.poor - b.poor).abs() < 0.05).all()
    assert ((a.ever - b.ever).abs() < 0.04).all()


def test_story_change_that_worked(committed, answers):
    weeks = committed.sql(WEEKS).df()
    weeks["rate"] = (weeks.absent / weeks.enrolled).astype(float)
    rate = weeks.pivot_table(index="week", columns="school_id", values="rate")
    large = committed.sql("select school_id from spell where school_year = 2026 group by 1 having count(*) > 200")
    rate = rate[[r[0] for r in large.fetchall()]]
    autumn = rate.index < rate.index[12]
    drop = rate[~autumn].mean() / rate[autumn].mean()
    found = drop.idxmin()
    assert f"`{found}`" in answers["A change that worked"]
    assert "2025-11-03" in answers["A change that worked"]
    assert drop[found] < 0.75
    assert drop.drop(found).min() > 0.95
    series = rate[found].dropna()
    before = series[series.index < "2025-11-03"]
    after = series[series.index >= "2025-11-03"]
    assert len(before) >= 10
    # A signal by any run-chart rule: every later week lies below every week before.
    assert after.max() < before.min()
    assert after.tail(8).mean() < 0.75 * before.median()


# --- made the same each time, and never half ------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    small = {"schools": 5, "students_per_school": 30, "years": 2}
    first = fingerprints(write_sample(tmp_path / "a" / "net", **small, seed=3))
    second = fingerprints(write_sample(tmp_path / "b" / "net", **small, seed=3))
    other = fingerprints(write_sample(tmp_path / "c" / "net", **small, seed=4))
    assert first == second
    assert set(other) == set(first)
    same = {name for name in first if first[name] == other[name]}
    assert same <= {"calendar.parquet"}


@pytest.mark.slow
def test_the_committed_sample_is_what_the_default_call_writes(tmp_path):
    fresh = write_sample(tmp_path / "network")
    for name in ("dictionary.md", "../network-answers.md"):
        assert (fresh / name).read_bytes() == (COMMITTED / name).read_bytes()
    for table in CONTRACT:
        assert pq.read_table(fresh / f"{table}.parquet").equals(pq.read_table(COMMITTED / f"{table}.parquet")), table


def test_the_dictionary_names_every_column_and_says_it_is_synthetic():
    text = (COMMITTED / "dictionary.md").read_text(encoding="utf-8")
    assert "synthetic" in text.splitlines()[0]
    assert "No row describes a real person" in text
    for table, columns in CONTRACT.items():
        part = text.split(f"\n## {table}\n")[1].split("\n## ")[0]
        assert re.findall(r"^\| (\w+) \|", part, flags=re.M)[1:] == columns.split()
        rows = pq.read_metadata(COMMITTED / f"{table}.parquet").num_rows
        assert f"{rows:,} rows" in part


@pytest.mark.parametrize(
    "bad",
    [
        {"schools": 0},
        {"schools": -3},
        {"schools": 2.5},
        {"years": 0},
        {"years": 1000},
        {"students_per_school": 0},
        {"seed": -1},
        {"schools": True},
    ],
)
def test_numbers_out_of_range_are_refused_with_a_mend(tmp_path, bad):
    with pytest.raises(KitError) as caught:
        write_sample(tmp_path / "net", **bad)
    assert next(iter(bad)) in str(caught.value)
    assert "whole number" in caught.value.mend
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    out = tmp_path / "net"
    out.mkdir()
    # Real records may have the very names that a sample has.
    (out / "students.parquet").write_text("mine")
    with pytest.raises(KitError, match="other files"):
        write_sample(out, schools=1, students_per_school=14, years=1)
    assert [p.name for p in out.iterdir()] == ["students.parquet"]
    assert (out / "students.parquet").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["net"]


def test_a_file_in_the_way_and_a_note_in_place_of_the_answers_are_refused(tmp_path):
    (tmp_path / "net").write_text("mine")
    with pytest.raises(KitError, match="file of this name"):
        write_sample(tmp_path / "net", schools=1, students_per_school=14, years=1)
    (tmp_path / "other-answers.md").write_text("my own notes")
    with pytest.raises(KitError, match="answers"):
        write_sample(tmp_path / "other", schools=1, students_per_school=14, years=1)
    assert (tmp_path / "other-answers.md").read_text() == "my own notes"
    assert not (tmp_path / "other").exists()


def test_an_earlier_sample_is_replaced_and_an_empty_folder_filled(tmp_path):
    out = tmp_path / "net"
    out.mkdir()
    write_sample(out, schools=1, students_per_school=14, years=1, seed=1)
    before = fingerprints(out)
    assert write_sample(out, schools=1, students_per_school=14, years=1, seed=2) == out
    assert fingerprints(out)["students.parquet"] != before["students.parquet"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net", "net-answers.md"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_half_written_where_it_breaks_off(tmp_path, monkeypatch, error):
    out = write_sample(tmp_path / "net", schools=1, students_per_school=14, years=1)
    before = fingerprints(out)

    def broken(*args):
        raise error

    monkeypatch.setattr(daily, "discipline", broken)
    with pytest.raises(error):
        write_sample(out, schools=2, students_per_school=20, years=1)
    with pytest.raises(error):
        write_sample(tmp_path / "new", schools=2, students_per_school=20, years=1)
    assert fingerprints(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net", "net-answers.md"]
