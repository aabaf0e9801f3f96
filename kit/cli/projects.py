"""The commands on the team's store: kit project new, list, show, export, import, backup, history."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from kit.cli.words import plural
from kit.errors import KitError

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the group; ``command(name, run, help, example)`` gives it its parser."""
    help_ = "Keep a team's projects: problem, causes, tests, measures."
    c = command("project", _list, help_, "kit project list --data my-data")
    deeds = c.add_subparsers(dest="deed", required=True, metavar="DEED")

    def deed(name: str, run, help: str, example: str, *, project: bool = False) -> argparse.ArgumentParser:
        sub = deeds.add_parser(
            name,
            help=help,
            description=help,
            epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        if project:
            sub.add_argument("project", metavar="PROJECT", help="a project's id, as «kit project list» shows it")
        where = sub.add_mutually_exclusive_group()
        which = "the data folder whose store it is (else this folder's, else the sample's)"
        where.add_argument("--data", metavar="DATA", help=which)
        where.add_argument("--store", metavar="STORE", help="a store's file, or postgresql://user@host/name")
        sub.add_argument("--author", metavar="NAME", help="who writes (else the computer's user)")
        return sub

    d = deed("new", _new, "Begin a project.", 'kit project new --title "Mornings" --school 0211')
    d.add_argument("--title", required=True, metavar="TEXT")
    d.add_argument("--school", metavar="ID")
    d.add_argument("--district", metavar="ID")
    d.add_argument("--measure", metavar="ID", help="a measure of the records, such as chronic_absence")
    d.add_argument("--group", metavar="ID", help="a student group")
    d.add_argument("--year", type=int, metavar="Y", help="the school year by its ending year")

    d = deed("list", _list, "List the projects.", "kit project list --data my-data")
    d.add_argument("--json", action="store_true", help="write them as JSON")
    deed("show", _show, "Show what a project holds.", "kit project show acorn-mornings", project=True)
    example = "kit project export acorn-mornings acorn.xlsx"
    d = deed("export", _export, "Write a project to a .json or .xlsx file.", example, project=True)
    d.add_argument("file", metavar="FILE", help=".json holds every earlier text; .xlsx is to work in")
    d.add_argument("--shared", action="store_true", help="leave out facilitators' notes")
    d = deed("import", _import, "Bring a project in from a file.", "kit project import data_samples/project.json")
    d.add_argument("file", metavar="FILE", help="what «kit project export» wrote, edited or not")
    d.add_argument("--as-new", action="store_true", help="as a project of its own, whatever is there")
    d = deed(
        "backup", _backup, "Copy the whole store to a file while it is in use.", "kit project backup monday.sqlite"
    )
    d.add_argument("file", metavar="FILE", help="a file that does not exist yet")
    example = "kit project pages acorn-mornings --out pages --data my-data"
    d = deed("pages", _pages, "Print a project: a page of each notebook of the cycle.", example, project=True)
    d.add_argument("--out", required=True, metavar="DIR")
    d = deed("history", _history, "Show who changed what.", "kit project history acorn-mornings", project=True)
    d.add_argument("entry", nargs="?", metavar="ENTRY", help="one entry's id: every text that it had")


def _data(args: argparse.Namespace) -> str | Path:
    """Return the data folder that is meant."""
    from kit import home
    from kit.workspace import open_workspace

    if data := args.data or os.environ.get("KIT_DATA"):
        return data
    here = open_workspace(".")
    own = here.settings or here.has_records or Path("inquiry.sqlite").exists()
    return "." if own else home() / "data_samples" / "network"


def _open(args: argparse.Namespace):
    """Open the store that is meant; say which, where nobody named it."""
    from kit.inquiry.store import open_store
    from kit.workspace import open_workspace

    if args.store:
        return open_store(args.store, author=args.author)
    store = open_store(open_workspace(_data(args)), author=args.author)
    if not args.data:
        print(f"Store: {store.name}", file=sys.stderr)
    return store


def _new(args: argparse.Namespace) -> int:
    if args.school and args.district:
        raise KitError("A project is a school's or a district's", mend="Give --school or --district.")
    unit = ("school", args.school) if args.school else ("district", args.district) if args.district else (None, None)
    with _open(args) as store:
        project = store.new_project(
            title=args.title, unit_type=unit[0], unit_id=unit[1], records_measure=args.measure,
            student_group=args.group, school_year=args.year,
        )  # fmt: skip
        print(f"Began the project {project.id}")
    return 0


def _list(args: argparse.Namespace) -> int:
    with _open(args) as store:
        projects = store.projects()
    if args.json:
        print(json.dumps(projects.to_dict("records"), ensure_ascii=False, indent=1))
        return 0
    for p in projects.itertuples():
        place = f", {p.unit_type} {p.unit_id}" if p.unit_id else ""
        count = plural(p.entries, "entry", "entries")
        print(f"{p.id}  {p.title} ({p.status}{place}; {count}, last saved {p.at[:10]})")
    print(f"{plural(len(projects), 'project')} in {store.name}")
    return 0


def _show(args: argparse.Namespace) -> int:
    from kit.inquiry.kinds import kind, kinds

    with _open(args) as store:
        project = store.project(args.project)
        found = project.entries()
        for kind_id in kinds():
            of_kind = [e for e in found if e.kind == kind_id]
            if not of_kind:
                continue
            print(kind(kind_id).many)
            for e in of_kind:
                print(f"  {e.id}: {e.title}")
    return 0


def _export(args: argparse.Namespace) -> int:
    from kit.inquiry.files import export_project

    with _open(args) as store:
        count = export_project(store.project(args.project), Path(args.file), shared=args.shared)
    print(f"Wrote {plural(count, 'entry', 'entries')} to {args.file}")
    return 0


def _import(args: argparse.Namespace) -> int:
    from kit.inquiry.files import read_project_file
    from kit.inquiry.importing import import_project

    file = read_project_file(Path(args.file))
    with _open(args) as store:
        done = import_project(store, file, as_new=args.as_new)
        what = (
            f"{plural(done.added, 'entry', 'entries')} added, {done.changed:,} changed, {done.unchanged:,} as they were"
        )
        print(f"Imported the project {done.project.id}: {what}")
    return 0


def _backup(args: argparse.Namespace) -> int:
    from kit.inquiry.backup import backup

    with _open(args) as store:
        count = backup(store, Path(args.file))
    print(f"Copied {plural(count, 'entry', 'entries')} with their history to {args.file}")
    return 0


def _history(args: argparse.Namespace) -> int:
    with _open(args) as store:
        project = store.project(args.project)
        if not args.entry:
            for c in project.changes().itertuples():
                fields = f" ({', '.join(c.fields)})" if c.deed == "changed" else ""
                print(f"{c.at[:16].replace('T', ' ')}  {c.author}: {c.deed} {c.id}{fields}")
            return 0
        project.get(args.entry)
        for r in project.history(args.entry):
            print(f"version {r.version}, {r.at[:16].replace('T', ' ')}, {r.author}{' (deleted)' if r.deleted else ''}")
            for name, value in r.fields.items():
                print(f"  {name}: {'; '.join(map(str, value)) if isinstance(value, list) else value}")
    return 0


def _pages(args: argparse.Namespace) -> int:
    from kit.reports.project_pages import project_pages

    if args.store:
        raise KitError("The pages need the data folder", mend="Give --data; its kit.toml names the store.")
    with _open(args) as store:
        title = store.project(args.project).about.title

    def say(name: str) -> None:
        print(f"Making {name} …", file=sys.stderr)

    made = project_pages(_data(args), args.project, args.out, title=title, say=say)
    print(f"Wrote {plural(len(made), 'page')} of {title} to {args.out}")
    return 0
