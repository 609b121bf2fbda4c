"""What a stage of a long run costs: time on the wall, time of both processors, queries."""

import gc
import os
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Cost:
    """Sums of one stage."""

    def __init__(self):
        self.wall = self.cpu = self.queries = 0

    def __add__(self, other):
        total = Cost()
        for name in ("wall", "cpu", "queries"):
            setattr(total, name, getattr(self, name) + getattr(other, name))
        return total

    def __radd__(self, _nought):
        return self  # for sum()


class Meter:
    """Charges what passes to the stage at work; a stage within another is not charged twice.

    The processor time is that of this process and of the one PostgreSQL process that serves it,
    so that others at work on the machine disturb it little.
    """

    def __init__(self, cr):
        self.cr = cr
        cr.execute("SELECT pg_backend_pid()")
        self.server = Path(f"/proc/{cr.fetchone()[0]}/stat")
        self.stages = defaultdict(Cost)
        self.path = []

    def _read(self):
        taken = self.server.read_text().rpartition(")")[2].split()[11:13]
        cpu = time.process_time() + sum(map(int, taken)) / TICK
        return time.perf_counter(), cpu, self.cr.sql_log_count

    def _charge(self):
        now = self._read()
        if self.path:
            cost = self.stages[self.path[-1]]
            cost.wall += now[0] - self.last[0]
            cost.cpu += now[1] - self.last[1]
            cost.queries += now[2] - self.last[2]
        self.last = now

    @contextmanager
    def stage(self, name):
        self._charge()
        self.path.append(name)
        try:
            yield
        finally:
            self._charge()
            self.path.pop()

    def watch(self, model, method, name, within):
        """Charge a model's method, where the stage ``within`` calls it, to a stage of its own."""
        cls = type(model)
        original = getattr(cls, method)

        @wraps(original)
        def timed(*args, **kwargs):
            if self.path[-1:] != [within]:
                return original(*args, **kwargs)
            with self.stage(name):
                return original(*args, **kwargs)

        setattr(cls, method, timed)


def reset_peak():
    """Let the peak of this process's memory begin anew."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb():
    """Return the most memory this process had since ``reset_peak``, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
