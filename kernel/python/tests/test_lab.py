"""Every lesson in a real browser: JupyterLab runs it, one of them Notebook 7 too, and the page has to show what is saved in it.

A cell tagged varying is compared by the kind of its last output alone: what comes before is progress.
"""
import json
import re
import shutil

import lab
import pytest
from conftest import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
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
        elif not any(o["data"].values()):
            pass  # a bar that was taken away
        elif set(o["data"]) == {"text/plain"}:
            outputs.append(({"text/plain"}, joined(o["data"]["text/plain"])))
        else:
            outputs.append((set(o["data"]) - {"text/plain"}, None))
    return outputs


def check(number, cell, shown):
    """Compares a cell's saved outputs with those on the page."""
    expected, found = saved(cell), shown["outputs"]
    where = f"code cell {number}: {joined(cell['source'])[:60]!r}"
    assert shown["prompt"] == f"[{number}]:", where
    varying = "varying" in cell["metadata"].get("tags", [])
    if varying:
        assert bool(found) == bool(expected), f"{where}: {found}"
        expected, found = expected[-1:], found[-1:]
    assert len(found) == len(expected), f"{where}: {found}"
    for got, (mimes, text) in zip(found, expected):
        assert got["mime"] in mimes, where
        assert got["shown"], f"{where}: nothing is drawn"
        if text is not None and not varying:
            assert words(got["text"]) == words(text), where


def copy_of(lesson, site):
    """Name of a copy of a lesson on a server."""
    shutil.copy(lesson, site.root)
    return lesson.name


@pytest.mark.alone
@pytest.mark.parametrize("app, lesson", [("notebook", LESSONS[0]), *(("lab", lesson) for lesson in LESSONS)],
                         ids=lambda p: p if isinstance(p, str) else p.stem)
def test_lesson(tab, site, artifacts, app, lesson):
    cells = [c for c in json.loads(lesson.read_text())["cells"] if c["cell_type"] == "code"]
    assert any(c["outputs"] for c in cells), "no saved outputs to compare with"
    lab.open_notebook(tab, site, copy_of(lesson, site), app)
    try:
        # What is read below was made now, not saved.
        lab.command(tab, "notebook:clear-all-cell-outputs", 10)
        assert not any(c["outputs"] for c in lab.read(tab))
        lab.run_all(tab, 120)
        shown = lab.read(tab)
    finally:
        tab.screenshot(path=artifacts / f"{lesson.stem}-{app}.png")
    assert len(shown) == len(cells)
    for number, (cell, page) in enumerate(zip(cells, shown), 1):
        check(number, cell, page)
    assert tab.blocked == [], "the page asked for something from the network"
    lab.close_notebook(tab)


def test_help_opens_in_the_browser(tab, site):
    """A link of the kernel in the menu Help opens a page of its own: go.dev does not let itself be shown in a frame."""
    lab.open_notebook(tab, site, copy_of(LESSONS[0], site))
    try:
        link = tab.get_by_text("The standard library", exact=True).first
        # A menu opened on a page just loaded was seen to close again by itself.
        lab.wait("a link in the menu Help", lambda: link.is_visible() or tab.get_by_text("Help", exact=True).first.click(), 20,
                 lambda: tab.wait_for_timeout(200))
        with tab.context.expect_page() as opened:
            link.click()
        opened.value.wait_for_load_state()
        assert tab.locator(".jp-Help").count() == 0, "a frame in JupyterLab"
        assert "https://pkg.go.dev/std" in tab.blocked
        opened.value.close()
    finally:
        tab.blocked.clear()
        lab.close_notebook(tab)
