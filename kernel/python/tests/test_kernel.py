"""Jupyter's own conformance tests, with every hook."""
import jupyter_kernel_test
from conftest import KERNEL

IMPORTS = """\
import (
    "fmt"
    "os"

    "interleave/display"
)
"""


class TestKernel(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import (\n\t"fmt"\n\t"os"\n)\nfmt.Fprintln(os.Stderr, "test")'
    code_generate_error = 'panic("boom")'
    code_clear_output = 'import "interleave/display"\ndisplay.Clear(false)'
    code_inspect_sample = "fmt.Println"
    code_page_something = "fmt.Println?"

    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "[]int{1, 2}", "result": "[1 2]"},
    ]
    code_display_data = [
        {"code": f'import "interleave/display"\ndisplay.Show(display.{call})', "mime": mime}
        for call, mime in [
            ('HTML("<b>hi</b>")', "text/html"),
            ('HTML("<b>hi</b>")', "text/plain"),
            ('Markdown("*hi*")', "text/markdown"),
            ('Latex("$x^2$")', "text/latex"),
            ('SVG(`<svg xmlns="http://www.w3.org/2000/svg"/>`)', "image/svg+xml"),
            ('JSON(map[string]int{"a": 1})', "application/json"),
            ('VegaLite(`{"mark": "bar"}`)', "application/vnd.vegalite.v5+json"),
        ]
    ]

    completion_samples = [
        {"text": "fmt.Printl", "matches": {"Println"}},
        {"text": "fmt.Fprintl", "matches": {"Fprintln"}},
        {"text": "os.Stder", "matches": {"Stderr"}},
        {"text": "import \"encoding/js"},
        {"text": "nothing.begins.so"},
        {"text": ""},
    ]
    complete_code_samples = [
        "",
        "1+2",
        'fmt.Println("hello")',
        "x := 1",
        "for i := range 3 {\n\tfmt.Println(i)\n}",
        "func f() int { return 1 }",
        "type T struct{ a int }",
        'import "fmt"',
        "// only a comment",
        "s := `a {`",
        "f(1,\n2)",
    ]
    incomplete_code_samples = [
        "func f() {",
        "for i := range 3 {\n\tfmt.Println(i)",
        "x := []int{1,",
        "f(1,",
        "import (",
        "s := `a",
        "/* a comment",
        "x := 1 +",
        "if true {",
    ]
    invalid_code_samples = [
        "x := := 1",
        "func f() }",
        "for ) {",
        's := "a',
    ]

    code_history_pattern = "1+2*"
    supported_history_operations = ("tail", "range", "search")

    def setUp(self):
        """Names that a sample uses are in the session whichever test runs first."""
        self.flush_channels()
        reply, _ = self.execute_helper(IMPORTS, timeout=60, store_history=False)
        self.assertEqual(reply["content"]["status"], "ok", reply["content"])

class TestIopubWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


def test_kernelspec_is_found(kernelspec):
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec(KERNEL)
    assert spec.resource_dir == str(kernelspec)
    assert (spec.language, spec.display_name, spec.interrupt_mode) == ("go", "Go (interleave)", "message")
    assert spec.argv[1:] == ["kernel", "{connection_file}"]
