"""papermill gives Go notebooks their parameters, through the package in kernel/python/papermill-go."""
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import papermill
import pytest
from go_notebook import notebook, outputs, read, write
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.translators import papermill_translators

GO = papermill_translators.find_translator("interleave", "go")  # registered by the entry point, when papermill is imported

# A value of Python, its expression in Go, and what fmt's %T %v shows of it.
VALUES = [
    (9, "9", "int 9"),
    (-(2**63), "-9223372036854775808", "int -9223372036854775808"),
    (2**63, "uint64(9223372036854775808)", "uint64 9223372036854775808"),
    (9.0, "9.0", "float64 9"),
    (1e300, "1e+300", "float64 1e+300"),
    (5e-324, "5e-324", "float64 5e-324"),
    (-0.0, "math.Copysign(0, -1)", "float64 -0"),
    (float("nan"), "math.NaN()", "float64 NaN"),
    (float("-inf"), "math.Inf(-1)", "float64 -Inf"),
    (True, "true", "bool true"),
    (None, "any(nil)", "<nil> <nil>"),
    ("", '""', "string "),
    ('say "hi" \\n', r'"say \"hi\" \\n"', 'string say "hi" \\n'),
    ("`a`\tb 😀é", '"`a`\\tb 😀é"', "string `a`\tb 😀é"),
    ("\ufeff\x85", '"\\ufeff\\u0085"', "string \ufeff\x85"),
    ("\U000e0001", '"\\U000e0001"', "string \U000e0001"),
    ([], "[]any{}", "[]interface {} []"),
    ([1, 2], "[]int{1, 2}", "[]int [1 2]"),
    ([1, 2.5], "[]float64{1.0, 2.5}", "[]float64 [1 2.5]"),
    ([1, True], "[]any{1, true}", "[]interface {} [1 true]"),
    (["a", None], '[]any{"a", any(nil)}', "[]interface {} [a <nil>]"),
    ([[1], [2, 3]], "[][]int{[]int{1}, []int{2, 3}}", "[][]int [[1] [2 3]]"),
    ([2**63, 1], "[]any{uint64(9223372036854775808), 1}", "[]interface {} [9223372036854775808 1]"),
    ([float("inf")], "[]float64{math.Inf(1)}", "[]float64 [+Inf]"),
    ({}, "map[string]any{}", "map[string]interface {} map[]"),
    ({"a": 1}, 'map[string]int{"a": 1}', "map[string]int map[a:1]"),
    ({1: "x"}, 'map[int]string{1: "x"}', "map[int]string map[1:x]"),
    ({"a": {"b": [1]}}, 'map[string]map[string][]int{"a": map[string][]int{"b": []int{1}}}', "map[string]map[string][]int map[a:map[b:[1]]]"),
    ({"a": 1, "b": "x"}, 'map[string]any{"a": 1, "b": "x"}', "map[string]interface {} map[a:1 b:x]"),
]


@pytest.mark.parametrize("value, code, _", VALUES, ids=[str(i) for i in range(len(VALUES))])
def test_translate(value, code, _):
    assert GO.translate(value) == code


def test_values_arrive(tmp_path):
    """All of them through papermill and the kernel, in one notebook."""
    path = write(notebook('import "fmt"', *(f'fmt.Printf("%T %v", p{i}, p{i})' for i in range(len(VALUES)))), tmp_path / "in.ipynb")
    parameters = {f"p{i}": value for i, (value, _, _) in enumerate(VALUES)}
    papermill.execute_notebook(path, str(tmp_path / "out.ipynb"), parameters, progress_bar=False)
    assert [o for o, in outputs(read(tmp_path / "out.ipynb"))[2:]] == [shown for _, _, shown in VALUES]


@pytest.mark.parametrize("value, message", [
    (2**64, "18446744073709551616 fits none of Go's integer types: pass it as a string"),
    ([2**64], "18446744073709551616 fits none"),
    ([2**53 + 1, 0.5], "9007199254740993 is no float64 exactly"),
    ("\ud800", "is half of a character"),
])
def test_refused(value, message):
    with pytest.raises(PapermillException, match=message):
        GO.translate(value)


@pytest.mark.parametrize("name", ["my-n", "type", "func", "_", "", "9n", "a b"])
def test_names_refused(name):
    with pytest.raises(PapermillException, match="is no name in Go: rename it"):
        GO.codify({name: 1})


def test_codify():
    assert GO.codify({"n": 9, "größe": 1.5}) == "// Parameters\nn := 9\ngröße := 1.5\n"
    assert GO.codify({"s": "math.NaN("}, "two\nlines") == '// two\n// lines\ns := "math.NaN("\n'
    assert GO.codify({"f": {"a": [float("nan")]}}) == '// Parameters\nimport "math"\n\nf := map[string][]float64{"a": []float64{math.NaN()}}\n'


def test_inspect():
    source = "\n".join([
        "n := 5 // how many", 'var s string = "a // b" // text', "x := []int{1, 2}", "m := map[string]int{}", "// no := 2",
        "if a == b {", "fmt.Println(n)", "y, z := 1, 2", "t := 2.5", "ok := true", "d := 2 * time.Second",
    ])
    assert [tuple(p) for p in GO.inspect({"source": source})] == [
        ("n", "int", "5", "how many"), ("s", "string", '"a // b"', "text"), ("x", "[]int", "[]int{1, 2}", ""),
        ("m", "map[string]int", "map[string]int{}", ""), ("t", "float64", "2.5", ""), ("ok", "bool", "true", ""),
        ("d", "None", "2 * time.Second", ""),
    ]


def run(*args, status=0):
    """Runs the program papermill; gives what it wrote."""
    done = subprocess.run([Path(sys.executable).with_name("papermill"), *args], text=True, capture_output=True, timeout=120)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def squares(tmp_path):
    """A notebook with a cell of parameters."""
    nb = notebook("n := 5 // how many\nname := \"squares\"", 'import "fmt"\nvar squares []int\nfor i := range n {\n\tsquares = append(squares, i*i)\n}\nfmt.Println(squares, name)')
    nb.cells[0].metadata.tags = ["parameters"]
    return write(nb, tmp_path / "nb.ipynb")


def test_command(squares, tmp_path):
    run(squares, str(tmp_path / "out.ipynb"), "-p", "n", "3", "-p", "name", 'say "hi"')
    out = read(tmp_path / "out.ipynb")
    assert outputs(out) == [[], [], ['[0 1 4] say "hi"\n']]
    assert out.cells[1].metadata.tags == ["injected-parameters"]
    assert outputs(read(squares)) == [[], []], "the notebook itself was changed"


def test_command_again(squares, tmp_path):
    """The output is a notebook to be given other parameters."""
    run(squares, str(tmp_path / "out.ipynb"), "-p", "n", "3")
    run(str(tmp_path / "out.ipynb"), str(tmp_path / "again.ipynb"), "-p", "n", "4")
    assert outputs(read(tmp_path / "again.ipynb")) == [[], [], ["[0 1 4 9] squares\n"]]


def test_command_help(squares):
    shown = run("--help-notebook", squares)
    assert "n: int (default 5)" in shown and "how many" in shown


def test_failing_cell(tmp_path):
    path = write(notebook('panic("boom")', "1"), tmp_path / "nb.ipynb")
    with pytest.raises(PapermillExecutionError, match="boom"):
        papermill.execute_notebook(path, str(tmp_path / "out.ipynb"), {"n": 1}, progress_bar=False)


def test_engine():
    assert entry_points(group="papermill.engine", name="go"), "the package is not installed: ./install.sh test does it"
