"""A papermill engine that runs a notebook in a child forked from this process.

``papermill --engine kit IN.ipynb OUT.ipynb`` and :func:`kit.reports.batch.make_reports` both use it. A stock
run starts an interpreter, imports everything again and talks to it over the network; a forked child
has all that this process has imported already. Papermill and nbclient are used as they are: only the kernel
differs, so what a notebook shows is the same.

Nothing of papermill is imported here at the top: papermill imports this module while it is itself imported.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

__all__ = ["KitEngine", "prebuilt", "preload", "register", "rehearse", "why_stock"]

_prebuilt = None


def why_stock(nb, language: str | None = None) -> str | None:
    """Say why a notebook has to be run by papermill's own engine; None where it need not.

    A notebook asks for it with ``"kit": {"engine": "stock"}`` in its metadata.
    """
    if not hasattr(os, "fork"):
        return "this system cannot fork"
    if nb.metadata.get("kit", {}).get("engine") == "stock":
        return "the notebook asks for it"
    spec = nb.metadata.get("kernelspec", {})
    language = language or spec.get("language") or nb.metadata.get("language_info", {}).get("name")
    if (language or "python").lower() != "python":
        return f"its kernel speaks {language}, not Python"
    return None


def preload() -> None:
    """Build the kernel now, once, so that each child is forked with it ready.

    For a process that does nothing but run notebooks: it takes over ``get_ipython``.
    """
    global _prebuilt
    if hasattr(os, "fork") and _prebuilt is None:
        from kit.reports.child import build_kernel

        main = sys.modules["__main__"]
        _prebuilt = build_kernel()
        sys.modules["__main__"] = main  # the child takes the notebook's own


def prebuilt():
    """Return the kernel that :func:`preload` built, or None."""
    return _prebuilt


def register() -> None:
    """Make the engine known where the kit is only on the path and not installed."""
    from papermill.engines import papermill_engines

    papermill_engines.register("kit", KitEngine)


def rehearse(cells: list[str]) -> None:
    """Run cells in this process and forget them, so that what they fill and load is there for each child.

    For a process that has called :func:`preload`, and for cells that leave no state but caches.
    """
    if _prebuilt is None:
        return
    shell = _prebuilt.shell
    main = sys.modules["__main__"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for cell in cells:
            if not shell.run_cell(cell, store_history=True).success:
                break  # its report will say so
    shell.reset(new_session=True)
    hook, nothing = shell.displayhook, {"_": "", "__": "", "___": ""}
    vars(hook).update(nothing)
    shell.user_ns.update(nothing)  # as in a new shell
    sys.modules["__main__"] = main


class KitEngine:
    """Runs a notebook's cells in a forked child, or in a stock kernel where that cannot be.

    Engine options (papermill's ``**engine_kwargs``) beside the stock engine's:

    memory_mb : int, optional
        How many MB the notebook may take; then it gets a ``MemoryError``. Linux only.
    seed : int, optional
        Seeds ``random`` and NumPy, so that a report that draws is the same each time.
    """

    @classmethod
    def _engine(cls):
        from kit.reports.forking_engine import ForkingEngine

        return ForkingEngine

    @classmethod
    def execute_notebook(cls, nb, kernel_name, *args, **options):
        """Run the notebook; return it with its outputs."""
        return cls._engine().execute_notebook(nb, kernel_name, *args, **options)

    @classmethod
    def nb_kernel_name(cls, nb, name=None):
        """Name the kernel that the notebook asks for."""
        return cls._engine().nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb, language=None):
        """Name the language that the notebook is written in."""
        return cls._engine().nb_language(nb, language)
