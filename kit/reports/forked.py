"""The parent's side of a forked kernel: fork it, speak with it, end it.

:class:`ForkedKernel` is handed to nbclient in place of a kernel manager and :class:`ForkedClient` in place of
its client, so timeouts, dead kernels, tags, display updates and widget state are nbclient's own work.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
import time
from collections import deque
from contextvars import Context
from datetime import datetime
from queue import Empty

from kit.reports.child import MESSAGE_CHANNEL, REPLY_CHANNEL, pack_frames, run_child, unpack_frames, unsigned_session

__all__ = ["ForkedClient", "ForkedKernel"]


class _Queue:
    """Messages of one channel, waited for with a timeout."""

    def __init__(self, client: ForkedClient):
        self._client, self._messages = client, deque()
        self._waiting: asyncio.Future | None = None

    def put(self, message: dict) -> None:
        self._messages.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def get_msg(self, timeout: float | None = None) -> dict:
        """Return the next message; raise ``queue.Empty`` after ``timeout`` seconds."""
        await self._client.send_waiting()
        while not self._messages:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await asyncio.wait_for(self._waiting, timeout)
            except TimeoutError:
                raise Empty from None
        return self._messages.popleft()

    def send(self, message: dict) -> None:
        """Keep a front end's message for the kernel, which reads it after the cell that it now runs."""
        self._client.kept.append(message)


class ForkedClient:
    """Speaks Jupyter's messages with the child; the part of ``KernelClient`` that nbclient uses."""

    allow_stdin = False

    def __init__(self, kernel: ForkedKernel, requests: socket.socket, messages: socket.socket):
        self.session = unsigned_session("kit")
        self.kept: list[dict] = []
        self.shell_channel, self.iopub_channel = _Queue(self), _Queue(self)
        self._kernel, self._requests, self._messages = kernel, requests, messages
        self._received, self._waiting = bytearray(), b""
        self._loop: asyncio.AbstractEventLoop | None = None
        for sock in (requests, messages):
            sock.setblocking(False)

    def start_channels(self) -> None:
        """Nothing to open: the sockets were made with the child."""

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """Nothing to wait for: requests wait in the socket until the child reads them."""

    def stop_channels(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._messages)
        self._loop = None

    def is_alive(self) -> bool:
        return self._kernel.is_alive()

    def listen(self) -> None:
        """Read from the child in whichever event loop is running now."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.stop_channels()
            self._loop = loop
            loop.add_reader(self._messages, self._read)

    def _read(self) -> None:
        try:
            data = self._messages.recv(1 << 20)
        except (BlockingIOError, InterruptedError):
            return
        except ConnectionError:
            data = b""
        if not data:
            self.stop_channels()  # the child has ended; nbclient asks is_alive() each second
            return
        self._received += data
        for channel, frames in unpack_frames(self._received):
            _, parts = self.session.feed_identities(frames)
            message = _message(parts)
            {MESSAGE_CHANNEL: self.iopub_channel, REPLY_CHANNEL: self.shell_channel}[channel].put(message)

    async def send_waiting(self) -> None:
        """Send the requests that wait; the child's messages are read meanwhile, so neither side blocks."""
        self.listen()
        waiting, self._waiting = self._waiting, b""
        if waiting:
            with contextlib.suppress(ConnectionError):  # a dead child is noticed by is_alive
                await asyncio.get_running_loop().sock_sendall(self._requests, waiting)

    def _request(self, kind: str, content: dict) -> str:
        message = self.session.msg(kind, content)
        for each in (*self.kept, message):
            frames = self.session.serialize(each) + list(each.get("buffers", []))
            self._waiting += pack_frames(REPLY_CHANNEL, frames)
        self.kept.clear()
        return message["header"]["msg_id"]

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for one cell to be run; return the id of the request."""
        return self._request(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": store_history,
                "user_expressions": {},
                "allow_stdin": self.allow_stdin,
                "stop_on_error": stop_on_error,
            },
        )

    def kernel_info(self) -> str:
        return self._request("kernel_info_request", {})


def _message(parts: list[bytes]) -> dict:
    """Read a message as ``Session.deserialize`` does, but of the times only those that have a use.

    Looking for times in every text of every header takes longer than reading all the rest.
    """
    header, parent, metadata, content = (json.loads(part.decode("utf-8", "replace")) for part in parts[1:5])
    for each in (header, parent):
        if "date" in each:
            each["date"] = datetime.fromisoformat(each["date"])
    return {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": header["msg_type"],
        "parent_header": parent,
        "metadata": metadata,
        "content": content,
        "buffers": [memoryview(part) for part in parts[5:]],
    }


class ForkedKernel:
    """A kernel in a child forked from this process; use it in a ``with``.

    Parameters
    ----------
    prebuilt : kernel built before the fork, or None
    memory_mb : int or None
        How many MB the notebook may take.
    seed : int or None
        Seeds ``random`` and NumPy in the child.
    """

    has_kernel, ipykernel, kernel_id = True, False, None

    def __init__(self, *, prebuilt=None, memory_mb: int | None = None, seed: int | None = None):
        self._exit: int | None = None
        requests, messages = socket.socketpair(), socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()  # so that the child's collector does not touch, and so copy, what the parent holds
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            requests[0].close()
            messages[0].close()
            settings = {"memory_mb": memory_mb, "seed": seed, "parent": parent}
            # An empty context: no variable of the parent's, such as its event loop, is seen in the child.
            Context().run(run_child, prebuilt, requests[1], messages[1], **settings)
        gc.unfreeze()
        for sock in (requests[1], messages[1]):
            sock.close()
        self._client = ForkedClient(self, requests[0], messages[0])
        self._sockets = (requests[0], messages[0])

    def __enter__(self) -> ForkedKernel:
        return self

    def __exit__(self, *_) -> None:
        self.shutdown_kernel()
        self.cleanup_resources()

    def client(self) -> ForkedClient:
        return self._client

    def is_alive(self) -> bool:
        if self._exit is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self._exit = status if pid else None
        return self._exit is None

    def how_it_ended(self) -> str:
        """Say in words how the child ended, for a message."""
        if self.is_alive():
            return "it still runs"
        code = os.waitstatus_to_exitcode(self._exit)
        return f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def interrupt_kernel(self) -> None:
        os.kill(self.pid, signal.SIGINT)

    async def interrupted(self, grace: float = 1.0) -> None:
        """Interrupt the cell that runs too long and let nbclient take in where it was, as with any kernel."""
        self.interrupt_kernel()
        with contextlib.suppress(Empty):
            await self._client.shell_channel.get_msg(timeout=grace)
        await asyncio.sleep(0.05)  # for nbclient's own task to read what came before the answer

    def shutdown_kernel(self, now: bool = False, grace: float = 1.0) -> None:
        """Hang up, which ends a child that waits; after ``grace`` seconds end it by force."""
        self._client.stop_channels()
        for sock in self._sockets:
            sock.close()
        deadline, pause = time.monotonic() + (0 if now else grace), 0.0005
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(2 * pause, 0.02)
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            _, self._exit = os.waitpid(self.pid, 0)

    def cleanup_resources(self, restart: bool = False) -> None:
        """End what the notebook left running in the child's own session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
