"""Tests of several processes beside each other, but for those that want the machine for themselves."""
import fcntl
from contextlib import contextmanager


@contextmanager
def turn(folder, alone):
    """Waits for the tests of other processes to end, where one of them, or this one, is to be alone. folder is the same for all."""
    with open(folder / "queue", "w") as queue, open(folder / "machine", "w") as machine:
        fcntl.flock(queue, fcntl.LOCK_EX)  # who waits for the machine is the next to have it
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield
