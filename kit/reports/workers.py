"""The process that makes reports, one after another: run the notebook, write its page.

Started by :mod:`kit.reports.pool` as a fresh interpreter that calls
:func:`kit.reports.startup.main`. It imports everything once, reads the
released numbers once, then forks the other workers, which share what it holds, and each forks one child a
notebook. It uses neither DuckDB nor anything else that does not survive a fork.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import json
import os
import signal
import sys
import time
from copy import deepcopy
from multiprocessing.connection import Client, Connection
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import prepare_notebook_metadata, raise_for_execution_errors, remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from papermill.utils import chdir

import kit
from kit.reports import engine
from kit.reports.manifest import write_whole
from kit.reports.orphans import end_with_the_batch, keep_line_to_batch
from kit.reports.reasons import in_a_line, no_room
from kit.reports.tasks import Done, Job, Task

__all__ = ["main", "make_report"]


def make_report(job: Job, template: nbformat.NotebookNode, page, task: Task, language="en") -> Done:
    """Run the notebook for one school (or district, or the network) and put its page in place, whole or not at all.

    ``template`` is what papermill's ``load_notebook_node`` gave.
    """
    start = time.monotonic()
    options = {
        "kernel_name": template.metadata.get("kernelspec", {}).get("name", "python3"),
        "progress_bar": False,
        "autosave_cell_every": 0,
        "timeout_func": lambda _cell: max(1, round(start + job.timeout - time.monotonic())),
        "memory_mb": job.memory_mb,
        "seed": task.seed,
    }
    run = _run_and_keep if job.notebooks else _run
    try:
        notebook = run(job, template, task, options)
        _forget_times(notebook)
        html = page(notebook, title=task.title, subtitle=task.subtitle, lang=language)
        write_whole(Path(job.out) / task.file, html)
    except Exception as error:
        return Done(task.unit_id, time.monotonic() - start, _reason(error, template, job))
    digest = hashlib.sha256((Path(job.out) / task.file).read_bytes()).hexdigest()
    return Done(task.unit_id, time.monotonic() - start, sha256=digest)


def _run_and_keep(job: Job, template: nbformat.NotebookNode, task: Task, options: dict) -> nbformat.NotebookNode:
    """Run the notebook by papermill and keep what it was run as."""
    return papermill.execute_notebook(
        template,
        Path(job.notebooks) / (Path(task.file).stem + ".ipynb"),
        job.parameters | task.parameters,
        engine_name="kit",
        language="python",
        request_save_on_cell_execute=False,
        cwd=str(Path(job.template).parent),
        **options,
    )


def _run(job: Job, template: nbformat.NotebookNode, task: Task, options: dict) -> nbformat.NotebookNode:
    """Run the notebook by papermill's own steps, without writing down three times what nobody keeps."""
    parameters = job.parameters | task.parameters
    book = parameterize_notebook(deepcopy(template), parameters, kernel_name=options["kernel_name"], language="python")
    book = remove_error_markers(prepare_notebook_metadata(book, job.template, None))
    with chdir(str(Path(job.template).parent)):
        book = papermill_engines.execute_notebook_with_engine("kit", book, input_path=None, output_path=None, **options)
    raise_for_execution_errors(book, None)
    return book


