"""What the workbook beside a report holds: released numbers as plain rows, their definitions, and how to read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import kit
from kit.charts.derived import Rows, gather, pick, rows
from kit.charts.glance_table import CHANGE_WORDS, THEMES
from kit.charts.palette import level
from kit.charts.words import grade_order, year
from kit.errors import KitError
from kit.language import _
from kit.measures.registry import Measure, group_name, measures
from kit.reports.prepared import Prepared
from kit.reports.workbook_cells import (
    Number,
    Sheet,
    count_cell,
    difference_cell,
    direction_word,
    row_cells,
    unit_word,
    value_cell,
)

__all__ = ["workbook_sheets"]

_UNITS = ("school", "district", "network")
# Domains that nobody can own (RFC 2606): a school whose contact is there is invented.
_INVENTED = ("@example.org", "@example.com", "@example.net")


def workbook_sheets(prepared: Prepared, unit_id: str, title: str = "", subject: str = "") -> tuple[Sheet, ...]:
    """Return the sheets of a school, a district or the network.

    Parameters
    ----------
    prepared : Prepared
    unit_id : str
        Of a school, else of a district, else the network.
    title : str
        The report's title; without a subject it decides where a school and a district have the same id.
    subject : str
        ``school``, ``district`` or ``network``, where it is known.

    Raises
    ------
    KitError
        If nobody has the id.
    """
    unit = _find(prepared, unit_id, title, subject)
    sheets = [unit.measures(), unit.groups(), unit.grades(), unit.trend()]
    if unit.kind != "school":
        sheets.append(unit.schools())
    sheets.append(unit.definitions())
    return (unit.read_me(sheets), *sheets)


def _find(prepared: Prepared, unit_id: str, title: str, subject: str) -> _Unit:
    schools = prepared.schools
    district = schools[schools["district_id"].eq(unit_id)]
    of_district = str(district["district_name"].iloc[0]) if len(district) else ""
    if unit_id in prepared.school_rows and subject in ("", "school"):
        name = prepared.school_rows[unit_id].get("school_name", "") or unit_id
        if subject or not (len(district) and title.startswith(of_district) and not title.startswith(name)):
            return _Unit(prepared, "school", unit_id, name)
    if len(district) and subject in ("", "district"):
        return _Unit(prepared, "district", unit_id, of_district or unit_id)
    if unit_id == "network":
        return _Unit(prepared, "network", unit_id, prepared.notes.network or unit_id)
    raise KitError(f"no school or district has the id '{unit_id}'")


@dataclass(frozen=True)
class _Unit:
    prepared: Prepared
    kind: str
    unit_id: str
    name: str

    @cached_property
    def _own(self) -> Rows:
        """All released rows of the unit."""
        if self.kind == "school":
            positions = self.prepared.units.get(("school", self.unit_id), ())
        else:
            table = self.prepared.released.table
            positions = (table["unit_type"].eq(self.kind) & table["unit_id"].eq(self.unit_id)).to_numpy().nonzero()[0]
        return gather(pick(self.prepared.released, positions))

    @cached_property
    def _compared(self) -> dict[tuple[str, str, int], dict]:
        """Rows of all students of the unit and of those around it, by unit type, measure and year."""
        keys = {"school": self.unit_id, "network": "network"}
        if self.kind == "school":
            keys["district"] = self.prepared.school_rows[self.unit_id].get("district_id", "")
        elif self.kind == "district":
            keys["district"] = self.unit_id
        found = {}
        for kind in _UNITS[_UNITS.index(self.kind) :]:
            for r in rows(gather(pick(self.prepared.released, self.prepared.units.get((kind, keys[kind]), [])))):
                if r["student_group"] == "all" and r["grade"] == "all":
                    found[kind, r["measure"], r["school_year"]] = r
        return found

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        have = {r["measure"] for r in rows(self._own)}
        return {m: found for m, found in measures().items() if m in have}

    @cached_property
    def _gaps(self) -> dict[tuple, dict]:
        prepared = self.prepared
        if self.kind == "school":
            found = rows(gather(pick(prepared.gaps, prepared.gaps_at.get(self.unit_id, []))))
        else:  # of each measure's latest year
            found = [
                r for r in rows(prepared.wider_gaps) if (r["unit_type"], r["unit_id"]) == (self.kind, self.unit_id)
            ]
        return {(r["measure"], r["school_year"], r["student_group"]): r for r in found}

    def _title(self) -> str:
        if self.kind == "school":
            return _("School")
        return _("District") if self.kind == "district" else _("Network")

    def measures(self) -> Sheet:
        """Every measure of all students in its latest year."""
        glance = self._glance()
        levels = self._levels()
        around = _UNITS[_UNITS.index(self.kind) + 1 :]
        lines = []
        for m in self._measures.values():
            years = [y for kind, i, y in self._compared if kind == self.kind and i == m.id]
            if not years:
                continue
            latest = max(years)
            own = self._compared[self.kind, m.id, latest]
            line = [_(THEMES[m.theme]), m.name, year(latest), *row_cells(own, m), direction_word(m)]
            line += [value_cell(self._compared.get((kind, m.id, latest)), m) for kind in around]
            if self.kind == "school":
                line += _glance_cells(glance.get(m.id), levels.get(m.id), latest)
            lines.append(tuple(line))
        around_names = {"district": _("District"), "network": _("Network")}
        columns = [_("Theme"), _("Measure"), _("School year"), _("Value"), _("Counted"), _("Of them"), _("Better is")]
        columns += [around_names[kind] for kind in around]
        if self.kind == "school":
            columns += [_("Change from the year before"), _("What the change says"), _("Level of concern")]
            columns += [_("Level 1 to 10"), _("Band")]
        about = _("Every measure of all students in the latest school year that it has.")
        return Sheet(_("Measures"), about, tuple(columns), tuple(lines))

    def _glance(self) -> dict[str, dict]:
        prepared = self.prepared
        if self.kind != "school":
            return {}
        return {r["measure"]: r for r in rows(gather(pick(prepared.glance, prepared.glance_at.get(self.unit_id, []))))}

    def _levels(self) -> dict[str, dict]:
        if self.kind != "school":
            return {}
        return {r["measure"]: r for r in rows(self.prepared.of_school("levels", self.unit_id))}

    def groups(self) -> Sheet:
        """Every measure by student group and school year."""
        lines = []
        for m, r in self._sorted(lambda r: r["grade"] == "all" and r["student_group"] != "all"):
            gap = self._gaps.get((m.id, r["school_year"], r["student_group"]), {})
            shown = r["status"] == "shown"
            ends = [difference_cell(gap.get(name)) if shown else None for name in ("gap", "gap_low", "gap_high")]
            lines.append((m.name, group_name(r["student_group"]), year(r["school_year"]), *row_cells(r, m), *ends))
        columns = (_("Measure"), _("Student group"), _("School year"), _("Value"), _("Counted"), _("Of them"))
        columns += (_("Gap to the others"), _("Gap at least"), _("Gap at most"))
        about = _(
            "Every measure by student group and school year. A gap is to the students outside the group (to all "
            "students where those cannot be told apart); 95 % of such ranges hold the true gap."
        )
        return Sheet(_("Student groups"), about, columns, tuple(lines))

    def grades(self) -> Sheet:
        """Every measure by grade and school year."""
        lines = [
            (m.name, r["grade"], year(r["school_year"]), *row_cells(r, m))
            for m, r in self._sorted(lambda r: r["grade"] != "all")
        ]
        columns = (_("Measure"), _("Grade"), _("School year"), _("Value"), _("Counted"), _("Of them"))
        return Sheet(_("Grades"), _("Every measure by grade and school year."), columns, tuple(lines))

    def trend(self) -> Sheet:
        """Every measure over the years, beside the units around it."""
        kinds = _UNITS[_UNITS.index(self.kind) :]
        names = {"school": _("School"), "district": _("District"), "network": _("Network")}
        lines = []
        for m in self._measures.values():
            for ending in sorted({y for _kind, i, y in self._compared if i == m.id}):
                line: list = [m.name, year(ending)]
                for kind in kinds:
                    row = self._compared.get((kind, m.id, ending))
                    line += [value_cell(row, m), count_cell(row)]
                lines.append(tuple(line))
        columns = [_("Measure"), _("School year")]
        for kind in kinds:
            columns += [names[kind], _("{who}: counted").format(who=names[kind])]
        about = _("Every measure of all students by school year, beside the units around it.")
        return Sheet(_("Trend"), about, tuple(columns), tuple(lines))

    def schools(self) -> Sheet:
        """Every school of the unit on every measure, in the measure's latest year; in order of name, never of value."""
        prepared = self.prepared
        mine = [r for r in prepared.school_rows.values() if self.kind == "network" or r["district_id"] == self.unit_id]
        known, lines = measures(), []
        for school in sorted(mine, key=lambda r: (r["district_name"], r["school_name"], r["school_id"])):
            some = rows(gather(pick(prepared.glance, prepared.glance_at.get(school["school_id"], []))))
            by = {r["measure"]: r for r in some}
            for m in (m for m in known.values() if m.id in by):
                r = by[m.id]
                withheld = r["value"] is None
                value = _("withheld") if withheld else Number(r["value"], m.scale)
                counted = _("withheld") if withheld else Number(r["n"], "count")
                who = (school["school_id"], school["school_name"], school["district_name"])
                concern = "" if withheld else level(r["concern"]).word
                lines.append((*who, m.name, year(r["school_year"]), value, counted, concern))
        columns = (_("School id"), _("School"), _("District"), _("Measure"), _("School year"), _("Value"))
        columns += (_("Counted"), _("Level of concern"))
        about = _("Every school on every measure, in order of name: this is no ranking.")
        return Sheet(_("Schools"), about, columns, tuple(lines))

    def definitions(self) -> Sheet:
        """How each measure is counted, and its source."""
        lines = [
            (m.name, m.id, m.definition, m.population, direction_word(m), unit_word(m), m.source)
            for m in self._measures.values()
        ]
        columns = (_("Measure"), _("Id"), _("Definition"), _("Who is counted"), _("Better is"), _("Unit"), _("Source"))
        return Sheet(_("Definitions"), _("How each measure is counted, and its source."), columns, tuple(lines))

    def read_me(self, sheets: Sequence[Sheet]) -> Sheet:
        """Say what the workbook is, for whom, and how to read it."""
        prepared = self.prepared
        lines = [(self._title(), self.name)]
        if self.kind == "school":
            lines.append((_("District"), prepared.school_rows[self.unit_id].get("district_name", "")))
        lines += [
            (_("School year"), year(prepared.school_year)),
            (
                _("What this is"),
                _("The released numbers behind the report, to start a conversation, not to rank."),
            ),
            (
                _("Withheld"),
                _(
                    "A number that rests on fewer than {minimum} students or answers is not shown, nor one from which "
                    "such a number could be worked out. Both read «withheld»."
                ).format(minimum=prepared.minimum),
            ),
            (
                _("Counted"),
                _("How many students (in surveys: answers) the value rests on; “of them”: how many it counts."),
            ),
            (
                _("Values"),
                _("A percentage is written as a number: 25.4 is 25.4 %. Values are not rounded, only shown so."),
            ),
        ]
        if _is_synthetic(prepared):
            lines.append((_("Synthetic"), _("Invented data: no row describes a real student, person or school.")))
        lines += [(sheet.name, sheet.about) for sheet in sheets]
        lines.append((_("Source"), _source(prepared)))
        about = _("What this workbook holds and how to read it.")
        return Sheet(_("Read me"), about, (), tuple(line for line in lines if line[1]))

    def _sorted(self, wanted) -> Iterable[tuple[Measure, dict]]:
        order = {m: i for i, m in enumerate(self._measures)}
        some = [r for r in rows(self._own) if r["measure"] in order and wanted(r)]
        some.sort(
            key=lambda r: (
                order[r["measure"]],
                _group_order(r["student_group"]),
                grade_order(r["grade"]),
                r["grade"],
                r["school_year"],
            )
        )
        return [(self._measures[r["measure"]], r) for r in some]


def _group_order(group: str) -> tuple[int, str]:
    kind = 2 if group.startswith("race_") else 1 if group.startswith("gender_") else 0
    return kind, group


def _glance_cells(row: Mapping | None, levels: Mapping | None, latest: int) -> list:
    if row is None or row["value"] is None or row["school_year"] != latest:
        return [None] * 5
    says = _(CHANGE_WORDS.get(row["change_class"], row["change_class"]))
    cells = [difference_cell(row["change"]), says, level(row["concern"]).word]
    if levels is None:
        return [*cells, None, None]
    return [*cells, Number(levels["level"], "whole"), _(levels["band"])]


def _is_synthetic(prepared: Prepared) -> bool:
    contacts = prepared.schools.get("contact_email")
    given = [c for c in contacts if c] if contacts is not None else []
    return bool(given) and all(c.endswith(_INVENTED) for c in given)


def _source(prepared: Prepared) -> str:
    words = _("{network}: made from its records, by the Improvement Inquiry Kit {version}.")
    return words.format(network=prepared.notes.network or "–", version=kit.__version__)
