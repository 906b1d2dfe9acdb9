"""A course graded by nbgrader itself: an assignment is made, released, submitted by students of all kinds, marked, and told why."""
import shutil

import nbformat
import pytest
from go_notebook import notebook, read, write
from grading import CONFIG, marks, nbgrader

# The assignment: two functions to write, each with a test. The stub takes the place of what is between the marks.
SUM = """\
func sum(xs []int) int {
	// BEGIN SOLUTION
	total := 0
	for _, x := range xs {
		total += x
	}
	return total
	// END SOLUTION
}"""
TEST_SUM = """\
grade.Equal("sum of 1, 2, 3", sum([]int{1, 2, 3}), 6)
// BEGIN HIDDEN TESTS
grade.Equal("sum of -1, 4", sum([]int{-1, 4}), 3)
// END HIDDEN TESTS"""
MEET = """\
func meet() int {
	// BEGIN SOLUTION
	c := make(chan int)
	go func() { c <- 7 }()
	return <-c
	// END SOLUTION
}"""
TEST_MEET = 'grade.Equal("meet()", meet(), 7)'


def body(code, lines):
    """code with other lines between its first and its last."""
    first, *_, last = code.splitlines()
    return "\n".join([first, *("\t" + line for line in lines), last])


# A student, the cells handed in for sum and meet (None: as released), the marks of their tests, of 2 and 3,
# and words that the feedback has to have.
STUDENTS = {
    "right": (SUM, MEET, (2, 3), ""),
    "wrong": (body(SUM, ["return len(xs) * 2"]), body(MEET, ["return 8"]), (0, 0), "sum of -1, 4: found 4, expected 3"),
    "empty": (None, None, (0, 0), "not implemented"),
    "half": (SUM, None, (2, 0), "not implemented"),
    "not compiling": (body(SUM, ["return totl"]), MEET, (0, 3), "undefined: totl"),
    "no go at all": ("I did not understand the question", MEET, (0, 3), "undefined: sum"),
    "hanging": (body(SUM, ["for {", "}"]), MEET, (0, 3), "CellTimeoutError"),
    "deadlocked": (SUM, body(MEET, ["return <-make(chan int)"]), (2, 0), "deadlock"),
    "panicking elsewhere": (SUM, body(MEET, ["go func() { panic(\"boom\") }()", "select {}"]), (2, 0), "boom"),
    "exiting": (body(SUM, ["os.Exit(0)", "return 0"]).replace("func", 'import "os"\n\nfunc', 1), MEET, (0, 3), "exit"),
    "crashing": (body(SUM, ["return sum(xs) + 1"]), MEET, (0, 3), "stack"),
    "on stderr": (body(SUM, ['println("here")', "return xs[0] + xs[1] + 3*(len(xs)-2)"]), MEET, (0, 3), "here"),
    "on stdout": (body(SUM, ['fmt.Println("here")', "return xs[0] + xs[1] + 3*(len(xs)-2)"]).replace("func", 'import "fmt"\n\nfunc', 1), MEET, (2, 3), "here"),
}


def cell(code, grade_id, points=None):
    """A cell of an assignment: a solution, or with points a test."""
    c = nbformat.v4.new_code_cell(code)
    c.metadata.nbgrader = {"schema_version": 3, "grade_id": grade_id, "task": False, "locked": points is not None,
                           "solution": points is None, "grade": points is not None}
    if points:
        c.metadata.nbgrader["points"] = points
    return c


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The directory of a course whose assignment has been released."""
    path = tmp_path_factory.mktemp("course")
    shutil.copy(CONFIG, path)
    nb = notebook('import "interleave/demos/grade"')
    nb.cells += [cell(SUM, "sum"), cell(TEST_SUM, "test_sum", 2), cell(MEET, "meet"), cell(TEST_MEET, "test_meet", 3)]
    (path / "source/ps1").mkdir(parents=True)
    write(nb, path / "source/ps1/p1.ipynb")
    nbgrader(path, "generate_assignment", "ps1", "--create")
    return path


def submit(course, student, *codes):
    """Hands in the released notebook with these cells as its solutions."""
    nb = read(course / "release/ps1/p1.ipynb")
    for at, code in zip((1, 3), codes):
        nb.cells[at].source = code or nb.cells[at].source
    folder = course / "submitted" / student / "ps1"
    folder.mkdir(parents=True)
    write(nb, folder / "p1.ipynb")


@pytest.fixture(scope="module")
def graded(course):
    """The course with all submissions marked, and feedback made."""
    for student, (sum_code, meet_code, *_) in STUDENTS.items():
        submit(course, student, sum_code, meet_code)
    submit(course, "tampering", None, None)
    tampered = course / "submitted/tampering/ps1/p1.ipynb"
    nb = read(tampered)
    nb.cells[2].source = nb.cells[4].source = "1"
    write(nb, tampered)
    nbgrader(course, "autograde", "ps1", "--Execute.timeout=10")
    nbgrader(course, "generate_feedback", "ps1")
    return course


def test_release(course):
    """The released cells compile, and have neither solution nor hidden test."""
    nb = read(course / "release/ps1/p1.ipynb")
    assert nb.cells[1].source == body(SUM, ["// YOUR CODE HERE", 'panic("not implemented")'])
    assert "-1, 4" not in nb.cells[2].source
    assert nb.cells[2].metadata.nbgrader.locked


@pytest.mark.alone
@pytest.mark.timeout(900)
@pytest.mark.parametrize("student", [*STUDENTS, "tampering"])
def test_marks(graded, student):
    expected, words = STUDENTS.get(student, (None, None, (0, 0), "not implemented"))[2:]
    feedback = (graded / "feedback" / student / "ps1/p1.html").read_text()
    points = marks(graded, "ps1", "p1", student)
    assert (points["test_sum"], points["test_meet"]) == expected, feedback[feedback.find("<body"):]
    assert words in feedback


RACY = """\
import "sync"

func count(lock bool) int {
	n := 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if lock {
				mu.Lock()
				defer mu.Unlock()
			}
			n++
		})
	}
	wg.Wait()
	return n
}"""


@pytest.mark.timeout(300)
def test_race_gets_no_points():
    """A test cell that begins with %%race fails where its goroutines race, and has nothing on standard error."""
    from nbclient import NotebookClient
    from nbgrader.utils import determine_grade

    nb = notebook(RACY)
    nb.cells += [cell("%%race\ncount(false)", "racy", 3), cell("%%race\ncount(true)", "safe", 3)]
    NotebookClient(nb, timeout=250, allow_errors=True).execute()
    assert determine_grade(nb.cells[1]) == (0, 3), nb.cells[1].outputs
    assert determine_grade(nb.cells[2]) == (3, 3), nb.cells[2].outputs
