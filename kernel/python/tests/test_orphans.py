"""Nothing is left behind when the server that started the kernel dies."""
import os
import signal
import subprocess
import sys
import time

SERVER = """
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="interleave")
client.execute('import "os/exec"')
client.execute('exec.Command("sleep", "1000").Start()')
client.execute_interactive("1", timeout=30, output_hook=lambda message: None)
print(manager.provisioner.pid, flush=True)
time.sleep(1000)
"""


def descendants(pid):
    """Process ids of pid and all below it."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_server_killed():
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    tree = []
    try:
        tree = descendants(int(server.stdout.readline()))
        assert len(tree) >= 3, "the kernel, its evaluator and the cell's own process"
        server.kill()
        server.wait()
        end = time.monotonic() + 10
        while any(map(alive, tree)):
            assert time.monotonic() < end, f"left behind: {[p for p in tree if alive(p)]}"
            time.sleep(0.05)
    finally:
        server.kill()
        for pid in filter(alive, tree):
            os.kill(pid, signal.SIGKILL)
