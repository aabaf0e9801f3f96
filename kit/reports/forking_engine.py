"""Papermill's own engine, with a forked child in place of the kernel that it would start."""

from __future__ import annotations

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine
from papermill.log import logger

from kit.reports import engine
from kit.reports.forked import ForkedKernel

__all__ = ["ForkingEngine"]


class ForkingEngine(NBClientEngine):
    """What :class:`kit.reports.engine.KitEngine` is made of; its options are described there."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, memory_mb: int | None = None, seed: int | None = None, **kwargs
    ):
        if reason := engine.why_stock(nb_man.nb):
            logger.warning(f"Run by papermill's own engine: {reason}.")
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        with ForkedKernel(prebuilt=engine.prebuilt(), memory_mb=memory_mb, seed=seed) as kernel:
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, km=kernel, **kwargs)
            except DeadKernelError:
                error = DeadKernelError(f"Kernel died ({kernel.how_it_ended()})")
                error.cell_name = _running(nb_man.nb)
                raise error from None
            except CellTimeoutError as error:
                run_sync(kernel.interrupted)()
                kernel.shutdown_kernel(now=True)
                error.cell_name = _running(nb_man.nb)
                raise


def _running(nb) -> str:
    """Name the cell that was begun last: by its id, or by its place where it has none."""
    begun = [(i, c) for i, c in enumerate(nb.cells) if c.metadata.get("papermill", {}).get("start_time")]
    return begun[-1][1].get("id", str(begun[-1][0] + 1)) if begun else "?"
