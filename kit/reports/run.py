"""One run over one folder: what is current, what is to be made, what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import kit
from kit.errors import KitError
from kit.reports import fingerprints
from kit.reports.carried import kept_formats, other_reports
from kit.reports.changes_page import Changes, changes_since, write_changes
from kit.reports.estimate import BatchPlan, estimate
from kit.reports.folder import move_away, tidy, whole
from kit.reports.formats import FormatJob, FormatTask, make_formats
from kit.reports.index import school_year_words, write_index
from kit.reports.journal import Journal
from kit.reports.last import keep_last, read_last
from kit.reports.manifest import CURRENT, Entry, File, Manifest
from kit.reports.plan import SUBJECTS, Unit, unit_list
from kit.reports.pool import Pool
from kit.reports.prepare_once import PREPARED
from kit.reports.progress import Progress
from kit.reports.tasks import Job, Task

__all__ = ["Run"]

NOTEBOOKS = "notebooks"
_PAGE = "kit.reports.html:page"


class Run:
    """One template in one language, made into one folder.

    Attributes
    ----------
    planned : BatchPlan
        What :meth:`plan` found.
    last : Last or None
        What the last run that came to its end was made from.
    complete : bool
        Whether this one has come to its end.
    pages : list of Task
        The pages to make.
    """

    def __init__(self, out, template, subject, language, writers, prepared, before: Manifest | None, workspace):
        self.out, self.template, self.subject, self.language = out, template, subject, language
        self.writers: dict[str, str] = writers
        self.section = (template.stem, language)
        self.school_year, self.minimum = int(prepared.school_year), int(prepared.minimum)
        self.prepared, self.catalogues = prepared, workspace.catalogues
        self.common = {
            "rules": fingerprints.rules_fingerprint(workspace.settings, workspace.folder),
            "template": fingerprints.template_fingerprint(template, workspace.catalogues),
            "kit": fingerprints.kit_fingerprint(),
        }
        self.before = {e.key: e for e in before.reports} if before else {}
        self.units = {u.unit_id: u for u in self._units(subject, template.stem, language)}
        self.entries: dict[str, Entry] = {}
        self.others: list[Entry] = []
        self.asked: set[str] = set()
        self.pages: list[Task] = []
        self.planned: BatchPlan | None = None
        self.complete = False
        self.last = read_last(out, self.section)
        self.about = {
            "kit": kit.__version__,
            "template": template.stem,
            "language": language,
            "formats": ["html", *writers],
            "school_year": self.school_year,
            "minimum": self.minimum,
            "audience": prepared.released.audience,
            "started": _now(),
            "finished": None,
        }

    def _units(self, subject: str, template: str, language: str) -> list[Unit]:
        network = self.prepared.notes.network
        return unit_list(self.prepared.schools, subject, template=template, language=language, network=network)

    def plan(self, asked: Iterable[str] | None, force: bool, jobs: int) -> None:
        """Decide for each report whether it is current, and plan what is to be made.

        Raises
        ------
        KitError
            If one that was asked for does not exist.
        """
        self.asked = set(self.units) if asked is None else set(asked)
        if unknown := sorted(self.asked - set(self.units)):
            some = ", ".join(f"'{i}'" for i in unknown[:5])
            raise KitError(f"there is no {self.subject} {some}", mend="Ids are those of the schools table.")
        of_data = fingerprints.unit_fingerprints(self.prepared, self.units.values())
        template_is_own = self.template.resolve().parent != (kit.home() / "templates").resolve()
        for unit_id, unit in self.units.items():
            parts = {"data": of_data[unit_id], **self.common}
            entry = Entry.of(
                unit,
                template=self.template.stem,
                language=self.language,
                own_template=template_is_own,
                fingerprint=fingerprints.combined(parts, self.language),
                fingerprints=parts,
            )
            self.entries[unit_id] = entry
            self._compare(entry, self.before.get(entry.key))
            if unit_id in self.asked and (force or entry.status != "up-to-date"):
                self.pages.append(self._task(unit, entry))
        olds = [e for e in self.before.values() if e.section != self.section]
        self.others = other_reports(self.out, olds, self._units, self.prepared, self.common, self.catalogues)
        made = {task.unit_id for task in self.pages}
        make = {"html": [self.entries[i].file for i in made]}
        for name in self.writers:
            files = [self._file(i, name) for i in self.asked]
            make[name] = [
                f.file for i, f in zip(self.asked, files, strict=True) if i in made or f.status != "up-to-date"
            ]
        mine = [e for e in self.before.values() if e.section == self.section]
        workers = max(1, min(jobs, max(len(files) for files in make.values())))
        self.planned = estimate(make, mine, self.out, workers, of=len(self.asked))
        self.jobs = jobs

    def _compare(self, entry: Entry, old: Entry | None) -> None:
        """Take over from the run before what is there and still holds."""
        if old is None or old.file != entry.file or not whole(self.out / old.file, old.sha256):
            return
        same = old.fingerprint == entry.fingerprint
        if same:
            entry.status = "up-to-date"
        elif entry.unit_id not in self.asked:
            entry.status, entry.fingerprint, entry.fingerprints = "out-of-date", old.fingerprint, old.fingerprints
        else:
            return
        entry.seconds, entry.sha256 = old.seconds, old.sha256
        # A format that failed is spoken of until it is made or no longer asked for.
        asked = set(self.writers) if entry.unit_id in self.asked else set(old.formats)
        entry.formats = kept_formats(self.out, old, entry.status, asked.__contains__)

    def _file(self, unit_id: str, name: str) -> File:
        """Return the unit's file of another format, known or not."""
        entry = self.entries[unit_id]
        return entry.formats.get(name) or File(str(Path(entry.file).with_suffix(f".{name}")))

    def _task(self, unit: Unit, entry: Entry) -> Task:
        year = school_year_words(self.school_year)
        first = {"school": unit.district, "district": self.prepared.notes.network}.get(self.subject)
        subtitle = f"{first} · {year}" if first else year
        parameter = SUBJECTS[self.subject]
        own = {parameter: unit.unit_id} if parameter else {}
        return Task(unit.unit_id, unit.file, unit.name, subtitle, int(entry.fingerprint[:8], 16), own)

    def make_pages(self, pool: Pool, *, timeout: int, memory_mb: int, progress: bool, notebooks: bool) -> None:
        """Have the pages made and note what came of each."""
        folder = self.out / NOTEBOOKS
        if notebooks:
            folder.mkdir(exist_ok=True)
        job = Job(
            template=str(self.template.resolve()),
            out=str(self.out.resolve()),
            parameters={
                "data": str((self.out / PREPARED).resolve()),
                "school_year": self.school_year,
                "minimum": self.minimum,
                "live": False,
                "language": self.language,
            },
            workers=min(self.jobs, len(self.pages)),
            timeout=timeout,
            memory_mb=memory_mb,
            page=_PAGE,
            notebooks=str(folder.resolve()) if notebooks else None,
            language=self.language,
        )
        planned = self.planned.each["html"]
        with Progress(len(self.pages), planned, shown=progress) as bar, Journal(self.out) as journal:
            for task, done in pool.run(job, self.pages):
                entry = self.entries[task.unit_id]
                if done is None:
                    entry.status, entry.error = "failed", "the process that made it was ended or hung"
                elif done.error:
                    entry.status, entry.error, entry.seconds = "failed", done.error, round(done.seconds, 3)
                else:
                    entry.status, entry.error = "made", None
                    entry.sha256, entry.seconds = done.sha256, round(done.seconds, 3)
                journal.note(entry)
                bar.step(failed=entry.status == "failed", name=entry.name, error=entry.error)

    def make_formats(self, *, timeout: int, progress: bool) -> None:
        """Have the other formats made of the pages that are current, and note what came of each."""
        made = {task.unit_id for task in self.pages}
        tasks = []
        for name in self.writers:
            for unit_id in [i for i in self.units if i in self.asked]:
                entry, file = self.entries[unit_id], self._file(unit_id, name)
                if entry.status in CURRENT and (unit_id in made or file.status != "up-to-date"):
                    entry.formats[name] = File(file.file)
                    tasks.append(FormatTask(unit_id, name, entry.file, file.file))
        if not tasks:
            return
        job = FormatJob(
            writers=self.writers,
            out=str(self.out.resolve()),
            prepared=str((self.out / PREPARED).resolve()),
            workers=min(self.jobs, len(tasks)),
            timeout=timeout,
            language=self.language,
            subject=self.subject,
        )
        planned = sum(self.planned.each.get(t.format, 1.0) for t in tasks) / len(tasks)
        with Progress(len(tasks), planned, shown=progress, unit="file") as bar, Journal(self.out) as journal:
            for task, done in make_formats(job, tasks):
                entry = self.entries[task.unit_id]
                status = "failed" if done.error else "made"
                file = File(task.file, status, round(done.seconds, 3), done.sha256, done.error)
                entry.formats[task.format] = file
                journal.note(entry)
                bar.step(failed=bool(done.error), name=f"{entry.name} ({task.format})", error=done.error)

    def changes(self) -> Changes:
        """Write down what changed for whom since the last run that came to its end.

        Raises
        ------
        KitError
            If it cannot be written.
        """
        found = changes_since(self.last, self.prepared, list(self.entries.values()), self.before)
        try:
            write_changes(self.out, found, self.minimum)
        except OSError as error:
            raise KitError(f"the changes cannot be written ({error.strerror})", where=str(self.out)) from None
        return found

    def finish(self) -> None:
        """Move away what is not current, and write the manifest and the index.

        Raises
        ------
        KitError
            If they cannot be written; what was made is known to the next run all the same.
        """
        tidy(self.out)
        reports = [*self.entries.values(), *self.others]
        held = (*CURRENT, "out-of-date")
        for entry in reports:
            if entry.status not in held:
                entry.formats = {name: File(f.file) for name, f in entry.formats.items()}
        kept = {f.file for e in reports if e.status in held for f in e.files().values() if f.status in held}
        known = {f.file for e in (*self.before.values(), *reports) for f in e.files().values()}
        self.about["finished"] = _now()
        counts: dict[str, int] = {}
        for entry in self.entries.values():
            counts[entry.status] = counts.get(entry.status, 0) + 1
        manifest = Manifest(self.about | {"counts": counts}, reports)
        try:
            move_away(self.out, known, kept)
            manifest.write(self.out)
            write_index(self.out, manifest)
            if self.complete and self.asked == set(self.units):
                keep_last(self.out, self.section, self.about["finished"])
        except OSError as error:
            raise KitError(
                f"the list of reports cannot be written ({error.strerror})",
                where=str(self.out),
                mend="Mend that and run the same command again: it makes only what is left.",
            ) from None
        Journal(self.out).end()

    def outcome(self) -> dict:
        """Return what came of those asked for."""
        asked = [e for e in self.entries.values() if e.unit_id in self.asked]
        failed = {e.unit_id: {n: f.error or "" for n, f in e.formats.items() if f.status == "failed"} for e in asked}
        return {
            "made": tuple(e.unit_id for e in asked if e.status == "made"),
            "skipped": tuple(e.unit_id for e in asked if e.status == "up-to-date"),
            "failed": {e.unit_id: e.error or "" for e in asked if e.status == "failed"},
            "formats_made": {
                n: sum(n in e.formats and e.formats[n].status == "made" for e in asked) for n in self.writers
            },
            "formats_failed": {unit_id: found for unit_id, found in failed.items() if found},
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
