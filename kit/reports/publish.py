"""A finished batch arranged for distribution: a folder a school, an index a district, a checksum list.

``TO/DISTRICT/SCHOOL/`` holds a school's own reports in every template, language and format and nothing else, so that
it can be sent as it is; ``TO/DISTRICT/`` adds the district's own report and an index of its schools; ``TO/`` adds the
network's report, an index of all and ``SHA256SUMS``, which ``sha256sum -c`` reads. Restricted files are never among
them, and the folder appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from kit.errors import KitError
from kit.language import use
from kit.reports.folder import UNFINISHED, alone, whole
from kit.reports.index import INDEX, index_language, index_page
from kit.reports.journal import JOURNAL
from kit.reports.manifest import CURRENT, Entry, Manifest, read_manifest
from kit.reports.plan import unit_slugs
from kit.reports.published_links import with_links
from kit.reports.restricted import refuse_restricted_folder, restricted_files
from kit.reports.zipped import zip_folder

__all__ = ["CHECKSUMS", "Published", "publish"]

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Published:
    """What was arranged: where, for how many schools and districts, in how many files; ``left_out`` is not there."""

    to: Path
    schools: int
    districts: int
    files: int
    left_out: tuple[str, ...]


def publish(out: str | Path, to: str | Path, *, zipped: bool = False, partial: bool = False) -> Published:
    """Arrange a finished batch for distribution.

    Parameters
    ----------
    out : str or Path
        The folder that :func:`kit.reports.batch.make_reports` made.
    to : str or Path
        New, or made by this function before: then it is replaced as a whole.
    zipped : bool
        Also write each school's folder as ``SCHOOL.zip`` beside it and each district's as ``DISTRICT.zip``.
    partial : bool
        Publish what is current of a batch that is unfinished or failed in part.

    Raises
    ------
    KitError
        If the batch is not finished, a file is not the one that was made, restricted files lie in the folder, or ``to``
        holds anything else.
    """
    out, to = Path(out), Path(to)
    _require_apart(out, to)
    if found := next(restricted_files(out), None):
        raise KitError(
            "Restricted lists of pupils lie among the reports: nothing was published",
            where=str(found),
            mend="Move them to a folder of their own.",
        )
    if not (out / "manifest.json").is_file():
        raise KitError("there are no reports", where=str(out), mend="Make them with kit report.")
    with alone(out):
        manifest = read_manifest(out)
        if manifest is None:
            raise KitError("the manifest cannot be read", where=str(out), mend="Run kit report once more.")
        shown, left_out = _publishable(out, manifest)
        if (out / JOURNAL).exists():
            left_out = ["the last run was ended before it was finished", *left_out]
        if left_out and not partial:
            rest = f" and {len(left_out) - 5:,} more" if len(left_out) > 5 else ""
            raise KitError(
                f"the batch is not finished: {'; '.join(left_out[:5])}{rest}",
                where=str(out),
                mend="Run kit report again for what is left, or publish what there is with --partial.",
            )
        with _beside(to) as folder, use(index_language(out, manifest)):
            counts = _arrange(out, folder, shown, zipped)
            files = _write_checksums(folder)
    return Published(to, *counts, files, tuple(left_out))


def _publishable(out: Path, manifest: Manifest) -> tuple[Manifest, list[str]]:
    """Return the manifest with what may be published, and say of the rest what it is."""
    entries, left_out = [], []
    for entry in manifest.reports:
        name = f"{entry.name or entry.unit_id} ({entry.template}"
        reasons = {}
        for form, file in entry.files().items():
            if file.status not in CURRENT:
                reasons[form] = file.status.replace("-", " ")
            elif not whole(out / file.file, file.sha256):
                reasons[form] = "the file is not the one that was made"
        left_out += [f"{name}, {form}): {reason}" for form, reason in reasons.items()]
        status = "not-made" if "html" in reasons and entry.status != "failed" else entry.status
        kept = {} if "html" in reasons else {n: f for n, f in entry.formats.items() if n not in reasons}
        entries.append(replace(entry, status=status, formats=kept, error=None))
    return Manifest(manifest.run, entries), left_out


def _arrange(out: Path, folder: Path, manifest: Manifest, zipped: bool) -> tuple[int, int]:
    """Copy every file to whom it belongs and write the indexes; return how many schools and districts there are."""
    place = _places(manifest)
    where = {f.file: f"{place[e.key]}{f.file}" for e in manifest.reports for f in e.files().values() if _there(e)}
    for entry in filter(_there, manifest.reports):
        for form, file in entry.files().items():
            target = folder / where[file.file]
            target.parent.mkdir(parents=True, exist_ok=True)
            if form == "html":
                page = (out / file.file).read_text("utf-8")
                _refuse_pupils(page, out / file.file)
                target.write_text(with_links(page, where[file.file], where, within=place[entry.key]), "utf-8")
            else:
                shutil.copyfile(out / file.file, target)

    districts: dict[str, list[Entry]] = {}
    for entry in manifest.reports:
        if entry.subject != "network":
            districts.setdefault(place[entry.key].split("/")[0], []).append(entry)
    for district, entries in districts.items():
        (folder / district).mkdir(exist_ok=True)
        page = index_page(
            Manifest(manifest.run, entries),
            link=lambda _entry, file, district=district: quote(where[file].removeprefix(f"{district}/")),
            whole=False,
        )
        (folder / district / INDEX).write_text(page, "utf-8")
    names = sorted((entries[0].district, district) for district, entries in districts.items())
    more = tuple((name or district, quote(f"{district}/{INDEX}")) for name, district in names)
    (folder / INDEX).write_text(
        index_page(manifest, link=lambda _entry, file: quote(where[file]), more=more, whole=False), "utf-8"
    )
    schools = {place[e.key] for e in manifest.reports if e.subject == "school" and _there(e)}
    if zipped:
        for district in districts:
            zip_folder(folder / district, folder / f"{district}.zip")
        for school in sorted(schools):
            zip_folder(folder / school, folder / f"{school.rstrip('/')}.zip")
    return len(schools), len(districts)


def _there(entry: Entry) -> bool:
    return entry.status in CURRENT


def _places(manifest: Manifest) -> dict[tuple, str]:
    """Return each report's folder, with its last stroke: the root for the network."""
    district_of = {e.key: e.district_id or f"without id: {e.district}" for e in manifest.reports}
    districts = unit_slugs(dict.fromkeys(district_of.values()), "district")
    schools = unit_slugs(dict.fromkeys(e.unit_id for e in manifest.reports if e.subject == "school"))
    out = {}
    for entry in manifest.reports:
        district = districts[district_of[entry.key]]
        own = {"school": f"{district}/{schools.get(entry.unit_id)}/", "district": f"{district}/", "network": ""}
        out[entry.key] = own[entry.subject]
    return out


