"""Charts of package demos, as a front-end gets them: each is checked against the schema of Vega-Lite 5, and all are drawn
by a real JupyterLab and Notebook 7, light and dark."""
import base64
import json
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


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_drawn_in_a_browser(ran, tmp_path, artifacts, dark):
    chromium = lab.find_chromium()
    if chromium is None:
        pytest.skip("no chromium: install the package chromium")
    root, private = tmp_path / "notebooks", tmp_path / "private"
    root.mkdir()
    private.mkdir()
    write(notebook(*setup(), *CHARTS[:9]), root / "demos.ipynb")
    if dark:
        settings = private / "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"theme": "JupyterLab Dark"}))
    with lab.server(root, private) as address, lab.page(chromium, tmp_path / "profile") as tab:
        lab.open_notebook(tab, address, "demos.ipynb")
        lab.run_all(tab, 240)
        shown = lab.read(tab)
        tab.screenshot(path=str(artifacts / f"demos-{'dark' if dark else 'light'}.png"), full_page=True)
        canvases = tab.evaluate("() => document.querySelectorAll('.jp-Notebook .vega-embed canvas, .jp-Notebook .vega-embed svg.marks').length")
    assert canvases >= 9, [c["outputs"] for c in shown]


def test_a_file_of_all_charts_is_small(ran):
    assert len(nbformat.writes(ran)) < 4 << 20
