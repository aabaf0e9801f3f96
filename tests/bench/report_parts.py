"""Where the processor time of a report goes.

``python report_parts.py PREPARED OUT SCHOOL…`` makes the schools' reports in one worker and prints its parts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["report_parts"]


def report_parts(prepared: Path, school_ids: list[str]) -> None:
    """Print the processor milliseconds of each part, measured in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([sys.executable, __file__, prepared, out, *school_ids], check=True)


def _spent(who: int) -> float:
    used = resource.getrusage(who)
    return 1000 * (used.ru_utime + used.ru_stime)


class _Watch:
    """Adds up the processor time of this process that calls of a function take."""

    def __init__(self, function):
        self.function, self.spent = function, 0.0

    def __call__(self, *args, **options):
        start = time.process_time()
        try:
            return self.function(*args, **options)
        finally:
            self.spent += 1000 * (time.process_time() - start)


def main() -> None:
    """Make the reports and print."""
    # As kit.reports.startup: a grammar that is slow to import and that nothing here needs.
    sys.modules["rfc3987_syntax"] = None
    import jsonschema  # noqa: F401

    del sys.modules["rfc3987_syntax"]
    from papermill.iorw import load_notebook_node

    import kit
    from kit.reports import engine, workers
    from kit.reports.prepared import load, report_language
    from kit.reports.tasks import Job, Task

    data, out = (str(Path(folder).resolve()) for folder in sys.argv[1:3])
    school_ids = sys.argv[3:]
    start = time.process_time()
    prepared = load(data)
    parameters = {"data": data, "school_year": int(prepared.school_year), "minimum": 20, "live": False}
    job = Job(
        template=str(kit.home() / "templates" / "school-report.ipynb"),
        out=out,
        parameters=parameters | {"language": "en"},
        workers=1,
        timeout=300,
        memory_mb=2048,
        page="kit.reports.html:page",
    )
    template = load_notebook_node(job.template)
    page = _Watch(workers._warm(job, template))
    warm = 1000 * (time.process_time() - start)
    language = report_language(data, "en")
    tasks = [
        Task(i, f"{n}.html", prepared.school_rows[i]["school_name"], "", n, {"school_id": i})
        for n, i in enumerate(school_ids)
    ]
    write = workers.write_whole = _Watch(workers.write_whole)
    before = _spent(resource.RUSAGE_SELF), _spent(resource.RUSAGE_CHILDREN)
    for task in tasks:
        done = workers.make_report(job, template, page, task, language)
        assert done.error is None, done.error
    worker = (_spent(resource.RUSAGE_SELF) - before[0]) / len(tasks)
    child = (_spent(resource.RUSAGE_CHILDREN) - before[1]) / len(tasks)

    shell, sections = engine.prebuilt().shell, {}
    for task in tasks:
        for cell in template.cells:
            if cell.cell_type != "code":
                continue
            begun = time.process_time()
            assert shell.run_cell(cell.source, silent=True).success
            spent = 1000 * (time.process_time() - begun)
            if "parameters" in cell.metadata.get("tags", []):
                shell.user_ns.update(job.parameters | task.parameters)
            sections[cell.id] = sections.get(cell.id, 0.0) + spent / len(tasks)
    cells = sum(sections.values())
    print(f"parts of a report, ms of processor, mean of {len(tasks)} (getting ready, once: {warm:,.0f} ms)")
    print(f"  cells {cells:.1f}: " + ", ".join(f"{name} {ms:.1f}" for name, ms in sections.items() if ms >= 0.5))
    print(f"  the child's fork, memory, kernel and messages {child - cells:.1f}")
    print(f"  page {page.spent / len(tasks):.1f}, writing it {write.spent / len(tasks):.1f}")
    print(f"  the worker's fork, messages and notebook {worker - (page.spent + write.spent) / len(tasks):.1f}")


if __name__ == "__main__":
    main()
