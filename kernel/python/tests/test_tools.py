"""The tools around notebooks that a course is made with, each as its own program."""
import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import lab
import nbformat
import pytest
from conftest import ROOT
from go_notebook import SHARED_OUTPUTS, notebook, outputs, read, shared_variables, write

PROGRAMS = Path(sys.executable).parent
TIMEOUT = 170  # seconds; of one program on a busy machine

CHART = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": [{"lane": "a", "ms": 3}, {"lane": "b", "ms": 5}]},
    "mark": {"type": "bar", "tooltip": True}, "encoding": {"y": {"field": "lane"}, "x": {"field": "ms", "type": "quantitative"}},
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><rect width="120" height="40" fill="#0072B2"><title>3 ms</title></rect></svg>'
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="


def run(program, *args, status=0, **kwargs):
    """Runs a program of this environment; gives what it printed."""
    env = dict(os.environ, PATH=f"{PROGRAMS}:{os.environ['PATH']}", **kwargs.pop("env", {}))
    done = subprocess.run([PROGRAMS / program, *map(str, args)], text=True, capture_output=True, timeout=TIMEOUT, env=env, **kwargs)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def chart(tmp_path):
    """A notebook with a chart in all forms, as demos shows one."""
    nb = notebook("show()")
    nb.cells[0].outputs = [nbformat.v4.new_output("display_data", {
        "application/vnd.vegalite.v5+json": CHART, "image/svg+xml": SVG, "image/png": PNG, "text/plain": "2 lanes"})]
    nb.cells[0].execution_count = 1
    return write(nb, tmp_path / "chart.ipynb")


def test_jupytext_keeps_all(tmp_path):
    """A notebook becomes a .go script with // %% and comes back whole; magics are comments in it."""
    nb = shared_variables()
    nb.cells.append(nbformat.v4.new_code_cell("%tier"))
    nb.cells[2].metadata.tags = ["nbval-ignore-output"]
    path = write(nb, tmp_path / "nb.ipynb")
    run("jupytext", "--to", "go:percent", path)
    script = (tmp_path / "nb.go").read_text()
    assert "// %% [markdown]\n// # Shared variables" in script and '// %%\nimport "fmt"\nx := 20' in script
    run("jupytext", "--to", "ipynb", "--output", tmp_path / "back.ipynb", tmp_path / "nb.go")
    back = read(tmp_path / "back.ipynb")
    assert [(c.cell_type, c.source, c.metadata.get("tags")) for c in back.cells] == [(c.cell_type, c.source, c.metadata.get("tags")) for c in nb.cells]
    run("jupytext", "--test", "--to", "go:percent", path)


def test_jupytext_executes(tmp_path):
    """A script alone is enough."""
    (tmp_path / "nb.go").write_text('// %%\nimport "fmt"\n\n// %%\nfmt.Println("hi")\n')
    run("jupytext", "--to", "ipynb", "--set-kernel", "interleave", "--execute", "nb.go", cwd=tmp_path)
    assert outputs(read(tmp_path / "nb.ipynb")) == [[], ["hi\n"]]


def test_execute(tmp_path):
    path = write(shared_variables(), tmp_path / "nb.ipynb")
    run("jupyter-execute", path, "--output", "out.ipynb")
    assert outputs(read(tmp_path / "out.ipynb")) == SHARED_OUTPUTS


def test_nbval(tmp_path):
    """Equal outputs pass, others fail, and the tags say what is not compared."""
    nb = notebook('import ("fmt"; "time")', "fmt.Println(1)", "fmt.Println(time.Now())", 'panic("boom")', "6 * 7")
    nb.cells[2].metadata.tags = ["nbval-ignore-output"]
    nb.cells[3].metadata.tags = ["raises-exception"]
    path = write(nb, tmp_path / "nb.ipynb")
    run("jupyter-execute", "--inplace", path)
    plain = ["-p", "no:cacheprovider", "--nbval", path]
    assert "5 passed" in run("pytest", *plain, cwd=tmp_path)
    nb = read(path)
    nb.cells[4].outputs[0].data["text/plain"] = "43"
    write(nb, path)
    assert "1 failed, 4 passed" in run("pytest", *plain, cwd=tmp_path, status=1)


def test_nbdime(tmp_path):
    """A difference is told by cell, and two changes of one notebook are merged."""
    base = shared_variables()
    ours, theirs = read(write(base, tmp_path / "base.ipynb")), read(tmp_path / "base.ipynb")
    ours.cells[1].source = ours.cells[1].source.replace("20", "21")
    theirs.cells[5].source = theirs.cells[5].source.replace("got", "has")
    write(ours, tmp_path / "ours.ipynb")
    write(theirs, tmp_path / "theirs.ipynb")
    shown = run("nbdiff", "--no-color", "base.ipynb", "ours.ipynb", cwd=tmp_path)
    assert "-x := 20" in shown and "+x := 21" in shown
    run("nbmerge", "base.ipynb", "ours.ipynb", "theirs.ipynb", "--out", "merged.ipynb", cwd=tmp_path)
    merged = read(tmp_path / "merged.ipynb")
    assert "21" in merged.cells[1].source and "has" in merged.cells[5].source


