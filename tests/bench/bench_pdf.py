"""How fast reports become PDF files, engine beside engine on the same pages in one run; and workbooks, two ways.

``python tests/bench/bench_pdf.py [--data DIR] [--files 40] [--workers 2] [--engines press,chromium,weasyprint,typst]``

Processor seconds are the steady figure on a busy machine; ``rate`` lines give files a second by the clock and by
processor time (as on a machine with a free processor for each worker). Engines other than the kit's own are tried on
a few files only; WeasyPrint and Typst where they are installed (``pip install weasyprint typst``). Typst has no HTML:
it sets the page's headings, paragraphs, tables and charts as plain Typst text, which bounds what a template of its
own would cost. Neither draws the charts: that is done beforehand and not counted. ``tags`` counts the elements of
the structure tree, ``no words`` the figures without alternative text.
"""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pikepdf
import psutil

import kit
from kit.reports.batch import make_reports
from kit.reports.chromium import Browser
from kit.reports.pdf import PdfWriter
from kit.reports.prepare_once import PREPARED
from kit.reports.prepared import Prepared
from kit.reports.press import Press
from kit.reports.workbook import _FORMS, WorkbookWriter
from kit.reports.workbook_cells import Number
from kit.reports.workbook_sheets import workbook_sheets

FEW = 4


def processor_seconds() -> float:
    """Add up this process and all below it."""
    me = psutil.Process()
    total = sum(me.cpu_times()[:4])
    for child in me.children(recursive=True):
        try:
            times = child.cpu_times()
            total += times.user + times.system
        except psutil.Error:
            continue
    return total


def own_press(pages: list[Path], folder: Path) -> tuple[Callable, Callable]:
    """The kit's writer: one Chromium, charts drawn from kept forms, tags tidied."""
    writer = PdfWriter()
    return (lambda html, out: writer.write(html.stem, html, out)), writer.close


def plain_chromium(pages: list[Path], folder: Path) -> tuple[Callable, Callable]:
    """One Chromium that opens the page as it is, with its scripts, and prints it."""
    browser = Browser()
    tab = browser.tab()

    def write(html: Path, out: Path) -> None:
        browser.ask("Page.navigate", tab, url=html.as_uri())
        browser.evaluate(tab, "new Promise(r => document.readyState === 'complete' ? r() : (onload = r))")
        settings = {"generateTaggedPDF": True, "generateDocumentOutline": True, "preferCSSPageSize": True}
        printed = browser.ask("Page.printToPDF", tab, printBackground=True, **settings)
        out.write_bytes(base64.b64decode(printed["data"]))

    return write, browser.close


def weasyprint(pages: list[Path], folder: Path) -> tuple[Callable, Callable]:
    """WeasyPrint on the page with its charts already drawn, which it cannot do itself."""
    from weasyprint import HTML

    drawn = drawn_pages(pages)

    def write(html: Path, out: Path) -> None:
        HTML(string=drawn[html], base_url=None).write_pdf(out, pdf_variant="pdf/ua-1")

    return write, drawn.clear


def typst(pages: list[Path], folder: Path) -> tuple[Callable, Callable]:
    """Typst on the page's words, tables and charts as plain Typst text."""
    import typst as engine

    drawn = drawn_pages(pages)

    def write(html: Path, out: Path) -> None:
        source = folder / "page.typ"
        source.write_text(as_typst(drawn[html], folder), encoding="utf-8")
        engine.compile(str(source), output=str(out))

    return write, drawn.clear


def drawn_pages(pages: list[Path]) -> dict[Path, str]:
    """Return the pages with their charts as pictures; what the drawing took is not counted."""
    press, drawn = Press(), {}
    for html in pages:
        press.print(html.read_text(encoding="utf-8"))
        drawn[html] = press.browser.evaluate(press._paper, "document.documentElement.outerHTML")
    press.close()
    return drawn


def as_typst(html: str, folder: Path) -> str:
    """Turn the parts of a page that Typst knows into its text."""

    def words(inner: str) -> str:
        plain = " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split())
        return re.sub(r"([\\#*_`$<>@\[\]~=+/-])", r"\\\1", plain)

    body, parts = html[html.index("<body") :], ['#set page(numbering: "1 of 1")\n']
    pattern = (
        r"<(h[1-6])\b[^>]*>(.*?)</\1>|<(p|dd|dt|li)\b[^>]*>(.*?)</\3>|<img [^>]*src=\"data:image/svg\+xml,([^\"]+)\""
    )
    for n, found in enumerate(re.finditer(pattern + r"|<table\b.*?</table>", body, re.DOTALL)):
        if found[1]:
            parts.append(f"{'=' * int(found[1][1])} {words(found[2])}\n")
        elif found[3]:
            parts.append(words(found[4]) + "\n")
        elif found[5]:
            from urllib.parse import unquote

            (folder / f"{n}.svg").write_text(unquote(unescape(found[5])), encoding="utf-8")
            parts.append(f'#image("{n}.svg", width: 50%)\n')
        else:
            rows = [re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL) for row in re.split(r"</tr>", found[0])]
            wide = max(map(len, rows))
            cells = "".join(f"[{words(cell)}]," for row in rows for cell in row + [""] * (wide - len(row)) if row)
            parts.append(f"#table(columns: {wide}, {cells})\n")
    return "\n".join(parts)


