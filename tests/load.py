"""Many people at work at once on a real server: is every entry kept once, and how long does each thing take?

Each person signs in with a session of its own and goes about as a nurse does: looks a patient up, opens
the form, starts the timer, works, stops it, says what was done, and now and then logs a call by hand.
Between two things they think, some seconds each time. What the server accepted they write down, and at
the end each line of that is looked for in the database.

``dev/load [PEOPLE SECONDS]`` runs it in full, ``tests/test_load.py`` in short.
"""

import itertools
import math
import random
import sys
import threading
import time
from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import psycopg2
import requests
from lxml import etree

from odoo.tools import config

from processes import ROOT, run, scratch_database, server

sys.path.append(str(ROOT / "benchmarks"))
from screens import specification

MOST_PEOPLE, MOST_SECONDS = 100, 900
OWN, SHARED = 2, 10  # patients of each person, and of everybody
COVER = 0.2  # how often it is a patient of everybody
# Seconds between two things; people take longer. At half of it one connection in some 4,800 was reset:
# Odoo lets 8 for each worker wait at the door, and whoever comes while all stand there is turned away.
THINK = (3.0, 10.0)
CALL = (3.0, 9.0)  # seconds that the timer runs
BY_HAND = 0.5  # how often a call is also logged by hand
TIMEOUT = 60
SIGN_IN = 240  # seconds for all of them: each costs the server a good part of a second
AT_THE_DOOR = 4  # who signs in at once: Odoo lets 16 wait, and people come over minutes
PASSWORD = "a long password of nobody"
MINUTE = timedelta(minutes=1)
DATETIME = "%Y-%m-%d %H:%M:%S"

BUILD = """
from odoo.addons.ccm_module.tests.common import CcmCommon


class Build(CcmCommon):
    pass


Build.env = env(context={{"ccm_no_refresh": True, "tracking_disable": True}})
env.company.ccm_tz = "America/New_York"
env["ir.config_parameter"].set_param("web.base.url.freeze", True)
Build.nurse = Build._make_user("ccm_nurse", "user", "staff")
Build.doctor = Build._make_user("ccm_doctor", "practitioner", "practitioner")
Build.practitioner = Build.doctor.partner_id
Build.practitioner.write({{"is_ccm_practitioner": True, "npi": Build.NPI}})
Build.diabetes = Build._find_diagnosis("E11.9", "Type 2 diabetes", "chronic")
Build.hypertension = Build._find_diagnosis("I10", "Hypertension", "chronic")


def patients(name, count):
    return [
        Build.make_ready_patient(
            day="{day}", name=f"{{name}} {{n:02d}}", ccm_mrn=f"{{name}} {{n:02d}}"
        ).id
        for n in range(count)
    ]


people = []
for n in range({people}):
    user = Build._make_user(f"nurse{{n:02d}}", "user", "staff")
    people.append([user.login, user.id, patients(f"Patient of {{n:02d}}", {own})])
# the same hash for all: each would take as long as a sign-in
user.password = "{password}"
env.flush_all()
env.cr.execute(
    "UPDATE res_users SET password = (SELECT password FROM res_users WHERE id = %s) WHERE login LIKE 'nurse__'",
    [user.id],
)
result = {{
    "people": people,
    "shared": patients("Patient of all", {shared}),
    "call": env.ref("ccm_module.ccm_activity_type_call").id,
    "form": env.ref("base.view_partner_form").id,
    "outcome": env["ccm.activity"]._fields["outcome"].get_values(env)[0],
}}
"""

# Two people at once with one patient: the month must know of both.
AGAIN = """
names = ["staff_minutes", "practitioner_minutes", "total_minutes"]
months = env["ccm.month"].search([])
stored = months.read(names)
months._decide()
result = len(months), [row["id"] for row, now in zip(stored, months.read(names)) if row != now]
env.cr.rollback()
"""


class Refused(Exception):
    """The server answered with an error."""


