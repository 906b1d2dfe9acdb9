"""What pages.py finds wrong, and what it does not."""
import pages
import pytest

PAGE = """
```go quiet
x := 7
```

Prose.

  ```go
  x
  ```

```output
7
```
"""


def test_cells():
    quiet, shown = pages.cells(PAGE)
    assert (quiet.source, quiet.marks, quiet.output) == ("x := 7", ["quiet"], None)
    assert shown.source.strip() == "x" and shown.output.text == "7\n"


def test_an_output_has_a_cell():
    with pytest.raises(AssertionError):
        pages.cells("```output\n7\n```\n")


def cell(source, marks="", output=None, about=""):
    return pages.Cell(source, marks.split(), None if output is None else pages.Block("output", about.split(), output))


@pytest.mark.parametrize("told, failed, found", [
    (cell("f()"), False, "whatever"),
    (cell("f()", "quiet"), False, ""),
    (cell("f()", output="a\nb\n"), False, "a \nb\n"),
    (cell("f()", output="a ... d\n"), False, "a b\nc d"),
    (cell("f()", output="12.5ms  of 3 |██░|\n", about="about"), False, "7s of 40 |░·█|"),
    (cell("f()", "error", "no: 3"), True, "no: 3"),
    (cell("ask()", "asks"), True, "StdinNotImplementedError: nobody"),
])
def test_right(told, failed, found):
    assert pages.wrong(told, failed, found) is None


@pytest.mark.parametrize("told, failed, found", [
    (cell("f()"), True, "an error"),
    (cell("f()", "quiet"), False, "a word"),
    (cell("f()", output="a\nb\n"), False, "a\nc\n"),
    (cell("f()", output="a\n"), False, "a\nb\n"),
    (cell("f()", output="7\n"), False, "8\n"),
    (cell("f()", output="7 tasks\n", about="about"), False, "7 threads\n"),
    (cell("f()", "error", "no: 3"), False, "no: 3"),
    (cell("f()", "error"), True, "not told"),
    (cell("%who"), False, "not told"),
    (cell("!ls"), False, "not told"),
    (cell("f?"), False, "not told"),
    (cell("ask()", "asks"), False, "7"),
])
def test_wrong(told, failed, found):
    assert pages.wrong(told, failed, found)