ENGINES = {"press": own_press, "chromium": plain_chromium, "weasyprint": weasyprint, "typst": typst}


def quality(file: Path) -> str:
    """Say what a PDF holds: pages, size, tags, pictures without words, entries of the outline."""
    with pikepdf.open(file) as pdf:
        elements = figures = 0
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/S" in thing and "/P" in thing:
                elements += 1
                figures += thing.S == "/Figure" and "/Alt" not in thing
        entries = sum(1 for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Title" in o and "/Parent" in o)
        size = file.stat().st_size / 1000
        return f"{len(pdf.pages)} pages, {size:.0f} kB, tags {elements}, no words {figures}, outline {entries}"


def measure(name: str, pages: list[Path], folder: Path) -> None:
    """Print what an engine takes for each file once it is warm, and what its file holds."""
    try:
        write, close = ENGINES[name](pages, folder)
    except ImportError:
        print(f"{name:<12} is not installed")
        return
    out = folder / f"{name}.pdf"
    write(pages[0], out)
    cpu, clock = processor_seconds(), time.monotonic()
    for html in pages:
        write(html, out)
    cpu, clock = (processor_seconds() - cpu) / len(pages), (time.monotonic() - clock) / len(pages)
    print(f"{name:<12} {cpu:6.2f} CPU s a file, {clock:6.2f} s by the clock; {quality(out)}", flush=True)
    close()


def work(pages: list[Path], folder: str, begin, answers) -> None:
    """Write files as a worker of a batch does, all of its own; measure after the first."""
    writer = PdfWriter()
    writer.write("first", pages[0], Path(folder) / f"{id(pages)}.pdf")
    begin.wait()
    cpu, clock = processor_seconds(), time.monotonic()
    memory = 0
    for at, html in enumerate(pages):
        writer.write(html.stem, html, Path(folder) / f"{multiprocessing.current_process().name}-{at}.pdf")
        if at % 10 == 9 or html is pages[-1]:
            processes = psutil.Process().children(recursive=True)
            memory = max(memory, sum(p.memory_full_info().pss for p in processes))
    answers.put((processor_seconds() - cpu, time.monotonic() - clock, memory))
    writer.close()


def rate(pages: list[Path], files: int, workers: int, folder: Path) -> None:
    """Print how many files a second the workers write together."""
    share = [[pages[(w + i) % len(pages)] for i in range(files // workers)] for w in range(workers)]
    begin, answers = multiprocessing.Barrier(workers), multiprocessing.Queue()
    running = [multiprocessing.Process(target=work, args=(s, str(folder), begin, answers)) for s in share]
    for process in running:
        process.start()
    told = [answers.get() for _ in running]
    for process in running:
        process.join()
    done = sum(map(len, share))
    cpu = sum(t[0] for t in told) / done
    print(f"rate by the clock      {done / max(t[1] for t in told):6.2f} files a second on {workers} workers")
    print(f"rate by processor time {workers / cpu:6.2f} files a second ({cpu:.2f} CPU s a file)")
    print(f"browsers hold {sum(t[2] for t in told) / 1e6:.0f} MB together (shared pages once)")


def workbooks(prepared: Path, folder: Path) -> None:
    """Print what a workbook takes with XlsxWriter, as the kit writes it, and with openpyxl in its leanest way."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    writer, numbers = WorkbookWriter(str(prepared)), Prepared.read(prepared)
    schools = list(numbers.school_rows)[:FEW]
    taken = {"xlsxwriter": 0.0, "openpyxl": 0.0}
    for school_id in schools * 2:
        start = time.process_time()
        writer.write(school_id, folder / "none.html", folder / "a.xlsx")
        taken["xlsxwriter"] += time.process_time() - start
        start = time.process_time()
        book = Workbook(write_only=True)
        for sheet in workbook_sheets(numbers, school_id):
            page = book.create_sheet(sheet.name)
            page.append(list(sheet.columns))
            for row in sheet.rows:
                line = []
                for cell in row:
                    made = WriteOnlyCell(page, getattr(cell, "value", cell))
                    if isinstance(cell, Number):
                        made.number_format = _FORMS[cell.form]
                    elif cell:
                        made.data_type = "s"
                    line.append(made)
                page.append(line)
        book.save(folder / "b.xlsx")
        taken["openpyxl"] += time.process_time() - start
    for name, seconds in taken.items():
        print(f"workbook, {name:<11} {seconds / len(schools) / 2:6.3f} CPU s a file")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=kit.home() / "data_samples" / "network")
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engines", default=",".join(ENGINES))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        make_reports(asked.data, folder / "reports", progress=False, jobs=asked.workers)
        pages = sorted(p for p in (folder / "reports").glob("*.html") if p.name != "index.html")
        for name in asked.engines.split(","):
            measure(name, pages[:FEW], folder)
        rate(pages, asked.files, asked.workers, folder)
        workbooks(folder / "reports" / PREPARED, folder)


if __name__ == "__main__":
    main()
