"""Growth in English language arts and mathematics: from the records to the schools' rows.

The records give one row per pupil, subject and year with the scores of the year before; the model is
:func:`kit.growth.value_added`. A school's figure is its percentile (50 is the average of these schools). A
district or the network has none: the model places schools among schools, the network's average is 50 by
construction, and a mean of schools' percentiles is no percentile.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.measures.population import FLAGS, groups, pupils, spell_pairs, units
from kit.measures.results import KEY
from kit.records.records import Records
from kit.records.years import year_end

__all__ = [
    "GROWTH", "growth_details", "growth_notes", "growth_rows", "growth_stability", "growth_students",
    "median_growth_percentiles", "pupil_scores", "sat_scores",
]  # fmt: skip

GROWTH = {"ela_growth": "ela", "math_growth": "math"}
SUBJECTS = tuple(GROWTH.values())
GROUP_FLAGS = (*FLAGS, "reclassified")
INTERVALS = [
    "percentile_se", "percentile_low", "percentile_high", "effect", "effect_se", "effect_low", "effect_high",
    "effect_points", "reliability", "group_average",
]  # fmt: skip


@dataclass(frozen=True)
class _Grown:
    """What the model gave: the schools' figures, the pupils in them, and what is to be said."""

    schools: pd.DataFrame
    students: pd.DataFrame
    notes: list[str]


_grown: WeakKeyDictionary[Records, _Grown] = WeakKeyDictionary()


def sat_scores(records: Records) -> ir.Table:
    """Return each pupil's one scored sitting of a subject and year: where, the spell's grade, score and error.

    The sitting is the latest with a scale score, as for proficiency. ``main`` is true where it is the test that
    most pupils of that subject, year and grade sat last: scores of other tests (an alternate one) are on
    another scale.
    """

    def make():
        a = records.table("assessments")
        a = a.filter(a.subject.lower().isin(SUBJECTS) & a.scale_score.notnull())
        a = a.semi_join(spell_pairs(records), ["student_id", "school_id", "school_year"])
        a = a.semi_join(units(records), "school_id").mutate(subject=ibis._.subject.lower())
        latest = ibis.row_number().over(
            group_by=["school_year", "student_id", "subject"],
            order_by=[
                a.date.desc(nulls_first=False),
                a.test.desc(nulls_first=False),
                a.scale_score.desc(),
                a.school_id.desc(),
                a.standard_error.desc(nulls_first=False),
            ],
        )
        one = a.mutate(latest=latest).filter(lambda t: t.latest == 0)
        here = pupils(records).filter(lambda t: t.unit_type == "school")
        here = here.select("school_year", "student_id", school_id="unit_id", spell_grade="grade")
        one = one.inner_join(here, ["school_year", "student_id", "school_id"]).select(
            "student_id",
            "school_id",
            "school_year",
            "subject",
            "test",
            grade=ibis._.spell_grade,
            scale_score=ibis._.scale_score.cast("float64"),
            standard_error=ibis._.standard_error.cast("float64"),
        )
        kind = ["subject", "school_year", "grade"]
        sat = one.group_by(*kind, "test").agg(sitters=one.count())
        first = ibis.row_number().over(group_by=kind, order_by=[sat.sitters.desc(), sat.test.asc(nulls_first=False)])
        sat = sat.mutate(place=first).filter(lambda t: t.place == 0).select(*kind, main_test="test")
        joined = one.left_join(sat, kind)
        return joined.select(*one.columns, main=joined.test.identical_to(joined.main_test))

    return records.once("sat_scores", make)


