"""A real PostgreSQL server for a test run: started from the machine's own binaries, thrown away at the end.

``tests/conftest.py`` makes it the session fixture ``postgres``; its ``database()`` gives the URL of an empty database.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Postgres", "binaries", "started"]

# Settings of a server that lives for a minute: nothing has to survive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")


def binaries() -> Path | None:
    """Return the folder that holds initdb and postgres, or None where PostgreSQL's server is not installed."""
    found = shutil.which("initdb")
    folders = [Path(os.path.realpath(found)).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


class Postgres:
    """A running server.

    Attributes
    ----------
    port : int
    host : str
        The folder of its Unix socket; it listens on 127.0.0.1 too.
    """

    def __init__(self, folder: Path, port: int, psql: str):
        self.host, self.port, self._psql = str(folder), port, psql
        self._numbers = itertools.count(1)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement as the superuser and return what psql prints, unaligned."""
        done = subprocess.run(
            [self._psql, "-h", self.host, "-p", str(self.port), "-U", "kit", "-d", database, "-AtXqc", statement],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def database(self) -> str:
        """Create an empty database and return its URL, ``postgresql://kit@127.0.0.1:PORT/NAME``."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        return f"postgresql://kit@127.0.0.1:{self.port}/{name}"


def _ordinary_user() -> dict:
    # PostgreSQL refuses to run as root, which is what a container's user is.
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("there is no user 'postgres' or 'nobody' to run the server as")


def _bound_to_this_process() -> list[str]:
    # A test run that is killed leaves no server behind.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def started() -> Iterator[Postgres]:
    """Start a server, yield it and stop it; every file of it is deleted."""
    bin_ = binaries()
    if bin_ is None:
        raise FileNotFoundError("PostgreSQL's server (initdb, postgres) is not installed")
    # A short path: a Unix socket's may have at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="kit-pg-", dir="/tmp"))
    who = _ordinary_user()
    env = {"PATH": f"{bin_}:/usr/bin:/bin", "LC_ALL": "C", "HOME": str(folder)}
    process = None
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        data = folder / "data"
        subprocess.run(
            [bin_ / "initdb", "-D", data, "-U", "kit", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            env=env,
            timeout=120,
            **who,
        )
        port = _free_port()
        options = [x for o in (*QUICK, f"unix_socket_directories={folder}") for x in ("-c", o)]
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                [
                    *_bound_to_this_process(),
                    bin_ / "postgres",
                    "-D",
                    data,
                    "-p",
                    str(port),
                    "-h",
                    "127.0.0.1",
                    *options,
                ],
                stdout=log,
                stderr=log,
                cwd=folder,
                env=env,
                **who,
            )
        server = Postgres(folder, port, str(bin_ / "psql"))
        _wait(process, server, folder / "log")
        yield server
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGINT)  # "fast" shutdown: connections are cut, nothing is waited for
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen, server: Postgres, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            server.sql("SELECT 1")
        except RuntimeError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not answer within a minute")