def _refuse_pupils(page: str, path: Path) -> None:
    from kit.measures.students import NOTICE

    if NOTICE in page:
        raise KitError("The page is a restricted list of pupils: nothing was published", where=str(path))


def _write_checksums(folder: Path) -> int:
    """Write the list and return how many files are on it."""
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    lines = []
    for name in files:
        with open(folder / name, "rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    (folder / CHECKSUMS).write_text("".join(lines), "utf-8")
    return len(files)


def _require_apart(out: Path, to: Path) -> None:
    """Refuse a place that is, holds or lies in the reports' folder, or holds what is not ours to replace."""
    here, there = out.resolve(), to.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise KitError("It must be a folder apart from the reports", where=str(to), mend="Name another one.")
    for above in (there, *there.parents):
        refuse_restricted_folder(above)
    if to.exists() and not to.is_dir():
        raise KitError("This is a file, not a folder", where=str(to), mend="Name a new folder.")
    if to.is_dir():
        listed = {CHECKSUMS}
        if (to / CHECKSUMS).is_file():
            listed |= {line.partition("  ")[2] for line in (to / CHECKSUMS).read_text("utf-8").splitlines()}
        others = [p for p in to.rglob("*") if not p.is_dir() and p.relative_to(to).as_posix() not in listed]
        if others:
            raise KitError("The folder holds other files", where=str(others[0]), mend="Name a new folder.")


def _replace(made: Path, to: Path, old: Path) -> None:
    if to.exists():
        os.replace(to, old)
    try:
        os.replace(made, to)
    except OSError:
        if old.exists():
            os.replace(old, to)
        raise


@contextmanager
def _beside(to: Path) -> Iterator[Path]:
    """Give a folder beside ``to`` that takes its place when all is written, and goes when anything fails."""
    prefix = f"{UNFINISHED}{to.name}-"
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        for left in to.parent.glob(f"{prefix}*"):  # of a run that was ended by force
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=to.parent))
    except OSError as error:
        raise KitError(f"the folder cannot be made ({error.strerror})", where=str(to)) from None
    try:
        made = folder / "new"
        made.mkdir()
        yield made
        _replace(made, to, folder / "old")
    except OSError as error:
        raise KitError(
            f"the reports cannot be arranged ({error.strerror})", where=str(to), mend="Nothing was published."
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
