"""A folder as one zip file, the same bytes whenever the same files are packed."""

from __future__ import annotations

import zipfile
from pathlib import Path

__all__ = ["zip_folder"]

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def zip_folder(folder: Path, file: Path) -> None:
    """Pack a folder, its name included.

    Parameters
    ----------
    folder : Path
    file : Path
        Beside the folder or elsewhere, not in it.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, path.read_bytes())
