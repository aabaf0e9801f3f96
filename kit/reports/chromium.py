"""A Chromium that stays open, asked over its own protocol (Chrome DevTools): for printing, not for browsing.

The words go through a pipe that no other program can reach, and a browser whose pipe is closed ends by itself, so
none is left behind when the process that started it is killed. Windows cannot hand such a pipe to a child: there
the same words go through a socket of this computer.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kit.errors import KitError

__all__ = ["Browser", "BrowserEnded", "find_chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
        r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
        r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
    ),
}
# It prints pages that it is handed: no profile to keep, nothing to update, nobody to call.
_QUIET = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--disable-sync", "--disable-extensions", "--mute-audio",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-dev-shm-usage", "--disable-breakpad", "--disable-crash-reporter",
    "--metrics-recording-only", "--no-service-autorun", "--password-store=basic", "--use-mock-keychain",
    "--disable-features=Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider",
    "--font-render-hinting=none", "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip
_START_SECONDS, _END_SECONDS = 60, 5


class BrowserEnded(Exception):
    """The browser is gone, or has not answered in time."""


def find_chromium() -> str:
    """Return the Chromium (or Chrome, or Edge) that is installed.

    ``KIT_CHROMIUM`` names one; otherwise it is looked for on the path and in the usual places.

    Raises
    ------
    KitError
        If there is none.
    """
    given = os.environ.get("KIT_CHROMIUM", "")
    if given:
        found = shutil.which(given)
        if not found:
            raise KitError(
                "KIT_CHROMIUM names a browser that is not there", where=given, mend="Give the path of its program."
            )
        return found
    places = (os.path.expandvars(place) for place in _PLACES.get(sys.platform, ()))
    found = next(filter(None, map(shutil.which, (*_NAMES, *places))), None)
    if found is None:
        raise KitError(
            "PDF files need Chromium, Chrome or Edge, and none was found",
            mend="Install one (Debian: apt-get install chromium), or let KIT_CHROMIUM name its program; "
            "--format html needs none.",
        )
    return found


class Browser:
    """A running browser; :meth:`ask` it, and :meth:`close` it.

    Parameters
    ----------
    seconds : float
        How long it may take over one answer.
    socket : bool, optional
        Speak through a socket; by default only on Windows.

    Raises
    ------
    KitError
        If there is no Chromium, or it does not start.
    """

    def __init__(self, seconds: float = 60.0, *, socket: bool | None = None):
        self._seconds = seconds
        self._asked = 0
        program = find_chromium()
        self._folder = tempfile.mkdtemp(prefix="kit-print-")
        arguments = [program, *_QUIET, f"--user-data-dir={self._folder}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's sandbox refuses the superuser, as in a container
        try:
            way = _Socket if (sys.platform == "win32" if socket is None else socket) else _Pipe
            self._way = way([*arguments, "about:blank"], Path(self._folder))
            self.pid = self._way.pid
            self.ask("Browser.getVersion", seconds=_START_SECONDS)
        except (OSError, BrowserEnded) as error:
            self.close()
            raise KitError(
                "the browser that prints PDF files does not start",
                where=program,
                mend=f"Start it by hand to see why ({error}).",
            ) from None

    def ask(self, method: str, session: str | None = None, *, seconds: float | None = None, **parameters) -> dict:
        """Call a method of the protocol and return its result.

        Raises
        ------
        BrowserEnded
            If the browser is gone or takes too long.
        KitError
            If it refuses.
        """
        self._asked += 1
        number, until = self._asked, time.monotonic() + (seconds or self._seconds)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        try:
            self._way.send(json.dumps(message).encode())
            while True:
                answer = json.loads(self._way.receive(until))
                if answer.get("id") == number:
                    break
                if answer.get("method") == "Inspector.targetCrashed" or (
                    answer.get("method") == "Target.detachedFromTarget" and session
                ):
                    raise BrowserEnded("the page crashed")
        except OSError as error:
            raise BrowserEnded(str(error)) from None
        if "error" in answer:
            raise KitError(f"the browser refuses {method}: {answer['error'].get('message', '')}")
        return answer["result"]

    def tab(self) -> str:
        """Open an empty tab and return its session."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        return self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def evaluate(self, session: str, expression: str):
        """Evaluate an expression in a tab, wait for its promise, and return its value."""
        got = self.ask("Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in got:
            said = got["exceptionDetails"]
            raise KitError(said.get("exception", {}).get("description", said.get("text", "")).split("\n")[0])
        return got["result"].get("value")

    def close(self) -> None:
        """End the browser and take its folder away; more than once does nothing."""
        way, self._way = getattr(self, "_way", None), None
        if way is not None:
            way.close()
        for _try in range(20):  # what a browser that was killed leaves behind may still write for a moment
            shutil.rmtree(self._folder, ignore_errors=True)
            if not os.path.exists(self._folder):
                break
            time.sleep(0.05)


class _Pipe:
    """Words through the browser's file descriptors 3 and 4, each ended by a zero byte."""

    def __init__(self, arguments: list[str], _folder: Path):
        import fcntl

        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # Out of the way of 3 and 4, where Chromium looks for them.
        high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (theirs_in, theirs_out)]
        nothing = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (0, 1, 2)]
        placed = [(os.POSIX_SPAWN_DUP2, one, place) for one, place in zip(high, (3, 4), strict=True)]
        try:
            self.pid = os.posix_spawn(
                arguments[0], [*arguments, "--remote-debugging-pipe"], os.environ, file_actions=[*nothing, *placed]
            )
        finally:
            for one in (theirs_in, theirs_out, *high):
                os.close(one)
        self._waiting = bytearray()

    def send(self, message: bytes) -> None:
        message += b"\0"
        at = 0
        while at < len(message):
            at += os.write(self._out, message[at : at + 65536])

    def receive(self, until: float) -> bytes:
        seen = 0
        while (end := self._waiting.find(b"\0", seen)) < 0:
            seen = len(self._waiting)
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise BrowserEnded("no answer in time")
            some = os.read(self._in, 1 << 20)
            if not some:
                raise BrowserEnded("the browser ended")
            self._waiting += some
        message = bytes(self._waiting[:end])
        del self._waiting[: end + 1]
        return message

    def close(self) -> None:
        for descriptor in (self._out, self._in):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        until = time.monotonic() + _END_SECONDS
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                if time.monotonic() > until:
                    os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.01)


class _Socket:
    """Words through a WebSocket on a port that the browser chooses."""

    def __init__(self, arguments: list[str], folder: Path):
        from websocket import create_connection

        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([*arguments, "--remote-debugging-port=0"], **quiet)
        self.pid = self._process.pid
        contact, until = folder / "DevToolsActivePort", time.monotonic() + _START_SECONDS
        while not (contact.exists() and contact.read_text().count("\n") >= 1):
            if self._process.poll() is not None or time.monotonic() > until:
                self._process.kill()
                raise BrowserEnded("it opens no port")
            time.sleep(0.05)
        port, path = contact.read_text().split()[:2]
        self._socket = create_connection(f"ws://127.0.0.1:{port}{path}", suppress_origin=True, max_size=None)

    def send(self, message: bytes) -> None:
        self._socket.send(message.decode())

    def receive(self, until: float) -> bytes:
        from websocket import WebSocketException

        self._socket.settimeout(max(0.01, until - time.monotonic()))
        try:
            return self._socket.recv().encode()
        except (WebSocketException, OSError) as error:
            raise BrowserEnded(str(error)) from None

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.send(json.dumps({"id": 0, "method": "Browser.close"}).encode())
            self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
