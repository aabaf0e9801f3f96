"""Where the team's store lies: what ``kit.toml`` says, else a file in the data folder, else one of the user's own."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import sqlalchemy as sa

import kit
from kit.errors import KitError
from kit.inquiry.database import sqlite_url

__all__ = ["OWN_FOLDER", "STORE_FILE", "is_left_alone", "own_place", "store_url"]

STORE_FILE = "inquiry.sqlite"
# A place of the user's own, for data that may only be read.
OWN_FOLDER = ".improvement-inquiry-kit"


def store_url(place) -> sa.URL | str:
    """Return the address of the store.

    Parameters
    ----------
    place : Workspace, str or Path
        A data folder that is open, or a store: its file, ``sqlite:///…`` or ``postgresql://…``.

    Notes
    -----
    ``[inquiry] store`` in ``kit.toml`` names a file (beside the data, or with its whole path) or an address; ``$NAME``
    in it is read from the environment, so that a password need not stand in the file. Without it the store is
    ``inquiry.sqlite`` in the data folder. A folder that may only be read, and the kit's own sample data, are left as
    they are: their store is in ``.improvement-inquiry-kit`` in the user's home.
    """
    if not hasattr(place, "settings"):
        text = str(place)
        return text if "://" in text else sqlite_url(Path(text))
    if named := str(place.settings.get("inquiry", {}).get("store", "") or ""):
        expanded = os.path.expandvars(named)
        if unset := [name for name in re.findall(r"\$\{?(\w+)", named) if name not in os.environ]:
            raise KitError(
                f"The store's address names '{unset[0]}', which is not set in the environment",
                where="kit.toml, [inquiry] store",
                mend="Set it, or write the address without it.",
            )
        return expanded if "://" in expanded else sqlite_url(place.folder / Path(expanded).expanduser())
    beside = place.folder / STORE_FILE
    if beside.exists() or not is_left_alone(place.folder):
        return sqlite_url(beside)
    own = own_place(place.folder, ".sqlite")
    own.parent.mkdir(exist_ok=True)
    return sqlite_url(own)


def is_left_alone(folder: Path) -> bool:
    """Return whether nothing is written into a data folder: it may only be read, or it is the kit's own sample."""
    return not os.access(folder, os.W_OK) or _is_sample(folder)


def own_place(folder: Path, ending: str) -> Path:
    """Return where what belongs to a data folder lies in the user's home; no two folders share a name."""
    folder = folder.resolve()
    return Path.home() / OWN_FOLDER / f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}{ending}"


def _is_sample(folder: Path) -> bool:
    return folder.resolve().is_relative_to(kit.home() / "data_samples")
