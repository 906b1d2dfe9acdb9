"""What the README, the pages in docs/ and the Dockerfile say is so."""
import re
import shutil
import subprocess

import pages
import pytest
from conftest import ROOT
from go_notebook import notebook
from nbclient import NotebookClient

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page, language):
    return [b.text for b in pages.blocks(page.read_text()) if b.language == language]


def text(output):
    """An output as text: of a stream, of text/plain, or an error's name and value."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}\n"
    return output.data["text/plain"] + "\n"


def run(cells, folder):
    """Runs cells, and gives of each whether it failed, and what it gave when it ended, the pager's text included."""
    gave = []

    def ran(cell, cell_index, execute_reply):
        paged = [p["data"]["text/plain"] for p in execute_reply["content"].get("payload", []) if p["source"] == "page"]
        gave.append((execute_reply["content"]["status"] == "error", "".join([text(o) for o in cell.outputs] + paged)))

    NotebookClient(notebook(*(c.source for c in cells)), timeout=120, allow_errors=True, on_cell_executed=ran,
                   resources={"metadata": {"path": str(folder)}}).execute()
    return gave


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_go_runs(page, tmp_path):
    """The blocks in Go, as the cells of one notebook, do what the page says: pages.py tells how it says so."""
    cells = pages.cells(page.read_text())
    wrong = [f"cell {number}:\n{cell.source}\n\n{said}" for number, (cell, (failed, found)) in enumerate(zip(cells, run(cells, tmp_path), strict=True), 1)
             if (said := pages.wrong(cell, failed, found))]
    assert not wrong, "\n\n".join(wrong)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    """Links to files of the repository, and to headings of Markdown in it."""
    for link in LINK.findall(CODE.sub("", page.read_text())):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.is_relative_to(ROOT) and file.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", file.read_text(), flags=re.S), re.M)
            assert anchor in [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings], link


def test_magics_are_told():
    """docs/magics.md has all that %help lists."""
    (_, listed), = run(pages.cells("```go\n%help\n```"), ROOT)
    told = (ROOT / "docs/magics.md").read_text()
    names = re.findall(r"^([%!?]\S*) ", listed, re.M)
    assert "%help" in names and len(names) > 10
    for name in names:
        assert re.search("`[^`\n]*" + re.escape(name), told), name


@pytest.mark.parametrize("package, page", [("display", "display"), ("demos", "demos"), ("demos/grade", "teaching")])
def test_functions_are_told(package, page):
    """The page of a package names each function of it, those that give a type too."""
    if not shutil.which("go"):
        pytest.skip("no go")
    doc = subprocess.run(["go", "doc", "-all", "./" + package], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    told = (ROOT / f"docs/{page}.md").read_text()
    names = set(re.findall(r"^func ([A-Z]\w*)[\[(]", doc, re.M)) - {"Collect", "Submitted", "Following"}  # what the kernel calls
    assert len(names) > 4
    assert not [name for name in names if not re.search(rf"\b{package.split('/')[-1]}\.{name}\b", told)]


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
