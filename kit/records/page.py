"""A check's findings as a page that a person reads."""

from __future__ import annotations

from kit.records.check import CheckReport

__all__ = ["as_text"]

_HEADS = {"error": "Errors", "warning": "Warnings", "note": "Notes"}


def as_text(report: CheckReport, data: str, names: dict[str, str]) -> str:
    """Write a check's report as plain text: what is there, every fault by file, what is switched off.

    Parameters
    ----------
    report : CheckReport
    data : str
        What was checked, as the user named it.
    names : dict of str to str
        Measures' names by id.
    """
    lines = [f"Check of {data}", ""]
    if report.tables:
        width = max(len(t) for t in report.tables)
        lines += ["Tables", *(f"  {t.ljust(width)}  {n:>12,} rows" for t, n in report.tables.items()), ""]
    for severity, head in _HEADS.items():
        faults = [f for f in report.faults if f.severity == severity]
        if not faults:
            continue
        lines.append(f"{head} ({sum(f.count for f in faults):,})")
        file = None
        for f in faults:
            if f.file != file:
                file = f.file
                lines.append(f"  {file}")
            where = ", ".join(
                p
                for p in (
                    f"row {f.row}" if f.row is not None else f.key,
                    f"column '{f.column}'" if f.column else "",
                )
                if p
            )
            lines.append(f"    {where + ': ' if where else ''}{f.problem}. {f.mend}.".replace("?.", "?"))
        lines.append("")
    if report.switched_off:
        lines.append("Measures that are switched off")
        by_lack: dict[str, list[str]] = {}
        for measure_id, lacks in report.switched_off.items():
            by_lack.setdefault(" and ".join(lacks), []).append(measure_id)
        for lack, ids in by_lack.items():
            titles = ", ".join(names.get(i, i) for i in ids)
            lines.append(f"  without {lack}: {titles}")
        lines.append("")
    errors, warnings = sum(f.count for f in report.errors), sum(f.count for f in report.warnings)
    lines.append("No errors." if not errors else f"{errors:,} error{'s' * (errors != 1)}.")
    if warnings:
        lines[-1] += f" {warnings:,} warning{'s' * (warnings != 1)}."
    return "\n".join(lines)
