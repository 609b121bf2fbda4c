"""Tests with real operating-system processes: crashes, two workers at once, a restarted server.

A test case of Odoo holds one transaction in one process, so it can show none of these. Here each test
has a database of its own, copied from the addon's template in under a second, and runs pieces of
Python in separate Odoo processes against it::

    from processes import run_together, scratch_database, server, start

    def test_two_close_the_month_at_once():
        with scratch_database() as db:
            run(db, "env['res.partner'].create({'name': 'Ann'})")
            first, second = run_together(db, "result = env['ccm.month']._cron_close_month()", 2)
            assert first.ok and second.ok, first.error + second.error
            assert run(db, "result = env['ccm.month'].search_count([])").result == 1

    def test_killed_half_way():
        with scratch_database() as db:
            process = start(db, "... ; say('half way') ; time.sleep(60)")
            process.wait_for("half way")
            process.kill()  # as a power cut would: nothing in the process can react

A snippet finds ``env`` (superuser), ``worker`` (0, 1, …), ``say(text)`` and whatever it imports. It is
committed when it ends and rolled back when it raises; it may call ``env.cr.commit()`` itself. What it
assigns to ``result`` comes back, by way of JSON. All processes of ``run_together`` load Odoo first and
then start the snippet at the same moment.

Functions are plain pytest tests: no class of Odoo's is needed, and no pytest fixture.
"""

import contextlib
import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
STATE = pathlib.Path(os.environ.get("CCM_STATE", ROOT / ".state"))
TIMEOUT = 180
_numbers = itertools.count(1)


@contextlib.contextmanager
def scratch_database(*options):
    """Yield the name of a fresh database with the addon installed; it goes away at the end.

    ``options`` are those of ``dev/db``, such as ``"--demo"``.
    """
    name = f"scratch_{os.getpid()}_{next(_numbers)}"
    subprocess.run([ROOT / "dev/db", *options, name], check=True, stdin=subprocess.DEVNULL)
    try:
        yield name
    finally:
        subprocess.run([ROOT / "dev/db", "--drop", name], check=True, stdin=subprocess.DEVNULL)


def client(program, *arguments, **options):
    """Run one of PostgreSQL's own programs on the cluster of the tests and return what it printed."""
    return subprocess.run(
        ["bash", "-c", '. dev/lib.sh; pg test "$@"', program, program, *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        **options,
    ).stdout


class Process:
    """A snippet at work in an Odoo process of its own."""

    def __init__(self, database, snippet, worker=0, conf=None):
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - it lives as long as this
        self._popen = subprocess.Popen(
            [sys.executable, __file__, database, str(worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env=_environment(conf),
        )
        self._send(json.dumps(snippet))
        self._deadline = time.monotonic() + TIMEOUT
        self.said = []
        self.result = None

    @property
    def pid(self):
        return self._popen.pid

    @property
    def ok(self):
        return self._popen.returncode == 0

    @property
    def error(self):
        """What the process wrote to its log and standard error."""
        self._errors.seek(0)
        return self._errors.read()

    def wait_for(self, text):
        """Return once the snippet has called ``say(text)``."""
        for kind, value in self._messages():
            if kind == "say" and value == text:
                return
        raise AssertionError(f"the process ended without saying {text!r}:\n{self.error}")

    def wait(self):
        """Return once the process has ended, with ``result`` and ``ok`` set."""
        for _message in self._messages():
            pass
        self._popen.wait(max(1, self._deadline - time.monotonic()))
        return self

    def kill(self):
        """End the process at once (SIGKILL)."""
        self._popen.kill()
        self._popen.wait()

    def go(self):
        """Wait until Odoo is loaded, then let the snippet begin (``start`` and ``run`` do this themselves)."""
        self.ready()
        self.release()
        return self

    def ready(self):
        self.wait_for("\0ready")

    def release(self):
        self._send("go")

    def _send(self, line):
        # a process that died before it read this is reported by wait_for, with its log
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.write(line + "\n")
            self._popen.stdin.flush()

    def _messages(self):
        for line in self._popen.stdout:
            if not line.startswith("\0"):
                continue  # something printed by the snippet
            kind, value = json.loads(line[1:])
            if kind == "say":
                self.said.append(value)
            else:
                self.result = value
            yield kind, value


def start(database, snippet, worker=0):
    """Start ``snippet`` in an Odoo process and return the running :class:`Process`."""
    return Process(database, snippet, worker).go()


def run(database, snippet):
    """Run ``snippet`` in an Odoo process and return it when it has ended; fail when it raised."""
    process = start(database, snippet).wait()
    if not process.ok:
        raise AssertionError(f"the snippet failed:\n{process.error}")
    return process


def run_together(database, snippet, count):
    """Run ``snippet`` in ``count`` Odoo processes at the same moment; return them when all have ended."""
    processes = [Process(database, snippet, worker) for worker in range(count)]
    for process in processes:
        process.ready()
    for process in processes:
        process.release()
    return [process.wait() for process in processes]


@contextlib.contextmanager
def server(database, *options, conf=None):
    """Serve ``database`` by a real Odoo server; yield it, with its address as ``url``.

    ``options`` are Odoo's, such as ``"--max-cron-threads=1"`` (crons are off otherwise) or ``"--workers=2"``;
    ``conf`` is the configuration of another cluster than the tests' own.
    The yielded ``subprocess.Popen`` may be killed inside the block; ``log()`` is what it wrote so far.
    """
    with socket.socket() as probe, socket.socket() as other:
        probe.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, gevent_port = probe.getsockname()[1], other.getsockname()[1]
    with tempfile.TemporaryFile("w+") as log:
        popen = subprocess.Popen(
            [
                sys.executable,
                # not -m: several workers come with one more, which Odoo starts by this path
                pathlib.Path(_read_state("odoo-tree"), "usr/bin/odoo"),
                "-d",
                database,
                f"--db-filter=^{database}$",
                f"--http-port={port}",
                f"--gevent-port={gevent_port}",
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=_environment(conf),
        )
        popen.url = f"http://127.0.0.1:{port}"
        popen.log = pathlib.Path(f"/proc/self/fd/{log.fileno()}").read_text
        try:
            _wait_until_served(popen, log)
            yield popen
        finally:
            popen.terminate()
            try:
                popen.wait(20)
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()


def _wait_until_served(popen, log):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and popen.poll() is None:
        try:
            with urllib.request.urlopen(f"{popen.url}/web/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    log.seek(0)
    raise AssertionError(f"the server did not answer:\n{log.read()}")


def _read_state(name):
    return (STATE / name).read_text().strip()


def _environment(conf=None):
    return {**os.environ, "ODOO_RC": str(conf or STATE / "test.conf")}


def _main(database, worker):
    """The other side: this file run as a program, in a process of its own."""
    import odoo.modules.registry
    from odoo import SUPERUSER_ID, api
    from odoo.tools import config

    # Only messages may go to standard output, whatever the snippet prints.
    messages = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(kind, value):
        messages.write("\0" + json.dumps([kind, value]) + "\n")

    snippet = json.loads(sys.stdin.readline())
    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    registry = odoo.modules.registry.Registry(database)
    tell("say", "\0ready")
    if not sys.stdin.readline():
        sys.exit("the test is gone")
    with registry.cursor() as cr:
        names = {
            "env": api.Environment(cr, SUPERUSER_ID, {}),
            "worker": int(worker),
            "say": lambda text: tell("say", text),
            "result": None,
        }
        exec(compile(snippet, "<snippet>", "exec"), names)
    tell("result", names["result"])


if __name__ == "__main__":
    _main(*sys.argv[1:])
