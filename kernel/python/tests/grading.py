"""nbgrader, as a teacher runs it in the directory of a course."""
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

CONFIG = ROOT / "notebooks/exercises/nbgrader_config.py"


def nbgrader(course, command, *args):
    """Runs nbgrader in the course's directory."""
    programs = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    done = subprocess.run([programs / "nbgrader", command, *args], cwd=course, text=True, capture_output=True, timeout=900,
                          env=dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}"))
    assert done.returncode == 0, done.stderr[-4000:]


def marks(course, assignment, notebook, student):
    """The points of a student by test cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        submission = book.find_submission_notebook(notebook, assignment, student)
        return {grade.name: grade.auto_score for grade in submission.grades}
