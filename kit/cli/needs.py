"""Commands of the needs assessment and the plan: kit needs form, kit needs read, kit plan."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kit.cli.words import plural
from kit.errors import KitError

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the group; ``command(name, run, help, example)`` gives each its parser."""
    help_ = "Data quality and use: rating forms out, answers in."
    c = command("needs", _form, help_, "kit needs form ana.xlsx --rater Ana")
    deeds = c.add_subparsers(dest="deed", required=True, metavar="DEED")

    def deed(name: str, run, help: str, example: str) -> argparse.ArgumentParser:
        sub = deeds.add_parser(
            name, help=help, description=help, epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        sub.set_defaults(run=run)
        sub.add_argument("--data", metavar="DATA", help="the data folder; its needs/instrument.toml is used, if there")
        sub.add_argument("--anonymous", action="store_true", help="names are not kept")
        return sub

    d = deed("form", _form, "Write the form that a person fills in alone.", "kit needs form ana.xlsx --rater Ana")
    d.add_argument("out", metavar="OUT.xlsx", help="a new file; with --project, a folder for a form each")
    d.add_argument("--rater", default="", metavar="NAME", help="whose it is (else the person writes the name)")
    d.add_argument("--project", metavar="PROJECT", help="a form for each member of its team (needs --data)")

    d = deed("read", _read, "Read answers back.", "kit needs read answers --data my-data --project our-data")
    d.add_argument("place", metavar="FOLDER", help="a folder of forms (.xlsx, .csv), or one such file")
    d.add_argument("--project", metavar="PROJECT", help="keep the ratings in this project (needs --data)")
    d.add_argument("--author", metavar="NAME", help="who writes (else the computer's user)")

    c = command("plan", _plan, "Print an improvement plan in eight steps.", "kit plan my-data our-plan --out plan.html")
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("project", metavar="PROJECT", help="a project's id, as «kit project list» shows it")
    c.add_argument("--out", required=True, metavar="PLAN.html")


def _instrument(args: argparse.Namespace):
    from kit import home
    from kit.needs.instrument import instrument_for

    return instrument_for(args.data or home())


def _store(args: argparse.Namespace):
    from kit.inquiry.store import open_store
    from kit.workspace import open_workspace

    if not args.data:
        raise KitError("A project is in the store of a data folder", mend="Give it with --data.")
    return open_store(open_workspace(args.data), author=getattr(args, "author", None))


def _form(args: argparse.Namespace) -> int:
    from kit.needs.form import write_form, write_forms

    instrument = _instrument(args)
    if not args.project:
        print(f"Wrote {write_form(args.out, instrument, args.rater, anonymous=args.anonymous)}")
    else:
        with _store(args) as store:
            team = [m["name"] for m in store.project(args.project).entries("member")]
        if not team:
            raise KitError("No team is written in the project", mend="Write it in the kickoff notebook.")
        made, there = write_forms(args.out, instrument, team, anonymous=args.anonymous)
        print(f"Wrote {plural(len(made), 'form')} in {args.out}")
        if there:
            print(f"Left as they are, because they are there already: {', '.join(there)}")
    for gap in instrument.gaps():
        print(gap)
    return 0


def _read(args: argparse.Namespace) -> int:
    from kit.needs.answers import Answer
    from kit.needs.kept import keep_ratings
    from kit.needs.people import turnout
    from kit.needs.reading import read_answers
    from kit.needs.scores import most_contested, scores, spread_words

    instrument = _instrument(args)
    reading = read_answers(args.place, instrument)
    faults, forms = list(reading.faults), reading.forms
    team = []
    if args.project:
        with _store(args) as store:
            project = store.project(args.project)
            kept = keep_ratings(project, reading, anonymous=args.anonymous)
            team = project.entries("member")
        unkept = {f.file for f in kept.faults}
        faults += kept.faults
        forms = [f for f in forms if f.source not in unkept]
        words = f"{kept.added:,} added, {kept.changed:,} changed, {kept.removed:,} removed"
        print(f"Kept in {args.project}: {plural(len(forms), 'form')}; ratings: {words}")
    else:
        print(f"Read {plural(len(forms), 'form')}; nothing was kept (--project keeps them)")
    print(turnout(team, forms=forms).words())
    for r in reading.replaced:
        print(f"{r.rater} answered more than once: {r.by} counts, not {r.source}")
    for form in forms:
        if form.blanks:
            print(f"{form.rater} left blank: {', '.join(form.blanks)}")
    answers: list[Answer] = [a for form in forms for a in form.answers]
    for s in most_contested(scores(answers, instrument)):
        level = f"{s.level.score} {s.level.name} ({s.level.colour})" if s.level else "no score"
        print(f"{s.item.code}: {level}. {spread_words(s)}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _plan(args: argparse.Namespace) -> int:
    from kit.controls.desk import Desk
    from kit.controls.plan import plan_page
    from kit.needs.eight_steps import plan_steps
    from kit.reports.restricted import refuse_restricted_folder
    from kit.reports.session_record import write_page

    out = Path(args.out)
    if out.suffix.lower() not in (".html", ".htm"):
        raise KitError("The plan is an .html file", where=out.name, mend="Give it that ending.")
    refuse_restricted_folder(str(out.parent))
    desk = Desk(args.data, args.project, live=False)
    page = plan_page(desk, plan_steps(desk.workspace.folder)).html()
    write_page(out, page, title=desk.require_project().about.title, subtitle="Improvement plan")
    print(f"Wrote {out}")
    return 0
