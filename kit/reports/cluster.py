"""Reports made by the workers of a Dask cluster, handed out and taken in as :class:`kit.reports.pool.Pool` does.

A worker need not share files with this machine. The released numbers and the template are sent once, by their
content, and unpacked in each worker's scratch folder (:mod:`kit.reports.cluster_worker`); a page comes back as bytes
and is written here, whole or not at all. A report whose worker died is made by another. Where several workers died
with it (Dask's setting ``distributed.scheduler.allowed-failures``) it is tried once more alone, then named.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import logging
import queue
import threading
import time
import uuid
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kit.errors import KitError
from kit.reports import cluster_worker
from kit.reports.cluster_worker import BUNDLED, Order
from kit.reports.manifest import write_whole
from kit.reports.reasons import in_a_line, no_room
from kit.reports.tasks import Done

__all__ = ["ClusterPool"]

_ANSWER_SECONDS = 20
_WORKER_SECONDS = 120
_END_SECONDS = 20
_DIED_WITH_ITS_WORKER = object()


class ClusterPool:
    """The workers of a Dask cluster; use it in a ``with``.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://127.0.0.1:8786``; ``tls://`` takes its keys from Dask's configuration.

    Raises
    ------
    KitError
        If Dask is not installed here, no scheduler answers, it has no workers, or a worker has another kit.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise KitError(
                "Dask is not installed here",
                where="--cluster",
                mend="Run: pip install 'improvement-inquiry-kit[cluster]'.",
            ) from None
        if not address.startswith(("tcp://", "tls://")):
            raise KitError(
                f"'{address}' is no address of a scheduler",
                where="--cluster",
                mend="Write tcp://host:port, as it says.",
            )
        # What Dask says on its own beside an error that is said here in words helps nobody.
        for name in ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._run, self._numbers, self._job = uuid.uuid4().hex, itertools.count(), None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # versions are compared below
                self._client = Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise KitError(
                f"No scheduler answers there ({in_a_line(str(error)) or type(error).__name__})",
                where=f"--cluster {address}",
                mend="Start one with: dask scheduler",
            ) from None
        try:
            self._edition = cluster_worker.edition()
            self._refuse_other_kits()
        except BaseException:
            self._client.close()
            raise

    def _refuse_other_kits(self) -> None:
        mend = "Install on every worker the kit, Python and packages that are here."
        try:
            self._client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            raise KitError(
                "The cluster has no workers", where="--cluster", mend="Start some: dask worker ADDRESS"
            ) from None
        try:
            editions = self._client.run(cluster_worker.edition)
        except Exception as error:
            problem = f"A worker of the cluster cannot use the kit ({type(error).__name__}: {in_a_line(str(error))})"
            raise KitError(problem, where="--cluster", mend=mend) from None
        others = [worker for worker, held in editions.items() if held != self._edition]
        if others:
            some = ", ".join(sorted(others)[:5])
            raise KitError(
                f"{len(others)} of {len(editions)} workers of the cluster have another version of the kit: {some}",
                where="--cluster",
                mend=mend,
            )

    def __enter__(self) -> ClusterPool:
        return self

    def __exit__(self, *_) -> None:
        # A worker that does not answer must not keep the batch from its end.
        thread = threading.Thread(target=self._end, daemon=True)
        thread.start()
        thread.join(_END_SECONDS)

    def _end(self) -> None:
        if self._client.status == "running":
            with contextlib.suppress(Exception):
                self._client.run(cluster_worker.put_away, self._run)
        with contextlib.suppress(Exception):
            self._client.close()

    def run(self, job, tasks: list) -> Iterator[tuple[object, object]]:
        """Yield (task, what came of it) as reports are done; None for a task that ended the process that made it.

        Parameters
        ----------
        job : kit.reports.tasks.Job
        tasks : list of kit.reports.tasks.Task
        """
        self._job, bundle = job, _bundle(job)
        order = Order(
            run=self._run,
            job=replace(job, workers=1),
            template=Path(job.template).name,
            digest=hashlib.sha256(bundle).hexdigest(),
            edition=self._edition,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Dask would have large things scattered, which a worker's death loses
            sent = self._client.submit(cluster_worker.received, bundle, key=f"kit-numbers-{self._run}", pure=False)
        try:
            suspects = []
            for task, done in self._each(sent, order, tasks):
                if done is _DIED_WITH_ITS_WORKER:
                    suspects.append(task)
                else:
                    yield task, done
            # Dask blames all that waited at a worker that died. Each of them again, alone: then there is no doubt.
            for suspect in suspects:
                for task, done in self._each(sent, order, [suspect]):
                    yield task, None if done is _DIED_WITH_ITS_WORKER else done
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel([sent], force=True)

    def _each(self, sent, order: Order, tasks: list) -> Iterator[tuple[object, object]]:
        """Have the pages made and taken in, in the order in which they are done."""
        finished: queue.SimpleQueue = queue.SimpleQueue()
        waiting = {}
        try:
            for task in tasks:
                # Another name than the numbers': Dask spreads over the workers what it takes to be one kind of
                # work, and keeps where its input lies what it has seen to be done in a moment.
                key = f"kit-page-{self._run}-{next(self._numbers)}"
                future = self._client.submit(cluster_worker.make_page, sent, order, task, key=key, pure=False)
                waiting[key] = (task, future)
                future.add_done_callback(finished.put)
            last_seen = time.monotonic()
            while waiting:
                try:
                    future = finished.get(timeout=1)
                except queue.Empty:
                    last_seen = self._last_seen(last_seen)
                    continue
                last_seen = time.monotonic()
                task, _ = waiting.pop(future.key)
                done = self._taken_in(future, task)
                future.release()
                yield task, done
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel([future for _, future in waiting.values()], force=True)

    def _last_seen(self, before: float) -> float:
        """Return when workers were there last; raise where nothing more can come."""
        if self._client.status not in ("running", "connecting"):
            raise _gone("scheduler")
        with contextlib.suppress(OSError):
            if self._client.scheduler_info()["workers"]:
                return time.monotonic()
        if time.monotonic() - before > _WORKER_SECONDS:
            raise _gone("workers")
        return before

    def _taken_in(self, future, task):
        """Write a page that came back, and return what came of it."""
        from distributed import CancelledError
        from distributed.scheduler import KilledWorker

        try:
            made = future.result()
        except KilledWorker:
            return _DIED_WITH_ITS_WORKER
        except CancelledError:
            raise _gone("scheduler") from None
        except Exception as error:
            return Done(task.unit_id, 0.0, in_a_line(f"{type(error).__name__}: {error}"))
        try:
            if made.notebook is not None:
                write_whole(Path(self._job.notebooks) / (Path(task.file).stem + ".ipynb"), made.notebook.decode())
            if made.page is None:
                return made.done
            write_whole(Path(self._job.out) / task.file, made.page.decode())
        except OSError as error:
            full = no_room(error)
            said = f"there is no room to write the report ({full})" if full else f"{type(error).__name__}: {error}"
            return Done(task.unit_id, made.done.seconds, in_a_line(said))
        return made.done


def _gone(what: str) -> KitError:
    mend = "What was made is whole; run the same command again for the rest."
    return KitError(f"The {what} of the cluster went away", where="--cluster", mend=mend)


def _bundle(job) -> bytes:
    """Pack the prepared numbers and the template; the same content is the same bytes."""
    prepared, template = Path(job.parameters["data"]), Path(job.template)
    files = {f"{BUNDLED}/{p.relative_to(prepared).as_posix()}": p for p in prepared.rglob("*") if p.is_file()}
    files[f"template/{template.name}"] = template
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, path in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return packed.getvalue()
