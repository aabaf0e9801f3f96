"""Who has answered and who has not, against the team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.inquiry import Entry
from kit.needs.answers import Form, same_person

__all__ = ["Turnout", "turnout"]


@dataclass(frozen=True)
class Turnout:
    """The team and those who answered.

    Attributes
    ----------
    answered, waiting : tuple of str
        Members of the team who have, and who have not.
    others : tuple of str
        People who answered and are not in the team, as they wrote their names.
    """

    answered: tuple[str, ...]
    waiting: tuple[str, ...]
    others: tuple[str, ...]

    def words(self) -> str:
        """Return it in sentences."""
        if not (self.answered or self.waiting):
            return f"{len(self.others)} answered. No team is written, so nobody can be missed."
        said = [f"{len(self.answered)} of {len(self.answered) + len(self.waiting)} of the team have answered."]
        if self.waiting:
            said.append(f"Not yet: {', '.join(self.waiting)}.")
        if self.others:
            said.append(f"Answered, and not in the team as written: {', '.join(self.others)}.")
        return " ".join(said)


def turnout(team: Sequence[Entry], raters: Iterable[str] = (), forms: Iterable[Form] = ()) -> Turnout:
    """Hold the team (entries of kind ``member``) against the names of those who answered.

    A form matches a member by its e-mail address where both have one, else by name; capitals and dots do not matter.
    """
    forms = list(forms)
    names = {same_person(r): r for r in (*raters, *(f.rater for f in forms))}
    mails = {same_person(f.email): same_person(f.rater) for f in forms if f.email}
    answered, waiting, matched = [], [], set()
    for member in team:
        by_name, by_mail = same_person(member["name"] or ""), mails.get(same_person(member["email"] or "") or "-")
        key = by_mail or (by_name if by_name in names else None)
        (answered if key else waiting).append(member["name"])
        matched.add(key)
    others = [name for key, name in names.items() if key not in matched]
    return Turnout(tuple(answered), tuple(waiting), tuple(others))
