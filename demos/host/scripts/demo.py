"""Runs the tasks of a demo by one of Python's tools.

The first line of standard input is a job in JSON. Each line of standard output is
JSON too: what Python this is, then a line for each task that ends, with its result
and its times by time.monotonic_ns(), then what all took. The end of standard input
ends this process and all that it started.
"""
import json
import math
import os
import signal
import sys
import threading
import time

now = time.monotonic_ns
JOB = {}


def main():
    job = json.loads(first_line())
    configure(job)
    threading.Thread(target=die_with_parent, daemon=True).start()
    say(python=sys.version.split()[0], gil=getattr(sys, "_is_gil_enabled", lambda: True)())
    try:
        run = TOOLS[job["tool"]](job)
    except ImportError as err:
        say(missing=str(err.name or err))
        return
    say(begun=now())
    run()
    say(usage=usage())


def first_line():
    """Reads by os.read, since a lock of sys.stdin would be held in forked children."""
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(0, 1 if len(text) < 1 else 1 << 16)
    return text


def die_with_parent():
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def usage():
    import resource
    own, children = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return dict(
        user=own.ru_utime + children.ru_utime, system=own.ru_stime + children.ru_stime,
        voluntary=own.ru_nvcsw + children.ru_nvcsw, involuntary=own.ru_nivcsw + children.ru_nivcsw,
        memory=own.ru_maxrss + children.ru_maxrss)


def configure(job):
    JOB.update(job)
    if job.get("source"):
        exec(compile(job["source"], "task", "exec"), globals())


# ---- the tasks, as package work has them ------------------------------------

def primes(start, stop):
    count = 0
    for k in range(max(start, 2), stop):
        d = 2
        while d * d <= k:
            if k % d == 0:
                break
            d += 1
        else:
            count += 1
    return count


def roots(start, stop):
    total = 0.0
    for k in range(start, stop):
        total += math.sqrt(k)
    return total


def mandelbrot(row, n, width):
    ci, total = -1.25 + 2.5 * row / n, 0
    for p in range(width):
        cr, zr, zi, k = -2 + 2.5 * p / width, 0.0, 0.0, 0
        while k < 200 and zr * zr + zi * zi <= 4:
            zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
            k += 1
        total += k
    return total


def part(i):
    return JOB["size"] * i // JOB["n"]


def compute(i):
    kind = JOB["kind"]
    if kind == "primes":
        return primes(part(i), part(i + 1))
    if kind == "roots":
        return roots(part(i), part(i + 1))
    if kind == "mandelbrot":
        return mandelbrot(i, JOB["n"], JOB["size"])
    return task(JOB["inputs"][i])  # noqa: F821, from JOB["source"]


WAITS = ("wait", "mixed")


def after(answer):
    return answer + primes(0, JOB["size"]) if JOB["kind"] == "mixed" else answer


def ask(i):
    import http.client
    c = http.client.HTTPConnection("127.0.0.1", JOB["port"])
    try:
        c.request("GET", f"/?i={i}")
        return int(c.getresponse().read())
    finally:
        c.close()


def one(i, lane=None):
    """Does a task, and gives what is said of it."""
    line = dict(i=i, lane=lane or threading.current_thread().name, start=now())
    try:
        if JOB["kind"] in WAITS:
            line["wait"] = now()
            answer = ask(i)
            line["resume"] = now()
            line["value"] = after(answer)
        else:
            line["value"] = compute(i)
    except Exception as err:  # of the user's task too
        line["error"] = f"{type(err).__name__}: {err}"
    line["end"] = now()
    return line


def one_in_process(i):
    return one(i, f"process {os.getpid()}")


# ---- the tools --------------------------------------------------------------