def _forget_times(notebook: nbformat.NotebookNode) -> None:
    """Take out when and how long it ran, so that the same report is the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)


def _reason(error: Exception, template: nbformat.NotebookNode, job: Job) -> str:
    """Say in one line which cell failed and why."""
    if isinstance(error, PapermillExecutionError):
        cell = next((c for c in template.cells if c.source == error.source), None)
        name = cell.id if cell is not None and "id" in cell else f"In [{error.exec_count}]"
        text = f"cell {name}: {error.ename}: {error.evalue}"
        if error.ename == "MemoryError":
            text = f"cell {name} needed more than the {job.memory_mb} MB it may take (MemoryError)"
    elif isinstance(error, CellTimeoutError):
        text = f"cell {_cell_name(error)} was stopped: the report took longer than {job.timeout} seconds"
    elif isinstance(error, DeadKernelError):
        text = f"cell {_cell_name(error)} ended its process: {error}"
    elif full := no_room(error):
        text = f"there is no room to write the report ({full})"
    else:
        text = f"{type(error).__name__}: {error}"
    return in_a_line(text)


def _cell_name(error: Exception) -> str:
    return getattr(error, "cell_name", "?")


def _imports(template: nbformat.NotebookNode) -> list[str]:
    """Name the modules that the notebook's cells import, so that they are imported once, here."""
    names = []
    for cell in template.cells:
        if cell.cell_type != "code":
            continue
        with contextlib.suppress(SyntaxError):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    names += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names += [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
    return names


def _cells(template: nbformat.NotebookNode, parameters: dict) -> list[str]:
    """Return the code of the cells, with the parameters after the cell that declares them."""
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cells = []
    for cell in template.cells:
        if cell.cell_type == "code":
            cells += [cell.source, *([given] if "parameters" in cell.metadata.get("tags", []) else [])]
    return cells


def _one_of_each_kind(prepared, template: nbformat.NotebookNode) -> list[dict]:
    """Return the parameters of a report for each level of school: each has charts that the others have not.

    Of each level it is the school with most numbers. A template about something else is rehearsed as it stands.
    """
    if prepared is None or template.metadata.get("kit", {}).get("subject", "school") != "school":
        return [{}]
    rows = prepared.glance.table["unit_id"].value_counts()
    schools = prepared.schools.assign(rows=prepared.schools["school_id"].map(rows).fillna(0))
    first = schools.sort_values(["rows", "school_id"], ascending=[False, True]).drop_duplicates("level")
    return [{"school_id": school_id} for school_id in first["school_id"]] or [{}]


def _warm(job: Job, template: nbformat.NotebookNode):
    """Import what the notebook imports, read the numbers, build the kernel; return the page writer."""
    for name in _imports(template):
        # A module that fails to import fails in its report, where it is named with its cell.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    module, _, function = job.page.partition(":")
    page = getattr(importlib.import_module(module), function)
    prepared = None
    with contextlib.suppress(ImportError, AttributeError):
        prepared = importlib.import_module("kit.reports.prepared").load(job.parameters["data"])
    engine.register()
    engine.preload()
    if Path(job.template).parent == kit.home() / "templates":
        # The kit's own notebooks leave nothing behind but filled caches, and a test says so.
        for parameters in _one_of_each_kind(prepared, template):
            engine.rehearse(_cells(template, job.parameters | parameters))
        charts = nbformat.v4.new_output("display_data", {"text/html": '<div class="chart"></div>'})
        with contextlib.suppress(Exception):
            page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[charts])]), title="", subtitle="")
    return page


def main() -> None:
    """Connect to the pool, get ready, fork the other workers, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    contact = json.loads(sys.stdin.readline())
    line = keep_line_to_batch()
    end_with_the_batch(line)
    address, key = contact["address"], bytes.fromhex(contact["key"])
    for name in contact["modules"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    connection = Client(address, authkey=key)
    connection.send(os.getpid())
    try:
        job: Job = connection.recv()
        template = load_notebook_node(job.template)
        page = _warm(job, template)
        for _ in range(job.workers - 1 if hasattr(os, "fork") else 0):
            if os.fork() == 0:
                os.setsid()
                end_with_the_batch(line)
                connection.close()
                connection = Client(address, authkey=key)
                connection.send(os.getpid())
                connection.recv()
                break
        _serve(connection, job, template, page)
    except (EOFError, ConnectionError):
        pass  # the pool has gone, and nobody waits for a report
    os._exit(0)


def _serve(connection: Connection, job: Job, template: nbformat.NotebookNode, page) -> None:
    if hasattr(os, "register_at_fork"):
        # A child that kept it open would hide this worker's death from the pool.
        os.register_at_fork(after_in_child=connection.close)
    from kit.reports.prepared import report_language

    language = report_language(job.parameters["data"], job.language)
    connection.send("ready")
    while True:
        connection.send(make_report(job, template, page, connection.recv(), language))
