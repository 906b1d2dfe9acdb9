"""The kernel under test: one binary and one kernelspec for all tests, apart from everything of the user's.

INTERLEAVE_BIN names the binary; without it, it is built here. Every Jupyter directory is a temporary one, so that no test
sees, or leaves behind, a kernelspec, a setting or a line of history.
"""
import os
import shutil
import subprocess
import tempfile
from contextlib import nullcontext
from pathlib import Path

import lab
import pytest
from turns import turn

ROOT = Path(__file__).resolve().parents[3]
KERNEL = "interleave"


def pytest_configure(config):
    """Set before any test imports Jupyter, which reads some of these on import."""
    private = config.private = Path(tempfile.mkdtemp(prefix="interleave-test-"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
                 "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "XDG_DATA_HOME"):
        os.environ[name] = str(private / name.lower())
    os.environ["JUPYTER_PATH"] = str(private / "prefix/share/jupyter")
    # A proxy has no business between a browser and a server of one machine.
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Of pytest-xdist: tells a worker where its turns are."""
    node.workerinput["turns"] = str(node.config.private)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """A test that is marked alone has the machine for itself, be there another worker or not."""
    folder = getattr(item.config, "workerinput", {}).get("turns")
    with turn(Path(folder), item.get_closest_marker("alone") is not None) if folder else nullcontext():
        return (yield)


def pytest_unconfigure(config):
    shutil.rmtree(config.private, ignore_errors=True)


@pytest.fixture(scope="session")
def binary(pytestconfig):
    """Path of the interleave binary."""
    given = os.environ.get("INTERLEAVE_BIN")
    if given:
        return given
    built = str(pytestconfig.private / "interleave")
    subprocess.run(["go", "build", "-o", built, "."], cwd=ROOT, check=True)
    subprocess.run([built, "prepare"], check=True)
    return built


@pytest.fixture(scope="session", autouse=True)
def kernelspec(binary, pytestconfig):
    """Installs the kernelspec for all tests, and is its folder."""
    prefix = pytestconfig.private / "prefix"
    subprocess.run([binary, "install", "--prefix", str(prefix)], check=True)
    return prefix / "share/jupyter/kernels" / KERNEL


@pytest.fixture(scope="session")
def chromium():
    """Path of the browser."""
    found = lab.find_chromium()
    if found is None:
        pytest.skip("no chromium: install the package chromium")
    return found


@pytest.fixture(scope="session")
def site(chromium, kernelspec, tmp_path_factory):
    """A Jupyter server on a folder of its own, for all tests of a browser."""
    with lab.server(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("private")) as site:
        yield site


@pytest.fixture(scope="module")
def tab(chromium, tmp_path_factory):
    """A page of a real browser. Its event loop runs while it is open, so that nbclient has to have done its work before."""
    with lab.page(chromium, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory):
    """Where screenshots go: INTERLEAVE_ARTIFACTS, or a temporary directory."""
    given = os.environ.get("INTERLEAVE_ARTIFACTS")
    path = Path(given) if given else tmp_path_factory.mktemp("artifacts")
    path.mkdir(parents=True, exist_ok=True)
    return path
