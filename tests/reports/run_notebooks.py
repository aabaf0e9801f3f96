"""Run notebooks by one engine in a process of its own and write what came of them as JSON.

``python run_notebooks.py ENGINE FOLDER``: ENGINE is ``kit`` or ``nbclient`` (papermill's own).
"""

import json
import logging
import sys
from pathlib import Path

import nbformat
import papermill

from kit.reports import engine as kit_engine


def run(engine: str, path: Path, out: Path) -> dict:
    options = json.loads(nbformat.read(path, 4).metadata.get("options", "{}"))
    error = ""
    try:
        papermill.execute_notebook(
            path, out, {"given": "it's “given”"}, engine_name=engine, progress_bar=False, **options
        )
    except Exception as raised:
        error = type(raised).__name__
    notebook = nbformat.read(out, 4)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cells.append(
                {
                    "source": cell.source,
                    "count": cell.execution_count,
                    "outputs": cell.outputs,
                    "status": cell.metadata.get("papermill", {}).get("status"),
                }
            )
        else:
            cells.append({"source": cell.source})
    return {
        "error": error,
        "cells": cells,
        "widgets": notebook.metadata.get("widgets"),
        "language": notebook.metadata.get("language_info"),
    }


def main() -> None:
    logging.disable(logging.ERROR)
    kit_engine.register()
    engine, folder = sys.argv[1], Path(sys.argv[2])
    results = {}
    (folder / engine).mkdir()
    for path in sorted(folder.glob("*.ipynb")):
        results[path.stem] = run(engine, path, folder / engine / path.name)
    (folder / f"{engine}.json").write_text(json.dumps(results))


main()
