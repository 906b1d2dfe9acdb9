"""A kernel as a hub starts it: installed by root for all, run by users whose homes are read-only, with one prepared cache.

See docs/deploying.md, "JupyterHub".
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start kernels of other users")

ANN, BOB = 31001, 31002  # numbers of users, which need no name
CELL = "%%native\nfunc double(n int) int { return 2 * n }\ndouble(21)"
C = 'import "interleave/demos"\ndemos.C(demos.Primes(2, 1000))'


@pytest.fixture(scope="module")
def system(binary):
    """A folder with all that root installs: prefix/, cache/ and, for each user, home-UID/ and data-UID/."""
    root = Path(tempfile.mkdtemp(prefix="interleave-hub-"))
    try:
        root.chmod(0o755)
        program = root / "prefix/lib/interleave/bin/interleave"
        program.parent.mkdir(parents=True)
        shutil.copy(os.path.realpath(binary), program)
        subprocess.run([program, "install", "--prefix", root / "prefix"], check=True)
        prepare(program, root / "cache")
        for user in ANN, BOB:
            (root / f"home-{user}").mkdir(mode=0o555)
            (root / f"data-{user}").mkdir(mode=0o700)
            os.chown(root / f"data-{user}", user, user)
        yield root
    finally:
        shutil.rmtree(root)


def prepare(program, cache):
    """Fills a cache from that of the tests, whose library is compiled, and opens it to all."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "interleave"
    for item in own.glob("native-*"):
        shutil.copytree(item, cache / "interleave" / item.name, ignore=shutil.ignore_patterns("cells", "work-*"))
    for item in own.glob("exports-*.bin"):
        shutil.copy(item, cache / "interleave")
    subprocess.run([program, "prepare"], env=dict(os.environ, XDG_CACHE_HOME=str(cache)), check=True)
    subprocess.run(["chmod", "-R", "a+rwX", cache], check=True)


@contextlib.contextmanager
def kernel(system, user):
    """A client of a kernel that runs as user. Its umask is strict: nobody else may read what it makes by itself."""
    specs = KernelSpecManager(kernel_dirs=[str(system / "prefix/share/jupyter/kernels")])
    manager = KernelManager(kernel_name="interleave", kernel_spec_manager=specs, connection_file=str(system / f"data-{user}/kernel.json"))
    manager.cache_ports = False  # else it takes others when it starts
    manager.write_connection_file()
    os.chown(manager.connection_file, user, user)
    data = system / f"data-{user}"
    env = dict(os.environ, HOME=str(system / f"home-{user}"), XDG_CACHE_HOME=str(system / "cache"), XDG_DATA_HOME=str(data))
    manager.start_kernel(user=user, group=user, extra_groups=[], umask=0o077, env=env, cwd=str(system))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def text(client, code):
    """All that a cell gives, which must not fail."""
    found = []

    def hook(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            found.append(content["text"])
        elif "data" in content:
            found.append(content["data"]["text/plain"])

    reply = client.execute_interactive(code, timeout=120, output_hook=hook)["content"]
    assert reply["status"] == "ok", reply
    return "".join(found)


def entries(system):
    """What is in the cache of compiled cells: the file of each to its owner."""
    return {path: path.stat().st_uid for path in (system / "cache/interleave").glob("native-*/cells/??/*/cell.so")}


def test_users_share_a_cache(system):
    """Cells run compiled, what one user compiled serves the next, and who finds it damaged mends it."""
    before = entries(system)
    with kernel(system, ANN) as client:
        assert text(client, CELL) == "42"
        assert text(client, "!id -u") == f"{ANN}\n"
        assert text(client, "%tier").startswith("compiled")
        assert "C" in text(client, C)
    assert (system / f"data-{ANN}/interleave/history.db").exists()
    made = entries(system).keys() - before.keys()
    assert made and all(path.stat().st_uid == ANN for path in made)
    with kernel(system, BOB) as client:
        assert text(client, CELL) == "42"
        assert entries(system).keys() - before.keys() == made, "compiled again"
        assert "C" in text(client, C)
    for path in made:
        path.write_bytes(b"")
    with kernel(system, BOB) as client:
        assert text(client, CELL) == "42"
    assert BOB in {path.stat().st_uid for path in made}


def test_home_is_not_needed(system):
    """A kernel leaves nothing in the homes, which cannot be written to."""
    assert [list((system / f"home-{user}").iterdir()) for user in (ANN, BOB)] == [[], []]
