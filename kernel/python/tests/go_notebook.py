"""Small Go notebooks, and what they print."""
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from conftest import KERNEL

KERNELSPEC = {"name": KERNEL, "display_name": "Go (interleave)", "language": "go"}


def notebook(*cells):
    """A notebook of code cells."""
    return new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"kernelspec": KERNELSPEC})


def shared_variables():
    """A notebook whose cells use what earlier cells made; SHARED_OUTPUTS has what they show."""
    nb = notebook(
        'import "fmt"\nx := 20',
        "fmt.Println(x + 1)",
        "x += 2\nx",
        "c := make(chan int)\ngo func() { c <- x * 2 }()",
        'fmt.Println("got", <-c)',
    )
    nb.cells.insert(0, new_markdown_cell("# Shared variables"))
    return nb


SHARED_OUTPUTS = [[], ["21\n"], ["22"], [], ["got 44\n"]]


def outputs(nb):
    """The text of each code cell's outputs: of a stream, of text/plain, or an error's value."""
    def text(o):
        return o.text if o.output_type == "stream" else o.evalue if o.output_type == "error" else o.data["text/plain"]
    return [[text(o) for o in cell.outputs] for cell in nb.cells if cell.cell_type == "code"]


def write(nb, path):
    nbformat.write(nb, path)
    return str(path)


def read(path):
    return nbformat.read(path, as_version=4)
