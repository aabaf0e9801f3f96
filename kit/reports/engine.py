"""A papermill engine that runs a notebook in a child forked from this process.

``papermill --engine kit IN.ipynb OUT.ipynb`` and :func:`kit.reports.batch.make_reports` both use it. A stock
run starts an interpreter, imports everything again and talks to it over the network; a forked child
has all that this process has imported already. Papermill and nbclient are used as they are: only the kernel
differs, so what a notebook shows is the same.
"""

from __future__ import annotations

import os

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

__all__ = ["KitEngine", "preload", "why_stock"]

_prebuilt: tuple[int, object] | None = None


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

        _prebuilt = (os.getpid(), build_kernel())


class KitEngine(NBClientEngine):
    """Runs a notebook's cells in a forked child, or in a stock kernel where that cannot be.

    Engine options (papermill's ``**engine_kwargs``) beside the stock engine's:

    memory_mb : int, optional
        How many MB the notebook may take; then it gets a ``MemoryError``. Linux only.
    seed : int, optional
        Seeds ``random`` and NumPy, so that a report that draws is the same each time.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, memory_mb: int | None = None, seed: int | None = None, **kwargs
    ):
        if reason := why_stock(nb_man.nb):
            logger.warning(f"Run by papermill's own engine: {reason}.")
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        from kit.reports.forked import ForkedKernel

        built = _prebuilt[1] if _prebuilt else None
        with ForkedKernel(prebuilt=built, memory_mb=memory_mb, seed=seed) as kernel:
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, km=kernel, **kwargs)
            except DeadKernelError:
                error = DeadKernelError(f"Kernel died ({kernel.how_it_ended()})")
                error.cell_name = _running(nb_man.nb)
                raise error from None
            except CellTimeoutError as error:
                kernel.shutdown_kernel(now=True)
                error.cell_name = _running(nb_man.nb)
                raise


def _running(nb) -> str:
    """Name the cell that was begun last: by its id, or by its place where it has none."""
    begun = [(i, c) for i, c in enumerate(nb.cells) if c.metadata.get("papermill", {}).get("start_time")]
    return begun[-1][1].get("id", str(begun[-1][0] + 1)) if begun else "?"


# Found by the entry point where the kit is installed; by this where it is only on the path.
papermill_engines.register("kit", KitEngine)
