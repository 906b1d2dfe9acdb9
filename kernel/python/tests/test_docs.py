"""What the pages in docs/ and the Dockerfile say is so."""
import re
import subprocess

import pytest
from conftest import ROOT
from go_notebook import notebook, outputs
from nbclient import NotebookClient

PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)


def blocks(page, language):
    return [text for name, text in BLOCK.findall(page.read_text()) if name == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_go_runs(page):
    """The blocks in Go, as the cells of one notebook."""
    cells = blocks(page, "go")
    nb = NotebookClient(notebook(*cells), timeout=120).execute()
    assert not any(o for cell in outputs(nb) for o in cell)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_exist(binary, page):
    known = subprocess.run([binary, "help"], text=True, capture_output=True, check=True).stdout
    for word in re.findall(r"(?:^|/bin/| )interleave ([a-z]+)$|^interleave ([a-z]+) ", "\n".join(blocks(page, "")), re.M):
        word = "".join(word)
        assert word == "prepare" or re.search(rf"^  {word}\b", known, re.M), word


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_files_exist(page):
    for name in re.findall(r"`(?:\./)?((?:kernel|notebooks|binder|docs)/[\w./-]+)`", page.read_text()):
        assert (ROOT / name).exists(), name


def test_configuration_is_quoted_as_it_is():
    line, = blocks(ROOT / "docs/teaching.md", "python")
    assert line.strip() in (ROOT / "notebooks/exercises/nbgrader_config.py").read_text()


def test_dockerfile():
    """It names the Go that the module wants, and only files that are there. No image is built here."""
    text = (ROOT / "binder/Dockerfile").read_text()
    wanted = re.search(r"^go (\d+\.\d+)", (ROOT / "go.mod").read_text(), re.M)[1]
    assert f"FROM golang:{wanted}-" in text
    for name in re.findall(r"(?<![\w/])(?:\./)?(kernel/[\w./-]+|install\.sh)", text):
        assert (ROOT / name).exists(), name
