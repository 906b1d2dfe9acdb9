"""The Go of a page of documentation, and what the page says comes out.

A block ```go is a cell; all those of a page are one notebook, which must not fail. What follows a word after `go`, which
no reader of the page sees, and in a block ```output after it:

    ```go quiet       the cell gives no output
    ```go error       the cell fails, and the block ```output after it says how
    ```go asks        the cell asks the user, whom no test has: it fails by that
    ```output         all that the cell before gives, as text
    ```output about   the same, but that its numbers, with their units, and bars in |...| may be others

In an output, ... stands for any text.
"""
import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^( *)```(?P<info>[^\n]*)\n(?P<text>.*?)^\1```$", re.M | re.S)
NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?")
BAR = re.compile(r"\|[█░▒·]+\|")
UNIT = re.compile(r"(?<=#) ?(ns|µs|ms|s|m|h)\b|(?<=#)(?:m|h)#s")
SPACES = re.compile(r"[ \t]+")


@dataclass
class Block:
    """A fenced block: its language, the words after it, and its text."""
    language: str
    marks: list = field(default_factory=list)
    text: str = ""


@dataclass
class Cell:
    source: str
    marks: list
    output: Block | None = None  # what the page says of it


def blocks(text):
    """All fenced blocks of a page."""
    found = []
    for match in FENCE.finditer(text):
        language, *marks = match["info"].split() or [""]
        found.append(Block(language, marks, match["text"]))
    return found


def cells(text):
    """The cells of a page, each with the output that it says."""
    found = []
    for block in blocks(text):
        if block.language == "go":
            found.append(Cell(block.text.rstrip("\n"), block.marks))
        elif block.language == "output":
            assert found and found[-1].output is None, f"an output of no cell: {block.text}"
            found[-1].output = block
    return found


def without_numbers(text):
    """Each number and its unit as #, all bars alike, and spaces, which numbers push about, as one."""
    return UNIT.sub("", SPACES.sub(" ", NUMBER.sub("#", BAR.sub("|█|", text))))


def says(output, found):
    """Whether a page's output is what was found."""
    wanted = output.text
    if "about" in output.marks:
        wanted, found = without_numbers(wanted), without_numbers(found)
    lines = [re.escape(line.rstrip()).replace(r"\.\.\.", ".*?") for line in wanted.strip().split("\n")]
    found = "\n".join(line.rstrip() for line in found.strip().split("\n"))
    return re.fullmatch("\n".join(lines), found, re.S) is not None


def wrong(cell, failed, found):
    """What is not as the page says, or None."""
    if "asks" in cell.marks:
        return None if found.startswith("StdinNotImplementedError: ") else f"does not ask: {found}"
    if failed != ("error" in cell.marks):
        return f"{'fails' if failed else 'does not fail'}: {found}"
    if "quiet" in cell.marks and found:
        return f"gives {found!r}"
    if cell.output is not None and not says(cell.output, found):
        return f"gives\n{found}\nand the page says\n{cell.output.text}"
    # Who writes a page of magics or of errors says what comes of them.
    if cell.output is None and "quiet" not in cell.marks and (failed or cell.source[0] in "%!" or cell.source[-1] == "?"):
        return "has no block of output after it"
    return None
