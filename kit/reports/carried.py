"""What a run takes over from the runs before it: files that are still there and still hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import kit
from kit.reports import fingerprints
from kit.reports.folder import whole
from kit.reports.manifest import CURRENT, Entry, File
from kit.reports.plan import Unit

__all__ = ["kept_formats", "other_reports"]


def kept_formats(out: Path, old: Entry, status: str, failed: Callable[[str], bool] = lambda _name: True) -> dict:
    """Return a report's other formats: those that are still the files that were written, and those that failed.

    Parameters
    ----------
    out : Path
    old : Entry
        Of the run before.
    status : str
        Of the page, now.
    failed : callable
        Whether a format that is not there is still spoken of.

    Returns
    -------
    dict of str to File
    """
    kept = {}
    for name, file in old.formats.items():
        if whole(out / file.file, file.sha256):
            kept[name] = File(file.file, status, file.seconds, file.sha256)
        elif failed(name):
            kept[name] = File(file.file, "failed" if file.status == "failed" else "not-made", error=file.error)
    return kept


def other_reports(
    out: Path,
    olds: Iterable[Entry],
    units_of: Callable[[str, str, str], list[Unit]],
    prepared,
    common: dict[str, str],
    catalogues: Path,
) -> list[Entry]:
    """See of other templates and languages in a folder whether their reports are still current.

    Parameters
    ----------
    out : Path
    olds : iterable of Entry
        Theirs, of the runs before.
    units_of : callable
        Gives the units of a subject, template and language.
    prepared : kit.reports.prepared.Prepared
    common : dict of str to str
        Fingerprints of the rules and the kit as they are now.
    catalogues : Path
        The district's own translations.

    Returns
    -------
    list of Entry
        Without those whose school or district is gone: their files are moved away.
    """
    data: dict[str, dict[str, str]] = {}
    templates: dict[str, str] = {}
    units: dict[tuple, dict[str, Unit]] = {}
    found = []
    for old in olds:
        place = (old.subject, *old.section)
        if place not in units:
            units[place] = {u.unit_id: u for u in units_of(*place)}
        unit = units[place].get(old.unit_id)
        if unit is None or unit.file != old.file:
            continue
        if old.subject not in data:
            data[old.subject] = fingerprints.unit_fingerprints(prepared, units[place].values())
        if old.template not in templates:
            path = kit.home() / "templates" / f"{old.template}.ipynb"
            templates[old.template] = fingerprints.template_fingerprint(path, catalogues) if path.is_file() else ""
        # Of a template from elsewhere it is not known where it is now: it counts as unchanged.
        template = old.fingerprints.get("template", "") if old.own_template else templates[old.template]
        parts = {**common, "data": data[old.subject][old.unit_id], "template": template}
        entry = Entry.of(unit, template=old.template, language=old.language, own_template=old.own_template)
        entry.fingerprint, entry.fingerprints, entry.error = old.fingerprint, old.fingerprints, old.error
        entry.status = old.status if old.status == "failed" else "not-made"
        if old.status in (*CURRENT, "out-of-date") and whole(out / old.file, old.sha256):
            same = fingerprints.combined(parts, old.language) == old.fingerprint
            entry.status = "up-to-date" if same else "out-of-date"
            entry.seconds, entry.sha256 = old.seconds, old.sha256
            entry.formats = kept_formats(out, old, entry.status)
        found.append(entry)
    return found
