"""The structure tree of a printed page: what a screen reader reads, tidied.

Chromium tags what it prints, but wraps each line in an element that says nothing, leaves list items without a body,
calls a figure with a caption a picture without words, and leaves lines and page numbers outside everything
(ISO 14289-1, 7.1 and 7.3, asks for the opposite).
"""

from __future__ import annotations

import re

from pikepdf import Array, Dictionary, Name, Object, Pdf

__all__ = ["tidy_tags"]

_NOTHING, _SECTION, _PARAGRAPH = Name("/NonStruct"), Name("/Sect"), Name("/P")
# Elements that hold words, and those of them that stand inside a line.
_INLINE = frozenset(("/Link", "/Strong", "/Em", "/Span", "/Code", "/Quote", "/Note", "/Reference", "/Formula"))
_WORDS = _INLINE | {"/P", "/H", "/TH", "/TD", "/Caption", "/Lbl", "/LBody", "/Figure", "/BlockQuote"}
_WORDS |= {f"/H{n}" for n in range(1, 7)}
# Skia writes an operator a line and strings in hexadecimal, so nothing else reads like these.
_MARKED = re.compile(rb"/\w+ <</MCID (\d+) >>BDC\n(.*?)EMC\n", re.DOTALL)
# Of a later PDF than the one that is written (ISO 32000-2, 14.8.4.7.2): readers of this one do not know them.
_LATER = {"/Strong", "/Em"}


class _Run:
    """Marked content: a stretch of one page's text or drawing, or an annotation."""

    def __init__(self, content: Object | int, page: Object | None):
        if isinstance(content, Dictionary) and "/MCID" in content:
            content, page = content.MCID, content.get("/Pg", page)
        self.content, self.page = content if isinstance(content, Dictionary) else int(content), page

    def key(self) -> tuple | None:
        """Page and number of marked content."""
        return None if isinstance(self.content, Dictionary) else (self.page.objgen, self.content)


def tidy_tags(pdf: Pdf) -> None:
    """Tidy the structure tree and mark as decoration what stands outside it.

    Raises
    ------
    ValueError
        If the file has no structure tree.
    """
    if "/StructTreeRoot" not in pdf.Root:
        raise ValueError("the browser has written no structure tree")
    root = pdf.Root.StructTreeRoot
    top = root.K[0] if isinstance(root.K, Array) else root.K
    tidy = _Tidy(pdf)
    tidy.block(top)
    tidy.way_back.only(pdf, tidy.held)
    _number_ids(root, top)
    _mark_decoration(pdf, tidy.held)


class _Tidy:
    """Tidies one file's tree; ``held`` is the marked content that it holds afterwards, by page and number."""

    def __init__(self, pdf: Pdf):
        self._pdf = pdf
        self.way_back = _WayBack(pdf.Root.StructTreeRoot)
        self._wordless = _without_words(pdf)
        self.held: set[tuple[tuple[int, int], int]] = set()

    def block(self, element: Object) -> None:
        """Tidy an element that holds other blocks: loose words in it become paragraphs."""
        kind = str(element.S)
        inside = self._items(element)
        if kind == "/LI":
            labels = [i for i in inside if isinstance(i, Object) and str(i.S) == "/Lbl"]
            rest = [i for i in inside if i not in labels]
            inside = [*labels, self._new(Name("/LBody"), rest, element)] if rest else labels
        else:
            inside = self._gathered(inside, element)
        self._fill(element, inside)

    def _items(self, element: Object, picture: bool = False) -> list:
        """Return what an element holds, tidied: runs, inline elements and blocks."""
        page, items = element.get("/Pg"), []
        for kid in _kids(element):
            if not _is_element(kid):
                run = _Run(kid, page)
                # Outside a picture, a line that is drawn says nothing.
                if picture or run.key() not in self._wordless:
                    items.append(run)
                continue
            kind = str(kid.S)
            if kind in _LATER:
                kid.S, kind = Name("/Span"), "/Span"
            if kind == "/Figure" and "/Alt" not in kid:
                kid.S, kind = _SECTION, "/Sect"
            if kind == "/NonStruct" or (kind == "/Caption" and str(element.S) != "/Table"):
                items += self._loose(kid, picture)
            elif kind in _WORDS:
                inside = _flat(self._items(kid, picture or kind == "/Figure"), kind)
                self._fill(kid, _on_first_page(inside) if kind == "/TH" else inside)
                items.append(kid)
            else:
                self.block(kid)
                items.append(kid)
        return items

    def _loose(self, element: Object, picture: bool) -> list:
        """Dissolve an element that says nothing: a line of words as it is, a block of words as a paragraph."""
        inside = self._items(element, picture)
        line = not any(map(_is_element, _kids(element)))
        return inside if line else self._gathered(inside, element)

    def _gathered(self, items: list, parent: Object) -> list:
        """Make a paragraph of each stretch of words between blocks."""
        out, words = [], []
        for item in [*items, None]:
            if item is not None and (isinstance(item, _Run) or str(item.S) in _INLINE):
                words.append(item)
                continue
            if words:
                out.append(self._new(_PARAGRAPH, words, parent))
                words = []
            if item is not None:
                out.append(item)
        return out

    def _new(self, kind: Name, items: list, parent: Object) -> Object:
        made = self._pdf.make_indirect(Dictionary(Type=Name("/StructElem"), S=kind, P=parent))
        self._fill(made, _flat(items, str(kind)))
        return made

    def _fill(self, element: Object, items: list) -> None:
        """Put items into an element, and tell both them and the page to whom they belong."""
        pages = [i.page for i in items if isinstance(i, _Run) and i.page is not None]
        own = pages[0] if pages else None
        kids = []
        for item in items:
            if isinstance(item, _Run):
                kids.append(self._run(item, own, element))
            else:
                item.P = element
                kids.append(item)
        if own is not None:
            element.Pg = own
        element.K = kids[0] if len(kids) == 1 else Array(kids)

    def _run(self, run: _Run, own: Object | None, element: Object):
        content, page = run.content, run.page
        if isinstance(content, Dictionary):
            self.way_back.annotation(content.Obj, element)
            return content
        self.way_back.marked(page, content, element)
        self.held.add(run.key())
        if own is not None and page.objgen != own.objgen:
            return Dictionary(Type=Name("/MCR"), Pg=page, MCID=content)
        return content


