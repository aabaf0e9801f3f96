"""Catalogues: gettext .po files, read with Babel and refused where a translation would break a text."""

from __future__ import annotations

import re
from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from kit.errors import Fault, InputError
from kit.language.locales import locale_of
from kit.language.placeholders import different

__all__ = ["TAG", "own_catalogue", "read_catalogues", "shipped"]

# A language tag (BCP 47) as far as a file name goes: es, zh-Hant, pt-BR, ar-test.
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_QUOTED = re.compile(r'(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)?\s*"(?:[^"\\]|\\.)*"')
_PLURAL = ("one", "many")
_HERE = Path(__file__).parent / "catalogues"


def shipped() -> dict[str, Path]:
    """Return the kit's own catalogues by language."""
    return {path.parent.name: path for path in sorted(_HERE.glob("*/kit.po"))}


def own_catalogue(folder: Path, tag: str) -> Path:
    """Return where a district's catalogue of a language lies: ``<folder>/<tag>.po``."""
    return folder / f"{tag}.po"


def read_catalogues(paths: tuple[Path, ...]) -> GNUTranslations | None:
    """Read catalogues, the first before the second; None where there is none.

    Unclear («fuzzy») and empty translations are left out, so that the next catalogue, and in the end English,
    stands there.

    Raises
    ------
    InputError
        If the file cannot be read, or the places of a translation are not those of its message; each with its line.
    """
    first = None
    for path in reversed(paths):
        stamp = path.stat()
        made = GNUTranslations(BytesIO(_packed(path, stamp.st_mtime_ns, stamp.st_size)))
        if first is not None:
            made.add_fallback(first)
        first = made
    return first


@lru_cache(maxsize=32)
def _packed(path: Path, _changed: int, _size: int) -> bytes:
    """Return a checked catalogue in the form that Python's gettext reads."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        catalogue = read_po(BytesIO(content), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        problem = f"The catalogue cannot be read ({error})"
        raise InputError([_fault(path, line, problem, "Correct it, or save it anew as UTF-8")], path.name) from None
    # Babel writes the rule of the plural forms, the file's own where it has one, only beside a language that it knows.
    catalogue.locale = locale_of(path.parent.name if path.stem == "kit" else path.stem)
    faults = _open_quotes(path, content)
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            wrong = different(message.id, message.string)
            if wrong:
                first = message.id if isinstance(message.id, str) else message.id[0]
                faults.append(
                    _fault(
                        path,
                        message.lineno,
                        f"The translation of «{_short(first)}» cannot be used: {wrong}",
                        "Copy each place in braces from the English as it is, and no other",
                    )
                )
    if faults:
        raise InputError(faults, path.name)
    packed = BytesIO()
    try:
        write_mo(packed, catalogue)
        packed.seek(0)
        GNUTranslations(packed).ngettext(*_PLURAL, 2)
    except (ValueError, UnicodeEncodeError) as error:
        problem = f"The catalogue's header cannot be used ({error})"
        raise InputError(
            [_fault(path, 1, problem, "Copy Plural-Forms from the kit's own catalogue")], path.name
        ) from None
    return packed.getvalue()


def _open_quotes(path: Path, content: bytes) -> list[Fault]:
    """Find lines whose text is not between two quotation marks: Babel would drop its last letter."""
    lines = enumerate(content.decode("utf-8", "replace").splitlines(), 1)
    mend = 'Write a quotation mark in a text as \\" and end the text with one'
    return [
        _fault(path, number, f"The text is not between two quotation marks: {_short(line.strip())}", mend)
        for number, line in lines
        if line.strip() and not line.lstrip().startswith("#") and not _QUOTED.fullmatch(line.strip())
    ]


def _fault(path: Path, line: int | None, problem: str, mend: str) -> Fault:
    return Fault("error", path.name, problem, mend, row=line, rule="catalogue", stops=True)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
