"""What a field may hold: a value as a person or a file gave it becomes the one form that the store keeps.

One form only, so that a project goes to JSON or a spreadsheet and comes back the same: an empty text is no text, a line
ends with one line feed, a whole number has no decimal point.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from numbers import Real
from typing import Any

from kit.errors import KitError
from kit.inquiry.kinds import Field, Kind

__all__ = ["LONGEST_TEXT", "Problem", "check_fields", "check_id", "missing", "require_id", "time_text", "typed"]

# A spreadsheet's cell holds 32,767 UTF-16 units, of which an emoji takes two.
LONGEST_TEXT = 16_000
LARGEST_NUMBER = 1e15  # beyond it, whole numbers are not exact in a spreadsheet
FIRST_DATE, LAST_DATE = date(1950, 1, 1), date(2100, 12, 31)  # outside: a slip of the pen
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# What XML, and so a spreadsheet, cannot hold.
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n|[\r\x0b\x0c]")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field, and what to do."""

    field: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"'{self.field}': {self.problem}. {self.mend}"


class _Unfit(ValueError):
    pass


def time_text(moment: datetime) -> str:
    """Return a moment as the store keeps it: UTC, to the microsecond, sortable as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def typed(field: Field, value: Any) -> Any:
    """Return a value as the store keeps it; None where it is empty.

    Raises
    ------
    ValueError
        With two arguments: what is wrong, and the mend.
    """
    if (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or type(value).__name__ in ("NAType", "NaTType")
    ):
        return None
    if isinstance(value, str) and not value.strip():
        return None
    return _TYPED[field.type](field, value)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        # A spreadsheet makes a number of a grade or a room: it is the text that was meant.
        if isinstance(value, bool) or not isinstance(value, Real | date):
            raise _Unfit(f"a {type(value).__name__} is not a text", "Write a text")
        if isinstance(value, datetime) and value.time() == time(0):
            value = value.date()
        value = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    value = LINE_END.sub("\n", value)
    if found := CONTROL.search(value):
        raise _Unfit(
            f"it holds a character that cannot be written (U+{ord(found[0]):04X})", "Delete it, or type the text anew"
        )
    if len(value) > LONGEST_TEXT:
        raise _Unfit(
            f"it has {len(value):,} characters; a field holds {LONGEST_TEXT:,}",
            "Keep the longer text in a file of its own and name it here",
        )
    return value


def _line(field: Field, value: Any) -> str | None:
    return re.sub(r"\n", " ", _text(field, value))


def _lines(field: Field, value: Any) -> list[str] | None:
    if isinstance(value, str):
        value = LINE_END.sub("\n", value).split("\n")
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        value = [value]
    lines = [_line(field, v) for v in value if v is not None and str(v).strip()]
    if sum(len(x) + 1 for x in lines) > LONGEST_TEXT:
        raise _Unfit(f"it has more than {LONGEST_TEXT:,} characters", "Shorten the list")
    return lines or None


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, str):
        try:
            value = float(value.strip().replace("−", "-")) if "_" not in value else None
        except ValueError:
            value = None
        if value is None:
            raise _Unfit("it is not a number", "Write digits with a decimal point, such as 12.5")
    if isinstance(value, bool) or not (isinstance(value, Real) or hasattr(value, "__float__")):
        raise _Unfit("it is not a number", "Write digits with a decimal point, such as 12.5")
    value = float(value)
    if not abs(value) < LARGEST_NUMBER:
        raise _Unfit("the number is too large", "Check it for a slip")
    return int(value) if value.is_integer() else value


def _count(field: Field, value: Any) -> int:
    number = _number(field, value)
    if not isinstance(number, int) or number < 0:
        raise _Unfit(f"{number} is not a whole number from 0", "Write a whole number")
    return number


def _date(field: Field, value: Any) -> str:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(
                value.strip()[:10] if value.strip()[10:] in ("", "T00:00:00", " 00:00:00") else ""
            )
        except ValueError:
            raise _Unfit(f"'{value[:40]}' is not a date", "Write year-month-day, such as 2026-01-31") from None
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise _Unfit("it is not a date", "Write year-month-day, such as 2026-01-31")
    if not FIRST_DATE <= value <= LAST_DATE:
        raise _Unfit(f"{value.isoformat()} is not a date of our time", "Check the year")
    return value.isoformat()


_YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def _yesno(field: Field, value: Any) -> bool:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return _YES_NO[str(value).strip().lower()]
    except KeyError:
        raise _Unfit(f"'{str(value)[:40]}' is neither yes nor no", "Write yes or no, or leave it empty") from None


def _choice(field: Field, value: Any) -> str:
    written = str(value).strip()
    for choice in field.choices:
        if choice.lower() == written.lower():
            return choice
    near = get_close_matches(written.lower(), field.choices, 1)
    mend = f"Did you mean '{near[0]}'?" if near else f"Write one of: {', '.join(field.choices)}"
    raise _Unfit(f"'{written[:40]}' is not a choice", mend)


def _time(field: Field, value: Any) -> str:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, str) and TIME.fullmatch(value):
        return value
    raise _Unfit("it is not a time as the kit writes it", "Leave it as it was exported")


def check_id(value: Any) -> str:
    """Return an entry's id, given the id or the entry."""
    value = getattr(value, "id", value)
    if not isinstance(value, str) or not ID.fullmatch(value.strip()):
        raise _Unfit(
            f"'{str(value)[:40]}' is not an id", "An id has small letters, digits, - and _, at most 60 of them"
        )
    return value.strip()


def require_id(value: Any) -> str:
    """Return an entry's id as :func:`check_id` does, or raise a KitError."""
    try:
        return check_id(value)
    except _Unfit as error:
        raise KitError(error.args[0], mend=f"{error.args[1]}.") from None


def _one(field: Field, value: Any) -> str:
    return check_id(value)


def _many(field: Field, value: Any) -> list[str] | None:
    if isinstance(value, str):
        value = re.split(r"[\s,;]+", value.strip())
    elif not isinstance(value, Iterable):
        value = [value]
    return list(dict.fromkeys(check_id(v) for v in value)) or None


_TYPED = {
    "line": _line, "code": _line, "text": _text, "lines": _lines, "number": _number, "count": _count, "date": _date,
    "yesno": _yesno, "choice": _choice, "time": _time, "one": _one, "many": _many,
}  # fmt: skip


def check_fields(kind: Kind, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the fields as the store keeps them, and everything that is wrong with them.

    A field that is given and empty is in the result as None: it clears what was there.
    """
    clean: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        field = kind.fields.get(name)
        if field is None:
            near = get_close_matches(str(name), kind.fields, 1)
            mend = f"Did you mean '{near[0]}'?" if near else f"Use: {', '.join(kind.fields)}"
            problems.append(Problem(str(name), f"there is no such field in {kind.many}", mend))
            continue
        try:
            clean[name] = typed(field, value)
        except _Unfit as error:
            problems.append(Problem(name, *error.args))
    return clean, problems


def missing(kind: Kind, fields: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each required field that holds nothing."""
    return [
        Problem(f.name, "it is empty and is needed", f"Fill in: {f.label}")
        for f in kind.fields.values()
        if f.required and fields.get(f.name) is None
    ]