@dataclass
class Record:
    """What all people together did, and what came of it."""

    entries: dict = field(default_factory=dict)  # id: (user, patient, source, note)
    taken: dict = field(default_factory=lambda: defaultdict(list))  # kind: seconds
    errors: list = field(default_factory=list)
    clicks: dict = field(default_factory=dict)  # id of a timed entry: seconds between the clicks
    met: int = 0  # how often two were at one row, and Odoo began one of them again

    def percentiles(self, kind):
        """Return the 50th, 95th and 99th percentile of a kind, in seconds: values that occurred."""
        values = sorted(self.taken[kind])
        return [values[math.ceil(len(values) * share) - 1] for share in (0.5, 0.95, 0.99)]

    def table(self):
        width = max(map(len, self.taken))
        yield f"{'':{width}}  count    50th    95th    99th  longest (ms)"
        for kind, values in self.taken.items():
            figures = "".join(f"{1000 * s:8.0f}" for s in (*self.percentiles(kind), max(values)))
            yield f"{kind:{width}} {len(values):6}{figures}"


class Person(threading.Thread):
    """Somebody at work until ``over`` is set; what was begun is ended."""

    door = threading.Semaphore(AT_THE_DOOR)

    def __init__(self, url, practice, number, record, ready, over):
        self.login, self.user_id, own = practice["people"][number]
        super().__init__(name=self.login, daemon=True)
        self.url, self.practice, self.record = url, practice, record
        self.ready, self.over = ready, over
        self.own, self.shared = own, practice["shared"]
        self.random = random.Random(number)
        self.session = requests.Session()
        self.numbers = itertools.count(1)

    def run(self):
        try:
            with self.door:
                self.sign_in()
            self.ready.wait(SIGN_IN)
            while not self.over.is_set():
                self.work()
        except Exception as error:
            self.ready.abort()  # wait for nobody who does not come
            self.record.errors.append(f"{self.login}: {type(error).__name__}: {error}")
        finally:
            self.session.close()

    # --- what a person does -----------------------------------------------------------------------

    def sign_in(self):
        with self.timed("sign in"):
            self.post(
                "/web/session/authenticate",
                {"db": self.practice["database"], "login": self.login, "password": PASSWORD},
            )
        views = self.call(
            "res.partner", "get_views", views=[[self.practice["form"], "form"]], options={}
        )
        arch = etree.fromstring(views["views"]["form"]["arch"])
        fields = {name: model["fields"] for name, model in views["models"].items()}
        self.form = specification(arch, "res.partner", fields)

    def work(self):
        covers = self.random.random() < COVER
        patient = self.random.choice(self.shared if covers else self.own)
        self.think()
        with self.timed("search"):
            found = self.call(
                "res.partner",
                "web_search_read",
                domain=[("is_ccm_patient", "=", True), ("name", "ilike", f"of {self.login[-2:]}")],
                specification={"display_name": {}, "phone": {}},
                limit=80,
            )
        if len(found["records"]) < OWN:
            raise Refused("the search does not find who is there")
        self.think()
        with self.timed("open the form"):
            (form,) = self.call("res.partner", "web_read", [patient], specification=self.form)
        if form["id"] != patient:
            raise Refused("the form is another patient's")
        self.think()
        self.time_a_call(patient)
        if self.random.random() < BY_HAND:
            self.think()
            self.log_by_hand(patient)

    def time_a_call(self, patient):
        with self.timed("start the timer"):
            entry = self.call("ccm.activity", "action_start_timer", patient)
        begun = time.monotonic()
        note = f"{self.login} timed {next(self.numbers)}"
        self.keep(entry, patient, "timer", note)
        time.sleep(self.random.uniform(*CALL))  # a call is ended, whatever the hour
        at = datetime.now(timezone.utc).strftime(DATETIME)
        self.record.clicks[entry] = time.monotonic() - begun
        with self.timed("stop the timer"):
            stopped = self.call("ccm.activity", "action_stop_timer", [entry], at=at)
        if stopped != [entry]:
            raise Refused(f"stopped {stopped} in place of {entry}")
        with self.timed("say what was done"):
            self.call(
                "ccm.activity",
                "action_describe",
                [entry],
                type_id=self.practice["call"],
                note=note,
                outcome=self.practice["outcome"],
            )

    def log_by_hand(self, patient):
        number = next(self.numbers)
        note = f"{self.login} by hand {number}"
        begin = self.practice["morning"] + number * MINUTE
        values = {
            "partner_id": patient,
            "start": begin.strftime(DATETIME),
            "stop": (begin + MINUTE / 2).strftime(DATETIME),
            "type_id": self.practice["call"],
            "outcome": self.practice["outcome"],
            "note": note,
            "reason": "Logged after the call",
        }
        with self.timed("log by hand"):
            (saved,) = self.call(
                "ccm.activity", "web_save", [], vals=values, specification={"note": {}}
            )
        self.keep(saved["id"], patient, "manual", note)

    # --- how ----------------------------------------------------------------------------------------

    def think(self):
        self.over.wait(self.random.uniform(*THINK))

    def keep(self, entry, patient, source, note):
        if entry in self.record.entries:
            self.record.errors.append(f"{self.login}: entry {entry} was given out twice")
        self.record.entries[entry] = (self.user_id, patient, source, note)

    def timed(self, kind):
        return Timed(self.record.taken[kind])

    def call(self, model, method, *args, **kwargs):
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def post(self, path, params):
        answer = self.session.post(
            self.url + path,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        answer = answer.json()
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise Refused(f"{path}: {data.get('name')}: {data.get('message')}")
        return answer["result"]


class Timed:
    """Appends to ``seconds`` how long the block took, if nothing went wrong in it."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        self.begun = time.perf_counter()

    def __exit__(self, kind, _error, _traceback):
        if kind is None:
            self.seconds.append(time.perf_counter() - self.begun)


def put_under_load(people, seconds):
    """Let people work on a server with two workers, and return the :class:`Record` and its faults."""
    people, seconds = min(people, MOST_PEOPLE), min(seconds, MOST_SECONDS)
    today = datetime.now(timezone.utc).replace(microsecond=0)
    record, ready, over = Record(), threading.Barrier(people + 1), threading.Event()
    with scratch_database() as database:
        day = (today - timedelta(days=40)).date()
        build = BUILD.format(
            people=people, own=OWN, shared=SHARED, password=PASSWORD, day=day.isoformat()
        )
        practice = run(database, build).result
        # calls of the day before; a manual entry each minute of it at most
        practice |= {"database": database, "morning": today - timedelta(days=1)}
        with server(database, "--workers=2", "--limit-time-real=120") as running:
            crowd = [Person(running.url, practice, n, record, ready, over) for n in range(people)]
            for person in crowd:
                person.start()
            with suppress(threading.BrokenBarrierError):
                ready.wait(SIGN_IN)
                time.sleep(seconds)
            over.set()
            for person in crowd:
                person.join(TIMEOUT * 3)
                if person.is_alive():
                    record.errors.append(f"{person.login}: still waits for an answer")
            record.met = running.log().count("tries left, try again")
        faults = check(database, practice, record)
    return record, faults


def check(database, practice, record):
    """Look for each accepted entry in the database and return what is wrong, in words."""
    connection = psycopg2.connect(dbname=database, host=config["db_host"], user=config["db_user"])
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, user_id, partner_id, source, note, state, seconds FROM ccm_activity"
        )
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    faults = []
    for entry, wanted in record.entries.items():
        found = rows.pop(entry, None)
        if found is None:
            faults.append(f"entry {entry} ({wanted[3]}) is lost")
            continue
        *who, state, seconds = found
        if tuple(who) != wanted or state != "done":
            faults.append(f"entry {entry} is {found}, not {wanted}")
        expected = record.clicks.get(entry, 30)
        # whole seconds at both ends, and the way to the server and back
        if not expected - 2 <= seconds <= expected + 2 + max(record.taken["start the timer"]):
            faults.append(f"entry {entry} has {seconds} s, the clicks lay {expected:.1f} s apart")
    faults += [f"entry {entry} was accepted by nobody: {row}" for entry, row in rows.items()]
    months, stale = run(database, AGAIN).result
    if record.entries and not months:
        faults.append("there are no months of the time")
    faults += [f"month {month} was not brought up to date" for month in stale]
    return faults


def main(people=50, seconds=300):
    record, faults = put_under_load(int(people), int(seconds))
    requests_made = sum(map(len, record.taken.values()))
    print(
        f"{people} people, {seconds} s, two workers; {THINK[0]} to {THINK[1]} s of thought between two things"
    )
    print(*record.table(), sep="\n")
    print(
        f"{requests_made} things done, {len(record.errors)} errors; {record.met} times two met at one"
        " row and one was begun again"
    )
    print(f"{len(record.entries)} entries accepted and looked for one by one, {len(faults)} faults")
    print(*record.errors[:20], *faults[:20], sep="\n")
    return bool(record.errors or faults or not record.entries)


if __name__ == "__main__":
    config.parse_config([], setup_logging=False)
    sys.exit(main(*sys.argv[1:]))
