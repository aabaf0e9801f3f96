"""The columns of an online form's export: which holds the name, the time, each element's score and its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from kit.needs.instrument import Instrument

__all__ = ["CsvColumns"]

# Headings as the common form services write them.
_NAMES = ("your name", "name", "full name", "rater")
_EMAILS = ("email address", "email", "e-mail", "username")
_TIMES = ("completion time", "timestamp", "submitted at", "submitted", "start time", "date")
_ROLES = ("your part in the work", "your role", "role")
_WORDS = re.compile(r"\b(evidence|comments?|why|reason)\b", re.I)
_FORMS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")


class CsvColumns:
    """Where everything stands; ``problems`` says what is missing.

    Attributes
    ----------
    heads : list of str
    rater, email, role, at : int or None
    of : dict of str to (int, int or None)
        By code, the columns of the score and of its evidence.
    problems : list of (str, str)
        What is wrong with the headings, and the mend.
    """

    def __init__(self, heads: Sequence[str], instrument: Instrument):
        self.heads = [" ".join(h.split()) for h in heads]
        self.problems: list[tuple[str, str]] = []
        self.email, self.role, self.at = (self._named(n) for n in (_EMAILS, _ROLES, _TIMES))
        rater = self._named(_NAMES)
        self.rater = rater if rater is not None else self.email
        if self.rater is None:
            self.problems.append(("There is no column with a name", "Call the one that holds it «Name»"))
        self.of: dict[str, tuple[int, int | None]] = {}
        self._elements(instrument)

    def _named(self, names: Sequence[str]) -> int | None:
        low = [h.casefold().rstrip(":?* ") for h in self.heads]
        return next((low.index(n) for n in names if n in low), None)

    def _elements(self, instrument: Instrument) -> None:
        rated = {i.code for i in instrument.items}
        scored: dict[str, int] = {}
        said: dict[str, int] = {}
        for n, head in enumerate(self.heads):
            first, _, rest = head.lstrip("[( ").partition(" ")
            item = instrument.item(first.rstrip(".:)]-–—"))
            if item is None or item.code not in rated:
                continue
            # An element's own text may speak of evidence.
            rest = rest.casefold().replace(item.text.casefold(), "")
            into = said if item.code in scored or _WORDS.search(rest) else scored
            if item.code in into:
                self.problems.append((f"There are too many columns for {item.code}", "Keep its score and its evidence"))
            into[item.code] = n
        if absent := [i.code for i in instrument.items if i.code not in scored]:
            mend = "Begin the heading of each with its code, such as «1A My score»"
            self.problems.append((f"There is no column for {', '.join(absent)}", mend))
        self.of = {code: (n, said.get(code)) for code, n in scored.items()}

    def when(self, row: Sequence[str]) -> tuple[str, str]:
        """Return when the row was sent (ISO, empty where no column says), and what is wrong with it."""
        text = row[self.at].strip() if self.at is not None else ""
        if not text:
            return "", ""
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(timespec="seconds"), ""
        except ValueError:
            pass
        for form in _FORMS:
            try:
                return datetime.strptime(text, form).isoformat(timespec="seconds"), ""
            except ValueError:
                continue
        return "", f"«{text[:40]}» is no time"