def pupil_scores(records: Records) -> ir.Table:
    """Return one row per pupil, subject and year that has a year before it in the records.

    Columns: what :func:`kit.growth.value_added` takes: ids, ``grade``, ``scale_score``, ``prior_ela``,
    ``prior_math`` with ``…_se`` (empty where there is no score on the main test of that year), the covariates
    (empty for a pupil without a row in ``students``), ``reclassified``, ``race`` and ``gender`` slugs.
    """
    sat = sat_scores(records)
    usable = sat.filter(sat.main & sat.grade.notnull())
    rows = usable.semi_join(sat.select(school_year=sat.school_year + 1).distinct(), "school_year")
    names = ["student_id", "school_id", "school_year", "subject", "grade", "scale_score"]
    for subject in SUBJECTS:
        before = sat.filter(sat.main & (sat.subject == subject)).select(
            prior_student="student_id",
            prior_year=ibis._.school_year + 1,
            **{f"prior_{subject}": ibis._.scale_score, f"prior_{subject}_se": ibis._.standard_error},
        )
        joined = rows.left_join(
            before, [rows.student_id == before.prior_student, rows.school_year == before.prior_year]
        )
        names += [f"prior_{subject}", f"prior_{subject}_se"]
        rows = joined.select(*names)
    g = groups(records).rename(group_student="student_id", group_year="school_year")
    joined = rows.left_join(g, [rows.student_id == g.group_student, rows.school_year == g.group_year])
    by_then = (joined.reclassified_on <= year_end(joined.school_year)).coalesce(False)
    return joined.select(*names, *FLAGS, "race", "gender", reclassified=by_then)


def _left_out(records: Records) -> list[str]:
    """Say who has a score and is not in the model's table, in one line each."""
    sat = sat_scores(records)
    later = sat.semi_join(sat.select(school_year=sat.school_year + 1).distinct(), "school_year")
    counted = later.agg(
        other=later.count(where=~later.main & later.grade.notnull()), nowhere=later.count(where=later.grade.isnull())
    )
    other, nowhere = records.con.to_pandas(counted).fillna(0).astype("int64").iloc[0]
    lines = []
    if other:
        lines.append(f"Growth: {other:,} scores of another test than most of the grade sat are left out")
    if nowhere:
        lines.append(f"Growth: {nowhere:,} scores of pupils without a grade are left out")
    return lines


def _grow(records: Records) -> _Grown:
    """Fit the model once for these records and keep it as long as they live."""
    if records in _grown:
        return _grown[records]
    # Its libraries are heavy: only who has scores pays for them.
    from kit.growth import value_added

    table = records.con.to_pandas(pupil_scores(records))
    # The order of rows is the order of sums: the same records, the same bytes.
    table = table.sort_values(["subject", "school_year", "student_id"], ignore_index=True)
    slugs = {}
    for column in ("race", "gender"):
        slugs |= {
            slug: table[column].eq(slug).fillna(False).astype(bool) for slug in sorted(table[column].dropna().unique())
        }
    table = pd.concat([table.drop(columns=["race", "gender"]), pd.DataFrame(slugs, index=table.index)], axis=1)
    for flag in FLAGS:
        table[flag] = table[flag].astype("boolean")
    if table.empty:
        grown = _Grown(pd.DataFrame(), pd.DataFrame(), ["Growth: no pupil has a score and a year before it"])
    else:
        found = value_added(table, groups=(*GROUP_FLAGS, *slugs))
        grown = _Grown(found.schools, found.students, [*_left_out(records), *_said(found)])
    _grown[records] = grown
    return grown


def _said(found) -> list[str]:
    """Put the model's notes together: one line a subject and reason, with its years and students."""
    notes = found.notes
    lines = []
    if len(notes):
        small = notes["note"].str.startswith("no figure of ")
        for (subject, note), part in notes[~small].groupby(["subject", "note"], sort=True):
            years = ", ".join(str(y) for y in sorted(part.school_year.unique()))
            n = int(part.n.sum())
            lines.append(f"Growth, {subject}, {years}: {note}" + (f" ({n:,} students)" if n else ""))
        for subject, part in notes[small].groupby("subject", sort=True):
            which = part.note.str.removeprefix("no figure of ").str.split(":").str[0]
            names = ", ".join(dict.fromkeys(sorted(which)))
            lines.append(f"Growth, {subject}: too few students or schools for a figure in some year: {names}")
    flat = found.variances
    if len(flat):
        flat = flat[(flat.student_group == "all") & (flat.grade == "all") & (flat.variance_schools <= 0)]
        for row in flat.itertuples():
            lines.append(
                f"Growth, {row.subject}, {row.school_year}: schools do not differ beyond chance; all are at 50"
            )
    return lines


