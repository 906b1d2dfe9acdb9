"""notebooks/00-start.ipynb in a real browser: JupyterLab runs it, and the page has to show what is saved in it.

A cell tagged nbval-ignore-output, whose text differs from run to run, is compared by the kinds of its outputs alone.
"""
import json
import re
import shutil

import lab
import pytest
from conftest import ROOT

START = ROOT / "notebooks/00-start.ipynb"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
STREAMS = {"stdout": "application/vnd.jupyter.stdout", "stderr": "application/vnd.jupyter.stderr"}


def joined(text):
    """nbformat keeps a text as a string or as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def words(text):
    """What is compared: a page keeps words and order, not every space, and no terminal colours."""
    return " ".join(ANSI.sub("", text).split())


def saved(cell):
    """The outputs saved in a cell, each as the MIME types it may be drawn as and its text (None where it is a picture)."""
    outputs = []
    for o in cell["outputs"]:
        if o["output_type"] == "stream":
            outputs.append(({STREAMS[o["name"]]}, joined(o["text"])))
        elif o["output_type"] == "error":
            outputs.append(({"application/vnd.jupyter.error", STREAMS["stderr"]}, "\n".join(o["traceback"])))
        elif set(o["data"]) == {"text/plain"}:
            outputs.append(({"text/plain"}, joined(o["data"]["text/plain"])))
        else:
            outputs.append((set(o["data"]) - {"text/plain"}, None))
    return outputs


def check(number, cell, shown):
    """Compares a cell's saved outputs with those on the page."""
    expected = saved(cell)
    where = f"code cell {number}: {joined(cell['source'])[:60]!r}"
    assert shown["prompt"] == f"[{number}]:", where
    assert len(shown["outputs"]) == len(expected), f"{where}: {shown['outputs']}"
    for got, (mimes, text) in zip(shown["outputs"], expected):
        assert got["mime"] in mimes, where
        assert got["shown"], f"{where}: nothing is drawn"
        if text is not None and "nbval-ignore-output" not in cell["metadata"].get("tags", []):
            assert words(got["text"]) == words(text), where


@pytest.fixture
def tab(tmp_path, request):
    """A page on a JupyterLab that has a copy of the notebook."""
    chromium = lab.find_chromium()
    if chromium is None:
        pytest.skip("no chromium: install the package chromium")
    root, private = tmp_path / "notebooks", tmp_path / "private"
    root.mkdir()
    private.mkdir()
    shutil.copy(START, root)
    with lab.server(root, private) as address, lab.page(chromium, tmp_path / "profile") as tab:
        tab.address = address
        yield tab


def test_start_notebook(tab, artifacts):
    cells = [c for c in json.loads(START.read_text())["cells"] if c["cell_type"] == "code"]
    assert any(c["outputs"] for c in cells), "00-start.ipynb has no saved outputs to compare with"
    lab.open_notebook(tab, tab.address, START.name)
    try:
        # What is read below was made now, not saved.
        lab.command(tab, "notebook:clear-all-cell-outputs", 10)
        assert not any(c["outputs"] for c in lab.read(tab))
        lab.run_all(tab, 120)
        shown = lab.read(tab)
    finally:
        tab.screenshot(path=artifacts / "00-start.png")
    assert len(shown) == len(cells)
    for number, (cell, page) in enumerate(zip(cells, shown), 1):
        check(number, cell, page)
    assert tab.blocked == [], "the page asked for something from the network"