def test_nbconvert_shows_charts(chart, tmp_path):
    """Without Vega, the saved drawing; the code has Go's colours."""
    run("jupyter-nbconvert", "--to", "html", chart)
    page = (tmp_path / "chart.html").read_text()
    assert base64.b64encode(SVG.encode()).decode() in page or SVG in page
    assert 'class="n">show' in page or 'class="nx">show' in page


@pytest.fixture
def tab(tmp_path):
    chromium = lab.find_chromium()
    if chromium is None:
        pytest.skip("no chromium: install the package chromium")
    with lab.page(chromium, tmp_path / "profile") as tab:
        yield tab


def open_page(tab, path):
    """A page from a server of this machine, since the browser reads no files."""
    tab.context.route("http://127.0.0.1:1/page", lambda route: route.fulfill(path=str(path), content_type="text/html; charset=utf-8"))
    tab.goto("http://127.0.0.1:1/page")


def test_pdf_by_browser(chart, tmp_path, tab):
    """The page that nbconvert writes, printed: the chart is there."""
    run("jupyter-nbconvert", "--to", "html", chart)
    open_page(tab, tmp_path / "chart.html")
    assert tab.evaluate("[...document.images].some(i => i.naturalWidth == 200) || document.querySelector('svg rect title') !== null")
    pdf = tab.pdf()
    assert pdf.startswith(b"%PDF") and len(pdf) > 5000


def test_page_without_vega(binary, chart, tmp_path, tab, artifacts):
    """interleave html: the drawing is there, tells what it is pointed at, and nothing is asked for."""
    subprocess.run([binary, "html", chart, "--vega", "", "-o", tmp_path / "page.html"], check=True)
    open_page(tab, tmp_path / "page.html")
    tab.wait_for_function("document.querySelector('object').offsetWidth == 200", polling=100)
    tab.screenshot(path=artifacts / "page.png")
    assert tab.blocked == []


FORMULAS = r"""# Formulas

In a line: $e^{i\pi} + 1 = 0$, $\frac{1}{s + \frac{1-s}{n}}$, $\sum_{i=1}^n x_i^2$, $f''(x) \in \mathbb{R}$, and a price of $5 or $6.

$$
T(n) = \sqrt[3]{\frac{a}{b}} \left( \sum_{i=1}^{n} \int_0^1 x^i \, dx \right)
- \lim_{k \to \infty} \hat{y}_k
$$

\begin{align}
a + b &= \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} \\
|x| &= \begin{cases} x & \text{if } x \ge 0 \\ -x & \text{otherwise} \end{cases}
\end{align}

What is not known stays as it is: $\unknown{x}$.
"""


def test_page_with_formulas(binary, tmp_path, tab, artifacts):
    """interleave html: a browser draws formulas by itself, those of Markdown and of outputs."""
    nb = notebook('display.Latex("$x^2$")')
    nb.cells[0].outputs = [nbformat.v4.new_output("display_data", {"text/latex": r"so $$\binom{n}{k} = \frac{n!}{k!\,(n-k)!}$$", "text/plain": "LaTeX"})]
    nb.cells.insert(0, nbformat.v4.new_markdown_cell(FORMULAS))
    subprocess.run([binary, "html", write(nb, tmp_path / "formulas.ipynb"), "-o", tmp_path / "page.html"], check=True)
    open_page(tab, tmp_path / "page.html")
    tab.screenshot(path=artifacts / "page-formulas.png", full_page=True)
    assert tab.locator("math").count() == 7 and tab.locator("code.tex").all_inner_texts() == [r"$\unknown{x}$"]
    above, below = (tab.locator("math mfrac").first.locator(f"> :nth-child({n})").bounding_box() for n in (1, 2))
    assert above["y"] + above["height"] <= below["y"], "a fraction in one line"
    assert "price of $5 or $6." in tab.inner_text("main") and tab.blocked == []


def test_page_with_vega(binary, chart, tmp_path, tab, artifacts):
    """interleave html with the library that install.sh gets: Vega draws, and a tip shows the value."""
    vega = os.environ.get("INTERLEAVE_VEGA")
    if not vega:
        pytest.skip("INTERLEAVE_VEGA does not name Vega's library; ./install.sh test gets it")
    subprocess.run([binary, "html", chart, "--vega", vega, "-o", tmp_path / "page.html"], check=True)
    open_page(tab, tmp_path / "page.html")
    tab.wait_for_selector(".chart.drawn svg path[aria-roledescription=bar]")
    tab.hover(".chart.drawn svg path[aria-roledescription=bar] >> nth=1")
    tab.wait_for_selector("#vg-tooltip-element.visible")
    assert "5" in tab.inner_text("#vg-tooltip-element")
    tab.screenshot(path=artifacts / "page-vega.png")
    assert tab.blocked == []
