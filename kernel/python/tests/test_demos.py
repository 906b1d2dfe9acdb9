"""Charts of package demos, as a front-end gets them: each is checked against the schema of Vega-Lite 5, and all are drawn
by a real JupyterLab and Notebook 7, light and dark."""
import base64
import re

import jsonschema
import lab
import nbformat
import pytest
from go_notebook import notebook, write
from nbclient import NotebookClient

VEGA = "application/vnd.vegalite.v5+json"
COLLATZ = """func collatz(limit int) int {
	best, at := 0, 0
	for i := 1; i < limit; i++ {
		n, steps := i, 0
		for n != 1 {
			if n%2 == 0 { n /= 2 } else { n = 3*n + 1 }
			steps++
		}
		if steps > best { best, at = steps, i }
	}
	return at
}"""
CHARTS = [
    "demos.Serial(job)", "demos.Async(job)", "demos.Threads(work, demos.GIL(), demos.Workers(2))", "demos.Processes(work)",
    "demos.C(demos.Primes(4, 20000))", "demos.Native(work)", "demos.Nursery(job)", "demos.Future(work)",
    "c := demos.Compare(job)\nc", "c.LatencyChart()", "demos.Async(job).LatencyChart()",
    'demos.Amdahl(demos.Primes(8, 20000), "threads")', "demos.Landscape()",
    "demos.ProducerConsumer()", "demos.UnsafeBank()", "demos.Philosophers()", "demos.Pipeline()", "demos.CancellationTree()",
]
WORDS = ["async", "threads", "processes", "c", "native", "nursery", "future"]


def setup():
    return ['import ("time"; "interleave/demos")', COLLATZ,
            "job := demos.Wait(12, 10*time.Millisecond)\nwork := demos.Compute(collatz, []int{30000, 31000, 32000})"]


@pytest.fixture(scope="module")
def ran(kernelspec):
    """The notebook of all charts, run."""
    nb = notebook(*setup(), *CHARTS)
    NotebookClient(nb, timeout=240).execute()
    return nb


def bundles(nb):
    """The value of each cell of CHARTS."""
    for cell in nb.cells[len(setup()):]:
        values = [o for o in cell.outputs if o.output_type == "execute_result"]
        assert len(values) == 1, (cell.source, cell.outputs)
        yield cell.source, values[0].data


def test_every_chart_has_all_forms(ran):
    for source, data in bundles(ran):
        assert set(data) == {VEGA, "image/svg+xml", "image/png", "text/plain"}, (source, data.get("text/plain"))
        assert 'role="img"' in data["image/svg+xml"] and "<desc>" in data["image/svg+xml"], source
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG"), source


def test_schema(ran):
    altair = pytest.importorskip("altair", reason="no altair, which has the schema of Vega-Lite 5")
    schema = altair.vegalite.v5.schema.load_schema()
    validator = jsonschema.Draft7Validator(schema)
    for source, data in bundles(ran):
        problem = jsonschema.exceptions.best_match(validator.iter_errors(data[VEGA]))
        assert problem is None, (source, str(problem)[:2000])


def test_comparison_names_every_technique(ran):
    data = dict(bundles(ran))["c := demos.Compare(job)\nc"]
    for word in WORDS:
        assert re.search(rf"\b{word}\b", data["text/plain"]), word


def test_a_file_of_all_charts_is_small(ran):
    assert len(nbformat.writes(ran)) < 4 << 20


# One chart of each kind: lanes, bars, latency, Amdahl's law, the map.
KINDS = ["demos.Serial(job)", "c := demos.Compare(job, demos.NoPython())\nc", "c.LatencyChart()", "demos.Async(job).LatencyChart()",
         'demos.Amdahl(demos.Primes(8, 20000), "threads")', "demos.Landscape()"]