def growth_details(records: Records) -> pd.DataFrame:
    """Return the schools' growth figures with their uncertainty, which the results table has no column for.

    Not protected: a row may be shown only where the released table shows the row of the same key.

    Returns
    -------
    DataFrame
        The key of the results table, ``n``, ``value`` (percentile), ``percentile_se``, ``percentile_low``,
        ``percentile_high`` (95 %), ``effect`` with ``_se``, ``_low``, ``_high`` (standard deviations of
        students' scores), ``effect_points`` (scale points), ``reliability``, ``group_average``; see
        :class:`kit.growth.ValueAdded`. Empty without scores or the tables they come from.
    """
    if not all(records.has(table) for table in ("schools", "enrollments", "assessments")):
        return pd.DataFrame(columns=[*KEY, "n", "value", *INTERVALS])
    schools = _grow(records).schools
    if schools.empty:
        return pd.DataFrame(columns=[*KEY, "n", "value", *INTERVALS])
    names = {subject: measure for measure, subject in GROWTH.items()}
    out = schools.rename(columns={"school_id": "unit_id", "percentile": "value"})
    out = out.assign(measure=out["subject"].map(names), unit_type="school")
    out = out[out["value"].notna()]
    return out[[*KEY, "n", "value", *INTERVALS]].sort_values(list(KEY), ignore_index=True)


def growth_rows(records: Records, wanted: list[str]) -> pd.DataFrame:
    """Return the results rows of the growth measures wanted: schools only, ``count`` empty."""
    rows = growth_details(records)
    rows = rows[rows["measure"].isin(wanted)]
    return rows[[*KEY, "n", "value"]].assign(count=pd.NA)


def growth_stability(records: Records) -> pd.DataFrame:
    """Return how far the schools' effects of one year go with those of the next (:func:`kit.growth.stability`)."""
    from kit.growth import stability

    schools = _grow(records).schools
    return stability(schools) if len(schools) else pd.DataFrame()


def median_growth_percentiles(records: Records) -> pd.DataFrame:
    """Return each school's median student growth percentile: another measure of growth, which many states publish.

    Each student is placed among students with the same earlier score in the subject (Betebenner 2009), nothing
    else held equal. Not protected.

    Returns
    -------
    DataFrame
        ``school_id``, ``school_year``, ``measure``, ``n``, ``median``, ``median_low``, ``median_high`` (95 %).
    """
    from kit.growth import growth_percentiles, summarize_percentiles

    table = records.con.to_pandas(pupil_scores(records))
    table = table.sort_values(["subject", "school_year", "student_id"], ignore_index=True)
    placed = growth_percentiles(table, priors=("own",)).students
    out = summarize_percentiles(placed, ["school_id", "school_year", "subject"])
    names = {subject: measure for measure, subject in GROWTH.items()}
    out = out.assign(measure=out["subject"].map(names))
    return out[["school_id", "school_year", "measure", "n", "median", "median_low", "median_high"]]


def growth_students(records: Records, measure_id: str) -> pd.DataFrame:
    """Return the pupils in a growth measure: restricted to those who may see them.

    Returns
    -------
    DataFrame
        ``school_id``, ``school_year``, ``student_id``, ``grade``, ``scale_score``, ``predicted``, ``residual``
        (actual less predicted, scale points), ``fit`` (which prior scores are known).
    """
    students = _grow(records).students
    columns = ["school_id", "school_year", "student_id", "grade", "scale_score", "predicted", "residual", "fit"]
    if students.empty:
        return pd.DataFrame(columns=columns)
    return students.loc[students["subject"] == GROWTH[measure_id], columns].reset_index(drop=True)


def growth_notes(records: Records) -> list[str]:
    """Return what is to be printed with growth: who is left out, which figures are not given, and why."""
    return list(_grow(records).notes)
