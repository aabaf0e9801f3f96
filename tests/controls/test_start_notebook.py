"""The first notebook run whole: live without a person, and in a batch; errors in the widgets' state are looked for."""

import re

import nbformat
import pytest
from published_folder import errors_shown, write_published

import kit

NOTEBOOK = kit.home() / "notebooks" / "0-start-here.ipynb"
STATE = "application/vnd.jupyter.widget-state+json"


def _run(tmp_path, monkeypatch, **parameters):
    from nbclient import NotebookClient
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    monkeypatch.setenv("PYTHONPATH", str(kit.home()))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    book = parameterize_notebook(load_notebook_node(str(NOTEBOOK)), parameters)
    client = NotebookClient(book, store_widget_state=True, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    return book


def _by_id(book) -> dict:
    return {c.id: c for c in book.cells}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [False, True], ids=["right-folder", "wrong-folder"])
def test_live_the_widgets_hold_no_hidden_error(tmp_path, monkeypatch, wrong):
    data = write_published(tmp_path / "published")
    book = _run(tmp_path, monkeypatch, data=str(data) + "-not" * wrong)
    cells = [c for c in book.cells if c.cell_type == "code"]
    assert not [o for c in cells for o in c.outputs if o.output_type in ("error", "stream")]
    state = book.metadata.widgets[STATE]["state"]
    said = errors_shown(state)
    if wrong:
        assert len(said) == 1
        assert "There is no such folder" in said[0]
    else:
        assert said == []
        assert any("Ready. Go on to the school." in str(m["state"].get("value")) for m in state.values())


@pytest.mark.slow
def test_in_a_batch_each_call_draws_the_first_school_once(tmp_path, monkeypatch):
    data = write_published(tmp_path / "published")
    cells = _by_id(_run(tmp_path, monkeypatch, data=str(data), live=False))
    shown = {i: "".join(o.data.get("text/html", "") for o in c.outputs) for i, c in cells.items() if "outputs" in c}
    assert "10 schools in 2 districts" in shown["folder-picker"]
    assert 'class="glance"' in shown["first-look-step"]
    assert shown["closer-step"].count('class="chart"') == 3
    assert shown["others-step"].count('class="chart"') == 1
    assert "Nothing on this page is stored yet" in shown["written-text"]
    assert "Small groups" in shown["limits-list"]


def test_the_notebook_says_what_a_coach_must_know():
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    text = "\n".join(c.source for c in book.cells if c.cell_type == "markdown")
    for part in ("Purpose", "Who it is for", "Minutes", "The data it needs", "What it cannot tell", "Where this comes"):
        assert part in text
    parameters = _by_id(book)["parameters"]
    assert parameters.metadata.tags == ["parameters"]
    assert 'data: str = "../data_samples/network"' in parameters.source
    assert "live: bool = True" in parameters.source


def test_every_notebook_can_be_reached_from_the_first():
    """«kit lab» opens the first notebook without a list of files."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    found = set(re.findall(r"\]\(([^)]+\.ipynb)\)", _by_id(book)["next"].source))
    folder = NOTEBOOK.parent
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}
    assert found == there - {NOTEBOOK.name}