# Of each chart in the page: its size, and for each text how it contrasts with what is behind it, a bar or the page.
# Source of the measure: Web Content Accessibility Guidelines 2.2, "contrast ratio" and "relative luminance".
CHARTS_SHOWN = """() => {
  const color = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return {rgb: [r, g, b], a}; };
  const over = (top, below) => top.rgb.map((v, i) => v * top.a + below[i] * (1 - top.a));
  const luminance = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => { const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y); return (high + 0.05) / (low + 0.05); };
  const behind = node => {
    if (!node) return [255, 255, 255];
    const own = color(getComputedStyle(node).backgroundColor);
    return own.a === 1 ? own.rgb : over(own, behind(node.parentElement));
  };
  return [...document.querySelectorAll('.jp-Notebook .vega-embed svg.marks')].map(svg => {
    const bars = [...svg.querySelectorAll('.mark-rect path')].map(path => ({box: path.getBoundingClientRect(), color: color(getComputedStyle(path).fill)}));
    const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => {
      const {left, right, top, bottom} = text.getBoundingClientRect(), x = (left + right) / 2, y = (top + bottom) / 2;
      const bar = bars.findLast(({box}) => box.left < x && x < box.right && box.top < y && y < box.bottom);
      const below = bar ? over(bar.color, behind(svg)) : behind(svg);
      return {text: text.textContent, contrast: contrast(over(color(getComputedStyle(text).fill), below), below)};
    });
    const {width, height} = svg.getBoundingClientRect();
    return {width, height, texts};
  });
}"""


def check_drawn(tab, cells, theme):
    """All charts are there, and nothing else where they should be; all text on them can be read."""
    shown = lab.read(tab)
    outputs = [cell["outputs"] for cell in shown[len(setup()):]]
    assert len(outputs) == len(cells)
    for source, found in zip(cells, outputs):
        assert found and found[-1]["mime"] == VEGA and found[-1]["shown"], (source, found)
        wrong = [o for o in found if not o["mime"] or "error" in o["mime"] or "stderr" in o["mime"]]
        assert not wrong, (source, wrong)
    assert lab.shown_theme(tab) == theme
    charts = tab.evaluate(CHARTS_SHOWN)
    assert len(charts) == len(cells)
    for source, chart in zip(cells, charts):
        assert chart["width"] > 300 and chart["height"] > 50 and len(chart["texts"]) > 3, (source, chart)
        faint = [text for text in chart["texts"] if text["contrast"] < 4.5]
        assert not faint, (source, theme, faint)


def check_application(tab, app):
    """Which application it is, by its own word."""
    name, version = tab.evaluate("() => [window.jupyterapp.name, window.jupyterapp.version]")
    assert (name, version.split(".")[0]) == {"lab": ("JupyterLab", "4"), "notebook": ("Jupyter Notebook", "7")}[app]


@pytest.mark.parametrize("theme, other", [("light", "dark"), ("dark", "light")], ids=["light", "dark"])
@pytest.mark.parametrize("app", lab.PAGES)
def test_saved_charts_in_a_browser(ran, tab, site, artifacts, app, theme, other):
    """A notebook of someone else, which is not trusted, shows its charts; they can be read when the theme changes then."""
    name = f"charts-{app}-{theme}.ipynb"
    write(ran, site.root / name)
    lab.open_notebook(tab, site, name, app, theme)
    try:
        check_application(tab, app)
        check_drawn(tab, CHARTS, theme)
        lab.change_theme(tab, other)
        check_drawn(tab, CHARTS, other)
        lab.change_theme(tab, theme)
    finally:
        tab.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
        tab.screenshot(path=artifacts / f"charts-{app}-{theme}.png")
    assert tab.blocked == [], "the page asked for something from the network"
    lab.close_notebook(tab)


def test_charts_made_in_notebook_7(tab, site, artifacts):
    """Charts that are made while one looks, in the dark; in JupyterLab, and in the light, the lessons show them."""
    write(notebook(*setup(), *KINDS), site.root / "made.ipynb")
    lab.open_notebook(tab, site, "made.ipynb", "notebook", "dark")
    try:
        lab.run_all(tab, 240)
        check_drawn(tab, KINDS, "dark")
    finally:
        tab.screenshot(path=artifacts / "made-notebook-dark.png")
    lab.close_notebook(tab)
