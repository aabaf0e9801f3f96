"""The forked child that runs a notebook's cells: a real IPython kernel, spoken to over two socket pairs.

The messages are the ordinary Jupyter messages, so whatever nbclient makes of a kernel's outputs it makes of
these. What differs from ``python -m ipykernel_launcher`` is only how they travel and that nothing has to be
imported: the child is a copy of a process that has imported everything.
"""

from __future__ import annotations

import asyncio
import atexit
import codecs
import contextlib
import ctypes
import gc
import logging
import os
import random
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

# Else importing the kernel's debugger prints a warning.
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

import ipykernel.debugger
import ipykernel.ipkernel
import zmq
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from traitlets import Any
from traitlets.config import Config

__all__ = [
    "MESSAGE_CHANNEL",
    "REPLY_CHANNEL",
    "build_kernel",
    "pack_frames",
    "run_child",
    "unpack_frames",
    "unsigned_session",
]

MESSAGE_CHANNEL, REPLY_CHANNEL = b"i", b"s"
# What the kernel itself logs is no output of a cell.
_log = logging.getLogger("kit.reports.kernel")
_log.addHandler(logging.NullHandler())
_log.propagate = False
_HEAD = struct.Struct("!cI")
_PR_SET_PDEATHSIG = 1
# How often waiting output is looked at; ipykernel sends text 0.2 s after it was written, and so does this.
_LOOK_SECONDS = 0.05


def pack_frames(channel: bytes, frames: list) -> bytes:
    """Join the frames of one message into bytes that say where each ends."""
    views = [memoryview(f).cast("B") for f in frames]
    sizes = struct.pack(f"!{len(views)}Q", *(v.nbytes for v in views))
    return b"".join([_HEAD.pack(channel, len(views)), sizes, *views])


def unpack_frames(received: bytearray) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each complete message in ``received`` as (channel, frames) and remove it from there."""
    while len(received) >= _HEAD.size:
        channel, count = _HEAD.unpack_from(received)
        start = _HEAD.size + 8 * count
        if len(received) < start:
            return
        sizes = struct.unpack_from(f"!{count}Q", received, _HEAD.size)
        if len(received) < start + sum(sizes):
            return
        frames = []
        for size in sizes:
            frames.append(bytes(memoryview(received)[start : start + size]))
            start += size
        del received[:start]
        yield channel, frames


class _Channel:
    """What the kernel takes for a socket: writes whole messages to the parent, one at a time."""

    lock = threading.RLock()

    def __init__(self, name: bytes):
        self.name = name
        self.sock: socket.socket | None = None

    def send_multipart(self, frames: list, copy: bool = True, **_) -> None:
        data = pack_frames(self.name, frames)
        # An interrupt in the middle of a message would leave half a message in the pipe.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with self.lock:
                if self.sock is not None:
                    self.sock.sendall(data)
        except ConnectionError:
            self.sock = None  # the parent has hung up; what is still written has no reader
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Publisher(IOPubThread):
    """Sends at once, in the thread that asks: no thread and no socket of its own."""

    class _NoLoop:
        def call_later(self, *_):
            """The watching thread of :class:`_Output` flushes instead."""

    def __init__(self, channel: _Channel):
        self.channel, self.socket, self.thread = channel, channel, None
        self.io_loop = self._NoLoop()

    def schedule(self, f):
        f()

    def send_multipart(self, frames, *args, **kwargs):
        self.channel.send_multipart(frames)


class _Output(OutStream):
    """A kernel's output stream that also takes in what is written to its file descriptor.

    The descriptor points to an unlinked file: nothing that writes to it ever waits, and what was
    written before a cell's end belongs to that cell, which a pipe and a thread cannot promise.
    """

    lock = threading.RLock()

    def __init__(self, session, publisher, name: str, descriptor: int):
        sys.__dict__[f"__{name}__"].flush()
        self._original_stdstream_copy = os.dup(descriptor)
        self._file = _unlinked_file()
        os.dup2(self._file, descriptor)
        self._read_to = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._since: float | None = None
        super().__init__(session, publisher, name, watchfd=False)

    def _schedule_flush(self):
        if self._since is None:
            self._since = time.monotonic()

    def _take_in(self) -> None:
        size = os.fstat(self._file).st_size
        if size > self._read_to:
            data = os.pread(self._file, size - self._read_to, self._read_to)
            self._read_to += len(data)
            super().write(self._decode(data))

    def _flush(self):
        with self.lock:
            self._since = None
            super()._flush()

    def flush_due(self) -> None:
        """Send what has waited for ``flush_interval`` seconds."""
        with self.lock:
            self._take_in()
            if self._since is not None and time.monotonic() - self._since >= self.flush_interval:
                self._flush()

    def write(self, text: str) -> int | None:
        with self.lock:
            self._take_in()
            return super().write(text)

    def flush(self):
        with self.lock:
            self._take_in()
            self._flush()


def _unlinked_file() -> int:
    """Open a file without a name to which every writer appends."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("output", 0)
    else:
        fd, path = tempfile.mkstemp()
        os.unlink(path)
    import fcntl

    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
    return fd


