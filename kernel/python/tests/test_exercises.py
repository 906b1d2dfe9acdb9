"""The exercises of the course: their solutions earn all points, what a student gets compiles and earns none, and wrong solutions are told from right ones.

The wrong ones are in exercises/NAME.json, a list of {"exercise": the grade_id of a solution cell, "why": what is wrong, "source": code}.
"""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from go_notebook import read, write
from grading import CONFIG, marks, nbgrader

SOURCES = {path.stem: path for path in sorted((ROOT / "notebooks/exercises/source").glob("*/*.ipynb"))}
WRONG = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "exercises").glob("*.json"))}
CONCURRENT = re.compile(r"grade\.(Faster|NoRace|NoLeak|Deadlocks|Cancels)\b|%%race")


def role(cell):
    """"solution", "test", or None for what is given."""
    marked = cell.metadata.get("nbgrader", {})
    return "solution" if marked.get("solution") else "test" if marked.get("grade") else None


def exercises(nb):
    """The grade_id of each solution cell, and those of the tests that follow it."""
    found = {}
    for cell in nb.cells:
        if role(cell) == "solution":
            tests = found[cell.metadata.nbgrader.grade_id] = []
        elif role(cell) == "test":
            tests.append(cell.metadata.nbgrader.grade_id)
    return found


def run(binary, nb, folder):
    """Runs a notebook in a session of its own, and gives the points of its tests, as nbgrader counts them, and it."""
    from nbgrader.utils import determine_grade

    path = write(nb, folder / "exercise.ipynb")
    done = subprocess.run([binary, "run", path, "--allow-errors"], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    nb = read(path)
    return {cell.metadata.nbgrader.grade_id: determine_grade(cell) for cell in nb.cells if role(cell) == "test"}, nb


def run_fairly(binary, nb, folder, wrong=()):
    """Like run, but up to three times, until all tests but the wrong ones have their points: a speed-up wants cores that nobody else uses."""
    for _ in range(3):
        points, ran = run(binary, nb, folder)
        if all(score == most for test, (score, most) in points.items() if test not in wrong):
            break
    return points, ran


def errors(cell):
    return [o.evalue for o in cell.get("outputs", []) if o.output_type == "error"]


@pytest.mark.parametrize("name", SOURCES)
def test_form(name):
    """At least two exercises, each with a test and a wrong solution; one check of concurrency; no output stored."""
    nb = read(SOURCES[name])
    found = exercises(nb)
    assert len(found) > 1 and all(found.values())
    assert {wrong["exercise"] for wrong in WRONG[name]} == set(found)
    assert not any(cell.get("outputs") for cell in nb.cells)
    if not name.startswith("00-"):
        assert any(role(cell) == "test" and CONCURRENT.search(cell.source) for cell in nb.cells)


def test_wrong_solutions_belong_to_an_exercise():
    assert set(WRONG) == set(SOURCES)


@pytest.mark.alone
@pytest.mark.parametrize("name", SOURCES)
def test_solution(binary, tmp_path, name):
    points, nb = run_fairly(binary, read(SOURCES[name]), tmp_path)
    assert all(score == most > 0 for score, most in points.values()), [errors(c) for c in nb.cells]
    assert not any(errors(c) for c in nb.cells)


def rounds(name):
    """The wrong solutions of a notebook by exercise, so that each is in one round, beside those of other exercises."""
    lists = {}
    for wrong in WRONG[name]:
        lists.setdefault(wrong["exercise"], []).append(wrong)
    return [{exercise: list[i] for exercise, list in lists.items() if i < len(list)} for i in range(max(map(len, lists.values())))]


@pytest.mark.alone
@pytest.mark.parametrize("name, at", [(name, i) for name in WRONG for i in range(len(rounds(name)))])
def test_wrong_solution(binary, tmp_path, name, at):
    """It earns nothing, and exercises whose solution is right keep their points."""
    wrong, nb = rounds(name)[at], read(SOURCES[name])
    for cell in nb.cells:
        if role(cell) == "solution" and cell.metadata.nbgrader.grade_id in wrong:
            cell.source = wrong[cell.metadata.nbgrader.grade_id]["source"]
    of_wrong = {test for exercise, tests in exercises(nb).items() if exercise in wrong for test in tests}
    points, nb = run_fairly(binary, nb, tmp_path, of_wrong)
    shown = {c.metadata.nbgrader.grade_id: errors(c) for c in nb.cells if role(c)}
    assert not any(shown[exercise] for exercise in wrong), f"it does not compile: {shown}"
    assert {test: score for test, (score, _) in points.items()} == {test: 0 if test in of_wrong else most for test, (_, most) in points.items()}, shown


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course, with all released, and handed in as it is."""
    path = tmp_path_factory.mktemp("course")
    shutil.copy(CONFIG, path)
    for name, source in SOURCES.items():
        (path / "source" / name).mkdir(parents=True)
        shutil.copy(source, path / "source" / name)
    nbgrader(path, "generate_assignment", "*", "--create")
    shutil.copytree(path / "release", path / "submitted/empty")
    nbgrader(path, "autograde", "*")
    return path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SOURCES)
def test_release(course, name):
    """It compiles, has neither solutions nor hidden tests, and earns nothing."""
    released, graded = read(course / "release" / name / f"{name}.ipynb"), read(course / "autograded/empty" / name / f"{name}.ipynb")
    for cell in released.cells:
        assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN)", cell.source)
        assert role(cell) != "solution" or 'panic("not implemented")' in cell.source
    for cell in graded.cells:
        assert role(cell) == "test" or not errors(cell), cell.source
    tests = {test for list in exercises(graded).values() for test in list}
    assert marks(course, name, name, "empty") == dict.fromkeys(tests, 0)