def _flat(items: list, kind: str) -> list:
    """Dissolve paragraphs inside an element that holds words itself; a cell or a list's body may keep blocks."""
    out = []
    for item in items:
        if isinstance(item, Object) and str(item.S) == "/P" and kind != "/BlockQuote":
            page = item.get("/Pg")
            out += [k if _is_element(k) else _Run(k, page) for k in _kids(item)]
        else:
            out.append(item)
    return out


def _is_element(kid) -> bool:
    return isinstance(kid, Dictionary) and "/S" in kid


def _kids(element: Object) -> list:
    kids = element.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, Array) else [kids]


def _on_first_page(items: list) -> list:
    """Keep a header cell where it stands first: repeated on the next page, it is decoration."""
    first = next((i.page.objgen for i in items if isinstance(i, _Run) and i.key()), None)
    return [i for i in items if not (isinstance(i, _Run) and i.key() and i.page.objgen != first)]


def _without_words(pdf: Pdf) -> set[tuple[tuple[int, int], int]]:
    """Find marked content that writes no text and draws no picture."""
    found = set()
    for page in pdf.pages:
        for number, drawn in _MARKED.findall(page.Contents.read_bytes()):
            if b" Tj\n" not in drawn and b" TJ\n" not in drawn and b" Do\n" not in drawn:
                found.add((page.obj.objgen, int(number)))
    return found


class _WayBack:
    """The way back from a page's marked content and annotations to their elements (ISO 32000-1, 14.7.4.4)."""

    def __init__(self, root: Object):
        # Of each number: where it stands in the tree, and its element or list of elements.
        self._of: dict[int, tuple[Array, int, Object]] = {}
        self._read(root.ParentTree)

    def _read(self, node: Object) -> None:
        if "/Nums" in node:
            entries = list(node.Nums)
            for at in range(0, len(entries), 2):
                self._of[int(entries[at])] = (node.Nums, at + 1, entries[at + 1])
        for kid in node.get("/Kids", ()):
            self._read(kid)

    def marked(self, page: Object, number: int, element: Object) -> None:
        self._of[int(page.StructParents)][2][number] = element

    def only(self, pdf: Pdf, held: set) -> None:
        """Lead nowhere from what no element holds any more."""
        for page in pdf.pages:
            if "/StructParents" in page.obj:
                elements = self._of[int(page.obj.StructParents)][2]
                for number in range(len(elements)):
                    if (page.obj.objgen, number) not in held:
                        elements[number] = None

    def annotation(self, annotation: Object, element: Object) -> None:
        numbers, at, _old = self._of[int(annotation.StructParent)]
        numbers[at] = element


def _number_ids(root: Object, top: Object) -> None:
    """Name the header cells by their order: Chromium's own names count up as long as the browser runs."""
    names: dict[str, str] = {}
    cells = []

    def visit(element: Object) -> None:
        if "/ID" in element:
            names[str(element.ID)] = f"h{len(names) + 1:05d}"
            cells.append(element)
        elif "/A" in element:
            cells.append(element)
        for kid in _kids(element):
            if _is_element(kid):
                visit(kid)

    visit(top)
    entries = []
    for cell in cells:
        if "/ID" in cell:
            cell.ID = names[str(cell.ID)]
            entries += [cell.ID, cell]
        attributes = cell.get("/A", ())
        for attribute in attributes if isinstance(attributes, Array) else [attributes]:
            if "/Headers" in attribute:
                attribute.Headers = Array([names[str(h)] for h in attribute.Headers if str(h) in names])
    if entries:
        root.IDTree = Dictionary(Names=Array(entries), Limits=Array([entries[0], entries[-2]]))
    elif "/IDTree" in root:
        del root.IDTree


def _mark_decoration(pdf: Pdf, held: set) -> None:
    """Mark what no element holds as decoration: lines, backgrounds, the page's head and number."""
    for page in pdf.pages:
        source, out, at = page.Contents.read_bytes(), [], 0
        for found in _MARKED.finditer(source):
            if (page.obj.objgen, int(found[1])) not in held:
                continue
            before = _MARKED.sub(rb"\2", source[at : found.start()])
            out += [_decoration(before), b"/Span <</MCID %b>>BDC\n%bEMC\n" % found.groups()]
            at = found.end()
        out.append(_decoration(_MARKED.sub(rb"\2", source[at:])))
        page.Contents = pdf.make_stream(b"".join(out))


def _decoration(source: bytes) -> bytes:
    return b"/Artifact BMC\n%bEMC\n" % source if source.strip() else source