class _Kernel(IPythonKernel):
    """IPython's kernel, with channels in place of ZeroMQ sockets and no queue to abort."""

    shell_stream = Any()
    _supports_kernel_subshells = False

    def _abort_queues(self, subshell_id=None):
        """Nothing is ever queued: the parent sends a cell when the one before has been answered."""


def unsigned_session(username: str) -> Session:
    """Make a session that signs nothing: its messages pass between a process and its own child only."""
    session = Session(username=username)
    session.key = b""  # given to the constructor, it would warn
    return session


def build_kernel() -> _Kernel:
    """Make the kernel and its shell; before a fork it costs each child nothing.

    History is kept in memory only, and a person's own IPython start-up files are not read: a batch
    makes the same report for whoever runs it.
    """
    # The caller may have a kernel or a shell of another kind (a terminal's, a test's): the child needs its own.
    for kind in (IPythonKernel, InteractiveShell):
        if kind.initialized():
            type(kind.instance()).clear_instance()
    ipykernel.ipkernel._comm_manager = None
    config = Config()
    config.HistoryManager.enabled = False
    config.IPKernelApp.connection_file = ""  # tqdm and others take this for «in a notebook»
    kernel = _Kernel.instance(
        config=config,
        log=_log,
        session=unsigned_session("kernel"),
        iopub_socket=_Channel(MESSAGE_CHANNEL),
        shell_stream=_Channel(REPLY_CHANNEL),
        shell_channel_thread=type("NoThread", (), {"parent_thread": None})(),
    )
    kernel._execute_sleep = 0  # a pause for ZeroMQ's sake
    kernel.shell.extension_manager.load_extension("storemagic")
    return kernel


def run_child(
    kernel: _Kernel | None,
    requests: socket.socket,
    messages: socket.socket,
    *,
    memory_mb: int | None,
    seed: int | None,
    parent: int,
) -> None:
    """Answer the parent's requests until it hangs up, then end the process; never returns.

    Parameters
    ----------
    kernel : the kernel built before the fork, or None to build one here
    requests, messages : sockets from and to the parent
    memory_mb : int or None
        How many MB the cells may add to the memory the process has at its start.
    seed : int or None
        Seeds ``random`` and NumPy; None seeds them afresh, so that no two children draw the same.
    parent : int
        Process id of the parent.
    """
    status, tell = 1, os.dup(2)
    try:
        os.setsid()
        _end_with(parent)
        kernel = kernel or build_kernel()
        _make_own(kernel, messages, seed)
        _limit_memory(memory_mb)
        asyncio.set_event_loop(loop := asyncio.new_event_loop())
        task = loop.create_task(_serve(kernel, requests))
        loop.run_forever()  # ended by _serve, or by exit() in a cell as in any kernel
        status = 0
        if task.done() and not task.cancelled():
            task.result()
        atexit._run_exitfuncs()
    except BaseException as error:
        # Only a fault of this module comes here: a cell's own errors are the kernel's to report.
        with contextlib.suppress(OSError):
            os.write(tell, f"The notebook's process failed: {error!r}\n".encode())
    finally:
        os._exit(status)


async def _serve(kernel: _Kernel, requests: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    requests.setblocking(False)
    kernel.io_loop = IOLoop.current()
    received = bytearray()
    try:
        while data := await loop.sock_recv(requests, 1 << 20):
            received += data
            for _, frames in unpack_frames(received):
                await kernel.dispatch_shell([zmq.Frame(f) for f in frames])
    finally:
        loop.stop()


def _end_with(parent: int) -> None:
    """Have the system end this process when its parent is gone (Linux; elsewhere the closed socket does)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _make_own(kernel: _Kernel, messages: socket.socket, seed: int | None) -> None:
    """Give the child its own streams, signals, seeds, log and exit functions."""
    for name in ("SIGTERM", "SIGALRM", "SIGCHLD", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as ipykernel: only a running cell is interrupted
    atexit._clear()
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    gc.enable()
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(None if seed is None else seed % 2**32)

    for channel in (kernel.iopub_socket, kernel.shell_stream):
        channel.sock = messages
    session = kernel.session
    session.pid = os.getpid()
    publisher = _Publisher(kernel.iopub_socket)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    outputs = [_Output(session, publisher, n, fd) for n, fd in (("stdout", 1), ("stderr", 2))]
    sys.stdout, sys.stderr = outputs
    kernel._stdout, kernel._stderr = outputs
    shell = kernel.shell
    sys.displayhook = sys.__displayhook__
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    shell.init_environment()
    sys.path[:] = ["", *(p for p in sys.path if p)]  # modules beside the notebook, as in a kernel
    sys.argv = [str(ipykernel.__path__[0]) + "_launcher.py"]
    sys.modules[shell.user_module.__name__] = shell.user_module
    threading.Thread(target=_watch, args=(outputs,), daemon=True).start()


def _watch(outputs: list[_Output]) -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        for output in outputs:
            with contextlib.suppress(OSError):
                output.flush_due()


def _limit_memory(memory_mb: int | None) -> None:
    """Let the process grow by so many MB and no more (where the system can tell and enforce it)."""
    if memory_mb is None:
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm") as pages:
            now = int(pages.read().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = now + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, most if most == -1 else max(most, limit)))
