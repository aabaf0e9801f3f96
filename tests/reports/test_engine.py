"""The forking engine gives what papermill's own engine gives, on notebooks made to be difficult."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from kit import home
from kit.reports.engine import KitEngine, register, why_stock

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
register()
MAY_FAIL = ["raises-exception"]


def notebook(*cells, metadata=None, options=None):
    """Make a notebook: a cell is its source, or (source, tags)."""
    made = []
    for i, cell in enumerate(cells):
        source, tags = cell if isinstance(cell, tuple) else (cell, [])
        made.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}, id=f"cell-{i}"))
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    metadata = {"kernelspec": spec} | (metadata or {})
    if options:
        metadata["options"] = json.dumps(options)
    return nbformat.v4.new_notebook(cells=made, metadata=metadata)


def run(book, out=None, **options):
    return papermill.execute_notebook(book, out, engine_name="kit", progress_bar=False, **options)


def text_of(cell) -> str:
    return "".join(o.get("text", "") for o in cell.outputs)


NASTY = {
    "outputs": notebook(
        ("given = ''", ["parameters"]),
        "given",
        "print('one'); print('two')\n3",
        "import sys\nprint('err', file=sys.stderr)\nprint('out')",
        "print('now', flush=True)\nprint('then', flush=True)",
        "import time\nprint('a'); time.sleep(0.5); print('b')",
        # Stock reads these by a thread, which needs a moment; ours is tested without it below.
        "import os, time\n_ = os.system('echo from a shell'); time.sleep(0.6)",
        "import subprocess\n_ = subprocess.run(['sh', '-c', 'echo to two >&2']); time.sleep(0.6)",
        "_ = os.write(1, b'raw bytes \\xff\\n'); time.sleep(0.6)",
        "!echo by a magic",
        "%%bash\necho cell magic",
        "%config InlineBackend.figure_format = 'svg'",
        "files = !echo captured\nfiles",
        "for i in range(5): print('\\r', i, end='')",
        "None",
        "# only a comment",
        "x = 5;\nx;",
        "[_, __, Out[2]]",
        "from IPython.display import HTML, display, update_display, clear_output\nh = display('first', display_id='d')",
        "update_display('second', display_id='d')",
        "print('gone')\nclear_output()\nprint('kept')",
        "print('gone later')\nclear_output(wait=True)\ndisplay('kept too')",
        "display(HTML('<b>x</b>'), {'a': 1}, metadata={'k': 1})",
        "display({'text/plain': 'raw'}, raw=True)",
        "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
        ("asyncio.run(asyncio.sleep(0))", MAY_FAIL),
        "async def later():\n    await asyncio.sleep(0.01)\n    return 7\ntask = asyncio.create_task(later())",
        "await task",
        "import warnings\nwarnings.warn('careful')",
        "import logging\nlogging.warning('logged')",
        "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
        ("def f(x):\n    return 1 / x\nf(0)", MAY_FAIL),
        ("try:\n    {}['k']\nexcept KeyError:\n    raise ValueError('é “q” <b>')", MAY_FAIL),
        ("this is no python", MAY_FAIL),
        ("class Bad:\n    def __repr__(self):\n        raise RuntimeError('no repr')\nBad()", MAY_FAIL),
        ("input('name?')", MAY_FAIL),
        ("raise KeyboardInterrupt", MAY_FAIL),
        ("import sys; sys.exit('bye')", MAY_FAIL),
        ("print('before'); 1/0", MAY_FAIL),
        "sys.stdout.isatty(), sys.stdin.isatty()",
        "import threading\nt = threading.Thread(target=print, args=('in a thread',)); t.start(); t.join()",
        "float('nan'), {1: (2, 3)}, b'x'",
        "print('x' * 200_000)",
        "print('\\ud83d\\ude00'.encode('utf-16', 'surrogatepass').decode('utf-16'))",
        ("skipped = 1/0", ["skip-execution"]),
        "get_ipython().__class__.__name__, __name__",
        "%history -n 1-3",
    ),
    "widgets": notebook(
        "import ipywidgets as w\nslider = w.IntSlider(value=3, description='n')\nslider",
        "slider.value = 8",
        "out = w.Output()\nwith out:\n    print('inside')\nout",
        "[o['text'] for o in out.outputs]",
        "with out:\n    out.clear_output(wait=True)\n    display('again')",
    ),
    "error": notebook("print('a')", "x = {}\nx['no']", "print('never')"),
    "exit-0": notebook("print('a')", "import sys\nsys.exit(0)", "print('never')"),
    "exit-3": notebook("import sys\nsys.exit(3)", "print('never')"),
    "exit-call": notebook("print('a')", "exit()", "import time\ntime.sleep(1)\nprint('slow')", "print('last')"),
    "dead": notebook(
        "print('a')",
        "import os, time\nprint('b', flush=True)\ntime.sleep(0.5)  # else stock loses it\nos._exit(5)",
        "print('never')",
    ),
    "slow": notebook(
        "print('begun')\nimport time\nwhile True:\n    time.sleep(0.05)", options={"execution_timeout": 2}
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def both(tmp_path_factory):
    """Run every nasty notebook by both engines, each engine in a process of its own."""
    folder = tmp_path_factory.mktemp("nasty")
    for name, book in NASTY.items():
        nbformat.write(book, folder / f"{name}.ipynb")
    # Stock kernels do not take in what is written to file descriptors where they see pytest.
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")} | {"PYTHONPATH": str(home())}
    command = [sys.executable, str(HERE / "run_notebooks.py")]
    for engine in ("nbclient", "kit"):
        _run_whole([*command, engine, str(folder)], env, folder / engine)
    return tuple(json.loads((folder / f"{e}.json").read_text()) for e in ("nbclient", "kit"))


def _run_whole(command, env, made, tries=3):
    """Run the notebooks in a process of its own; stock kernels now and then never answer, and are asked again."""
    for left in range(tries - 1, -1, -1):
        shutil.rmtree(made, ignore_errors=True)
        process = subprocess.Popen(command, env=env, cwd=made.parent, start_new_session=True)
        try:
            assert process.wait(150) == 0
            return
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not left:
                raise


def normal(value):
    """Take out what differs between two runs of the same engine: process ids, addresses, widget ids."""
    text = json.dumps(value, sort_keys=True)
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0xN", text)
    return json.loads(
        re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", "ID", re.sub(r"[0-9a-f]{8,}_[0-9]+_[0-9]+", "MSG", text))
    )


@pytest.mark.parametrize("name", NASTY)
def test_the_same_as_stock_cell_for_cell(both, name):
    stock, ours = (b[name] for b in both)
    assert ours["error"] == stock["error"]
    assert len(ours["cells"]) == len(stock["cells"])
    differ = [
        (normal(mine), normal(theirs))
        for theirs, mine in zip(stock["cells"], ours["cells"], strict=True)
        if normal(mine) != normal(theirs)
    ]
    assert differ == []
    assert ours["language"] == stock["language"]


def test_the_same_widget_state_as_stock(both):
    kind = "application/vnd.jupyter.widget-state+json"
    stock, ours = (
        sorted(json.dumps(normal(s), sort_keys=True) for s in b["widgets"]["widgets"][kind]["state"].values())
        for b in both
    )
    assert any('"value": 8' in state for state in ours)
    assert any("again" in state for state in ours)
    assert ours == stock


def test_what_a_process_writes_belongs_to_its_cell():
    done = run(notebook("import os\n_ = os.system('echo one; echo two >&2')", "_ = os.write(1, b'three')", "4"))
    assert [text_of(c) for c in done.cells] == ["one\ntwo\n", "three", ""]


PRELOADED = """
import json, sys, nbformat, papermill
from kit.reports import engine

