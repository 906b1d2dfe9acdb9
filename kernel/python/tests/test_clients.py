"""The kernel under the clients that people use beside JupyterLab, each as its own program."""
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import KERNEL
from go_notebook import SHARED_OUTPUTS, notebook, outputs, read, shared_variables, write
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

TIMEOUT = 120  # seconds; for a whole notebook on a busy machine


def jupyter(subcommand, *args, **kwargs):
    """Runs `jupyter SUBCOMMAND` of this environment; gives its standard output."""
    program = Path(sys.executable).with_name("jupyter-" + subcommand)
    done = subprocess.run([program, *args], text=True, capture_output=True, timeout=TIMEOUT, **kwargs)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nbclient():
    nb = NotebookClient(shared_variables(), timeout=TIMEOUT).execute()
    nbformat.validate(nb)
    assert outputs(nb) == SHARED_OUTPUTS
    assert [c.execution_count for c in nb.cells if c.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert nb.metadata.language_info.name == "go"


def test_nbclient_stops_at_an_error():
    nb = notebook("x := 1", 'panic("boom")', "x = 2")
    with pytest.raises(CellExecutionError, match="boom"):
        NotebookClient(nb, timeout=TIMEOUT).execute()
    assert nb.cells[2].execution_count is None


def test_nbclient_allows_errors():
    """Values survive the panic, and the error is the cell's only output."""
    nb = notebook("x := 1", 'x = 2\npanic("boom")', "x")
    NotebookClient(nb, timeout=TIMEOUT, allow_errors=True).execute()
    assert [o.output_type for o in nb.cells[1].outputs] == ["error"]
    assert "boom" in nb.cells[1].outputs[0].evalue
    assert outputs(nb)[2] == ["2"]


def test_execute(tmp_path):
    path = write(shared_variables(), tmp_path / "nb.ipynb")
    jupyter("execute", "--inplace", path)
    assert outputs(read(path)) == SHARED_OUTPUTS


def test_run(tmp_path):
    """Files of Go, in one session; the client hands their names to the kernel as well."""
    files = [tmp_path / "first.go", tmp_path / "second.go"]
    files[0].write_text('import "fmt"\nn := 20\nfmt.Println("printed")\n')
    files[1].write_text("n + 1\n")
    assert jupyter("run", "--kernel", KERNEL, *files).split() == ["printed", "21"]


def test_nbconvert_executes(tmp_path):
    path = write(shared_variables(), tmp_path / "nb.ipynb")
    jupyter("nbconvert", "--execute", "--to", "notebook", "--output", "out", path)
    assert outputs(read(tmp_path / "out.ipynb")) == SHARED_OUTPUTS


def test_nbconvert_exports_go(tmp_path):
    """language_info of an executed notebook leads to a .go file."""
    path = write(shared_variables(), tmp_path / "nb.ipynb")
    jupyter("nbconvert", "--execute", "--to", "notebook", "--inplace", path)
    jupyter("nbconvert", "--to", "script", path)
    assert "fmt.Println(x + 1)" in (tmp_path / "nb.go").read_text()


def test_console():
    """One line a cell; the end of the input ends the console."""
    shown = jupyter("console", "--kernel", KERNEL, "--simple-prompt", input='import "fmt"\nx := 20\nfmt.Println(x + 1)\nx * 2\n')
    assert "21\n" in shown
    assert "40\n" in shown
