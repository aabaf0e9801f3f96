"""The last hand on a printed page: tidy tags, whole headings in the outline, and nothing that says when it was made."""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.sax.saxutils import escape

from pikepdf import Dictionary, Name, Object, ObjectStreamMode, Pdf, PdfError, Stream, String

from kit.errors import KitError
from kit.reports.pdf_tags import tidy_tags
from kit.reports.press import Printed

__all__ = ["finish"]

_MAKER = "Improvement Inquiry Kit"
_METADATA = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
    "<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>"
    "<pdf:Producer>{maker}</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)


def finish(printed: Printed) -> bytes:
    """Return the PDF file of a printed page: the same page gives the same bytes.

    Raises
    ------
    KitError
        If what the browser printed is no whole, tagged PDF with an entry in its outline for each heading.
    """
    try:
        with Pdf.open(io.BytesIO(printed.pdf)) as pdf:
            tidy_tags(pdf)
            _name_headings(pdf, printed.headings)
            _say_what_it_is(pdf, printed)
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=ObjectStreamMode.generate, compress_streams=True, deterministic_id=True)
    except (PdfError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise KitError(f"the browser has printed what is no tagged PDF ({error})") from None
    return out.getvalue()


def _entries(node: Object | None) -> Iterator[Object]:
    while node is not None:
        yield node
        yield from _entries(node.get("/First"))
        node = node.get("/Next")


def _name_headings(pdf: Pdf, headings: tuple[str, ...]) -> None:
    """Write each heading whole into the outline: Chromium runs the words at the end of a line together."""
    entries = list(_entries(pdf.Root.Outlines.get("/First"))) if "/Outlines" in pdf.Root else []
    if len(entries) != len(headings):
        raise ValueError(f"{len(headings)} headings, {len(entries)} entries in the outline")
    for entry, heading in zip(entries, headings, strict=True):
        entry.Title = String(heading)


def _say_what_it_is(pdf: Pdf, printed: Printed) -> None:
    """Give title, language and how to open it; take out dates, and the names of browser and machine."""
    pdf.Root.Lang = String(printed.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    if "/Outlines" in pdf.Root:
        pdf.Root.PageMode = Name("/UseOutlines")
    for name in list(pdf.docinfo.keys()):
        del pdf.docinfo[name]
    pdf.docinfo["/Title"] = String(printed.title)
    pdf.docinfo["/Producer"] = String(_MAKER)
    words = {"title": printed.title, "language": printed.language, "maker": _MAKER}
    packet = _METADATA.format(**{k: escape(_printable(v)) for k, v in words.items()})
    pdf.Root.Metadata = Stream(pdf, packet.encode(), Type=Name("/Metadata"), Subtype=Name("/XML"))


def _printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(c for c in text if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