engine.register()
engine.preload()
engine.rehearse(["left = 1", "left", "import json as left_too"])
outputs = []
for path in sys.argv[1:]:
    done = papermill.execute_notebook(path, None, engine_name="kit", progress_bar=False)
    last = done.cells[-1]
    outputs.append([last.execution_count, last.outputs[0].data["text/plain"]])
print(json.dumps(outputs))
"""


def test_nothing_is_left_of_the_report_before(tmp_path):
    """Nor of a rehearsal: each child starts as a new kernel does."""
    imports = "import os, random, numpy, pandas as pd, sys, altair\n"
    books = [
        notebook("[n for n in dir() if 'left' in n], len(In), Out, _, __name__"),
        notebook(
            imports + "left = 1; os.environ['LEFT'] = '1'; os.chdir('/'); pd.set_option('display.max_rows', 3)",
            "sys.path.append('/left'); altair.theme.enable('dark'); pd.left = 1",
            "random.random(), numpy.random.rand()",
        ),
        notebook(
            imports + "random.random(), numpy.random.rand()",
        ),
        notebook(
            imports + "('left' in dir(), 'LEFT' in os.environ, os.getcwd() == '/', '/left' in sys.path,"
            " pd.get_option('display.max_rows') == 3, altair.theme.active == 'dark', hasattr(pd, 'left'))",
        ),
    ]
    for i, book in enumerate(books):
        nbformat.write(book, tmp_path / f"{i}.ipynb")
    paths = [str(tmp_path / f"{i}.ipynb") for i in range(len(books))]
    env = os.environ | {"PYTHONPATH": str(home())}
    ran = subprocess.run(
        [sys.executable, "-c", PRELOADED, *paths], env=env, cwd=tmp_path, capture_output=True, text=True
    )
    new, dirty, drawn, after = json.loads(ran.stdout)
    assert new == [1, "([], 2, {}, '', '__main__')"]
    assert dirty[1] != drawn[1]
    assert after == [1, str((False,) * 7)]


def test_a_seed_makes_the_same_draws():
    book = notebook("import random, numpy\nrandom.random(), numpy.random.rand()")
    first, second = (run(book, seed=5).cells[0].outputs[0].data["text/plain"] for _ in range(2))
    assert first == second != run(book, seed=6).cells[0].outputs[0].data["text/plain"]


def test_a_loop_in_c_is_ended():
    start = time.monotonic()
    with pytest.raises(CellTimeoutError) as caught:
        run(notebook("1", "sum(range(10**12))"), execution_timeout=1)
    assert caught.value.cell_name == "cell-1"
    assert time.monotonic() - start < 60  # the sum itself takes hours


def test_a_killed_child_is_said(tmp_path):
    with pytest.raises(DeadKernelError, match="SIGKILL") as caught:
        run(notebook("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), tmp_path / "out.ipynb")
    assert caught.value.cell_name == "cell-0"
    assert (tmp_path / "out.ipynb").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set on Linux only")
def test_memory_has_a_limit():
    with pytest.raises(PapermillExecutionError) as caught:
        run(notebook("x = bytearray(100 * 2**20)\nlen(x)", "y = bytearray(400 * 2**20)"), memory_mb=300)
    assert (caught.value.ename, caught.value.exec_count) == ("MemoryError", 2)


def test_no_process_is_left():
    book = notebook("import os, subprocess\np = subprocess.Popen(['sleep', '300'])\nprint(os.getpid(), p.pid)")
    pids = [int(p) for p in text_of(run(book).cells[0]).split()]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{p}").exists() and alive(p) for p in pids):
        time.sleep(0.05)
    assert not any(alive(p) for p in pids)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, None),
        ({"kit": {"engine": "stock"}}, "asks"),
        ({"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}, "speaks R"),
    ],
)
def test_when_stock_runs_it(metadata, reason):
    found = why_stock(nbformat.v4.new_notebook(metadata=metadata))
    assert found is None if reason is None else reason in found


def test_stock_runs_it_where_forking_cannot_be(monkeypatch, caplog):
    monkeypatch.delattr(os, "fork")
    ran = []
    stock = "papermill.engines.NBClientEngine.execute_managed_notebook"
    monkeypatch.setattr(stock, classmethod(lambda cls, man, name, **options: ran.append(options)))
    with caplog.at_level("WARNING", logger="papermill"):
        run(notebook("1"), memory_mb=5)
    assert len(ran) == 1
    assert not {"km", "memory_mb"} & set(ran[0])
    assert "cannot fork" in caplog.text


def test_it_is_registered():
    assert papermill_engines.get_engine("kit") is KitEngine
    assert '[project.entry-points."papermill.engine"]\nkit = "kit.reports.engine:KitEngine"' in (
        home() / "pyproject.toml"
    ).read_text("utf-8")


def test_another_shell_in_the_process_is_no_hindrance(tmp_path):
    """A terminal's or a test's shell is there already, as a plain one; the notebook still gets its own."""
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell; InteractiveShell.instance(); "
        "import papermill; papermill.execute_notebook(sys.argv[1], sys.argv[2], engine_name='kit', progress_bar=False)"
    )
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("type(get_ipython()).__name__")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(book, tmp_path / "in.ipynb")
    subprocess.run([sys.executable, "-c", code, "in.ipynb", "out.ipynb"], cwd=tmp_path, check=True, timeout=120)
    cell = nbformat.read(tmp_path / "out.ipynb", 4).cells[0]
    assert cell.outputs[0]["data"]["text/plain"] == "'ZMQInteractiveShell'"
