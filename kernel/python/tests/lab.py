"""A Jupyter server, which gives a notebook as a page of JupyterLab and of Notebook 7, and a real browser on it.

The page is asked through `window.jupyterapp`, which expose_app_in_browser puts there: what the page shows is no
guide to readiness, since its indicator says idle before there is a kernel, and Run then opens a dialog.
"""
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Where a notebook is, by application: in JupyterLab in a workspace of its own.
PAGES = {"lab": "lab/workspaces/{stem}/tree/{name}", "notebook": "notebooks/{name}"}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
READY = """() => {
  const widget = window.jupyterapp?.shell.currentWidget;
  if (!widget?.context?.isReady || !widget.sessionContext?.isReady) return false;
  const kernel = widget.sessionContext.session?.kernel;
  return kernel?.status === 'idle' && kernel.connectionStatus === 'connected'
    && document.querySelectorAll('.jp-Notebook .jp-Cell').length >= widget.content.widgets.length;
}"""
# Opens a notebook in place of what is open, where this is JupyterLab with that theme.
OPEN = """async ([name, theme]) => {
  const app = window.jupyterapp;
  if (app?.name !== 'JupyterLab' || document.body.dataset.jpThemeName !== theme) return false;
  for (const widget of [...app.shell.widgets('main')]) widget.dispose();
  await app.commands.execute('docmanager:open', {path: name});
  return true;
}"""
# Every code cell has run.
RAN = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .every(cell => cell.model.type !== 'code' || cell.model.executionCount !== null)"""
# What a user sees of each code cell: its prompt, but that of one whose input is collapsed has none, and each output's MIME
# type and text. What Vega drew does not tell its type. A bar that was taken away leaves a blank one.
READ = """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({
  prompt: cell.inputHidden ? `[${cell.model.executionCount}]:` : cell.node.querySelector('.jp-InputPrompt')?.textContent,
  made: cell.outputArea.model.length,
  outputs: [...cell.node.querySelectorAll('.jp-OutputArea-output')].map((output, i) => ({
    mime: output.getAttribute('data-mime-type')
      ?? (output.matches('.vega-embed, :has(.vega-embed)') ? 'application/vnd.vegalite.v5+json' : null), text: output.innerText,
    shown: output.childElementCount > 0, blank: Object.values(cell.outputArea.model.get(i)?.data ?? {x: 1}).every(data => data === '')})),
}))"""


@dataclass
class Site:
    """A server: its address, the folder of its notebooks, and that of its own files."""
    address: str
    root: Path
    private: Path


def find_chromium():
    """Path of a Chromium, or None."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), None)


def _settings(directory, theme):
    """A theme, no news pop-up, and no windowing: cells out of view would not be in the page."""
    for plugin, values in {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "apputils-extension/themes": {"theme": THEMES[theme]},
        "notebook-extension/tracker": {"windowingMode": "none"},
    }.items():
        file = directory / "@jupyterlab" / (plugin + ".jupyterlab-settings")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))


def wait(what, condition, seconds, pause=lambda: time.sleep(0.1)):
    """Gives the first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        pause()
    raise TimeoutError(f"{what}: not within {seconds} s")


@contextmanager
def server(root, private):
    """Jupyter on the notebooks of root, its own files below private. Gives a Site."""
    runtime = private / "runtime"
    env = dict(os.environ, JUPYTER_RUNTIME_DIR=str(runtime), JUPYTERLAB_SETTINGS_DIR=str(private / "settings"),
               JUPYTERLAB_WORKSPACES_DIR=str(private / "workspaces"))
    args = ["--no-browser", "--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={root}", "--IdentityProvider.token=",
            "--LabApp.news_url=None", "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True"]
    if os.geteuid() == 0:
        args.append("--allow-root")
    log = private / "server.log"

    def address():
        assert process.poll() is None, log.read_text()
        for file in runtime.glob("jpserver-*.json"):
            text = file.read_text()
            if text.rstrip().endswith("}"):
                return json.loads(text)["url"]
        return None

    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "jupyterlab", *args], env=env, stdout=out, stderr=out)
        try:
            yield Site(wait("the server's address", address, 60), root, private)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def page(chromium, profile):
    """A page of a headless browser that reaches this machine alone; page.blocked lists what it was refused."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, headless=True, args=flags, viewport={"width": 1280, "height": 1600})
        tab = context.pages[0]
        tab.blocked = []

        context.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:", "blob:")),
                      lambda route: (tab.blocked.append(route.request.url), route.abort()))
        try:
            yield tab
        finally:
            context.close()


def open_notebook(tab, site, name, app="lab", theme="light"):
    """Opens a notebook in an application of PAGES, and waits until it is drawn and its kernel idle.

    A page of JupyterLab that is there already is kept: to load one takes longer than most notebooks do.
    """
    if app != "lab" or not tab.evaluate(OPEN, [name, THEMES[theme]]):
        _settings(site.private / "settings", theme)
        tab.goto(site.address + PAGES[app].format(stem=name.removesuffix(".ipynb"), name=name))
    # Not wait_for_function: it re-evaluates on animation frames, which a hidden tab does not have.
    wait(f"{name} with an idle kernel", lambda: tab.evaluate(READY), 90, lambda: tab.wait_for_timeout(100))


def close_notebook(tab):
    """Ends the notebook's kernel, so that nothing of it runs beside the next one, and forgets what was changed."""
    tab.evaluate("""async () => {
        const widget = window.jupyterapp.shell.currentWidget;
        await widget.context.save();
        await widget.sessionContext.shutdown();
    }""")


def command(tab, name, seconds, **args):
    """Runs a command of the application to its end."""
    return tab.evaluate("""([name, seconds, args]) => Promise.race([
        window.jupyterapp.commands.execute(name, args).then(() => true),
        new Promise((_, fail) => setTimeout(() => fail(new Error(`${name}: not within ${seconds} s`)), seconds * 1000)),
    ])""", [name, seconds, args])


def change_theme(tab, theme):
    """What the menu Settings, Theme does."""
    command(tab, "apputils:change-theme", 10, theme=THEMES[theme])
    wait(f"the theme {theme}", lambda: shown_theme(tab) == theme, 10, lambda: tab.wait_for_timeout(100))


def shown_theme(tab):
    """The theme by what is behind a notebook's cells, whatever the page says of itself."""
    return tab.evaluate("""() => {
        const [r, g, b] = getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor.match(/[\\d.]+/g);
        return +r + +g + +b < 3 * 128 ? 'dark' : 'light';
    }""")


def run_all(tab, seconds):
    """Runs all cells and waits for the last. The command itself ends with the first cell that fails, tagged or not."""
    command(tab, "notebook:run-all-cells", seconds)
    wait("a number at every cell", lambda: tab.evaluate(RAN), seconds, lambda: tab.wait_for_timeout(100))


def read(tab, seconds=10):
    """The code cells as the page shows them, a dict each: prompt, and outputs of mime, text, shown, without those that are blank.

    Waits for outputs that are still being drawn: run-all ends with the kernel, a chart comes a moment later.
    """
    def drawn():
        cells = tab.evaluate(READ)
        return all(c["made"] == len(c["outputs"]) and all(o["blank"] or o["shown"] and o["mime"] for o in c["outputs"]) for c in cells)

    try:
        wait("outputs", drawn, seconds, lambda: tab.wait_for_timeout(100))
    except TimeoutError:
        pass  # the caller sees shown, and knows which output it is
    return [dict(cell, outputs=[o for o in cell["outputs"] if not o["blank"]]) for cell in tab.evaluate(READ)]