def with_asyncio(job):
    import asyncio

    async def ask_async(i):
        reader, writer = await asyncio.open_connection("127.0.0.1", JOB["port"])
        try:
            writer.write(f"GET /?i={i} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return int((await reader.read()).split(b"\r\n\r\n")[1])
        finally:
            writer.close()

    async def one_async(i, limit):
        if JOB["kind"] not in WAITS:
            say(**one(i, "event loop"))
            return
        async with limit:
            line = dict(i=i, lane="", start=now(), wait=now())
            try:
                answer = await ask_async(i)
                line["resume"] = now()
                line["value"] = after(answer)
            except Exception as err:
                line["error"] = f"{type(err).__name__}: {err}"
            line["end"] = now()
            say(**line)

    async def all_async():
        limit = asyncio.Semaphore(job["connections"])
        await asyncio.gather(*(one_async(i, limit) for i in range(job["n"])))

    return lambda: asyncio.run(all_async())


def with_threading(job):
    lock, queue = threading.Lock(), iter(range(job["n"]))

    def work():
        while True:
            with lock:
                i = next(queue, None)
            if i is None:
                return
            line = one(i)
            with lock:
                say(**line)

    def run():
        threads = [threading.Thread(target=work, name=f"thread {k + 1}") for k in range(job["threads"])]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    return run


def with_multiprocessing(job):
    import multiprocessing
    pool = multiprocessing.Pool(job["processes"], initializer=configure, initargs=(job,))

    def run():
        for line in pool.imap_unordered(one_in_process, range(job["n"]), chunksize=max(1, job["n"] // (job["processes"] * 8))):
            say(**line)
        pool.close()
        pool.join()

    return run


def with_futures(job):
    from concurrent import futures
    if job["kind"] in WAITS:
        pool = futures.ThreadPoolExecutor(job["threads"], thread_name_prefix="thread")
        do = one
    else:
        pool = futures.ProcessPoolExecutor(job["processes"], initializer=configure, initargs=(job,))
        do = one_in_process

    def run():
        with pool:
            for f in futures.as_completed([pool.submit(do, i) for i in range(job["n"])]):
                say(**f.result())

    return run


def with_trio(job):
    import trio

    async def one_trio(i, limit):
        async with limit:
            if JOB["kind"] not in WAITS:
                say(**one(i, "event loop"))
                return
            line = dict(i=i, lane="", start=now(), wait=now())
            try:
                async with await trio.open_tcp_stream("127.0.0.1", JOB["port"]) as s:
                    await s.send_all(f"GET /?i={i} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                    text = b"".join([chunk async for chunk in s])
                line["resume"] = now()
                line["value"] = after(int(text.split(b"\r\n\r\n")[1]))
            except Exception as err:
                line["error"] = f"{type(err).__name__}: {err}"
            line["end"] = now()
            say(**line)

    async def all_trio():
        limit = trio.Semaphore(job["connections"])
        async with trio.open_nursery() as nursery:
            for i in range(job["n"]):
                nursery.start_soon(one_trio, i, limit)

    return lambda: trio.run(all_trio)


def with_unsync(job):
    from unsync import unsync
    # On threads; unsync's cpu_bound pickles a decorated function by its module.
    do = unsync(one)

    def run():
        for f in [do(i) for i in range(job["n"])]:
            say(**f.result())

    return run


CYTHON = {
    "primes": """
def primes(long long start, long long stop):
    cdef long long count = 0, k, d
    cdef bint prime
    with nogil:
        for k in range(max(start, 2), stop):
            prime = True
            d = 2
            while d * d <= k:
                if k % d == 0:
                    prime = False
                    break
                d += 1
            if prime:
                count += 1
    return count
""",
    "roots": """
from libc.math cimport sqrt
def roots(long long start, long long stop):
    cdef long long k
    cdef double total = 0
    with nogil:
        for k in range(start, stop):
            total += sqrt(<double>k)
    return total
""",
    "mandelbrot": """
def mandelbrot(long long row, long long n, long long width):
    cdef double ci = -1.25 + 2.5 * <double>row / <double>n, cr, zr, zi, t
    cdef long long p, k, total = 0
    with nogil:
        for p in range(width):
            cr = -2 + 2.5 * <double>p / <double>width
            zr = 0
            zi = 0
            k = 0
            while k < 200 and zr * zr + zi * zi <= 4:
                t = zr * zr - zi * zi + cr
                zi = 2 * zr * zi + ci
                zr = t
                k += 1
            total += k
    return total
""",
}


def with_cython(job):
    import Cython  # noqa: F401, tells what is missing
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    import importlib.util

    name, folder = "demo_" + job["kind"], os.path.join(job["folder"], "cython-" + sys.implementation.cache_tag)
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    built = [f for f in os.listdir(folder) if f.startswith(name + ".") and f.endswith(".so")]
    if not built:
        with open(name + ".pyx", "w") as f:
            f.write("# cython: language_level=3, cdivision=True\n" + CYTHON[job["kind"]])
        quiet = os.dup(1)
        os.dup2(2, 1)  # what compilers say is no result
        command = Distribution({"ext_modules": cythonize([Extension(name, [name + ".pyx"])], quiet=True)}).get_command_obj("build_ext")
        command.inplace, command.build_temp = True, folder
        command.ensure_finalized()
        command.run()
        os.dup2(quiet, 1)
        built = [f for f in os.listdir(folder) if f.startswith(name + ".") and f.endswith(".so")]
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, built[0]))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    globals()[job["kind"]] = getattr(module, job["kind"])
    return with_threading(job)


TOOLS = {
    "asyncio": with_asyncio, "threading": with_threading, "multiprocessing": with_multiprocessing,
    "concurrent.futures": with_futures, "trio": with_trio, "unsync": with_unsync, "cython": with_cython,
}

if __name__ == "__main__":
    main()
