"""What breaks in a practice's cellar, broken for real: each is said with what to do, and nothing is lost.

The database goes away under a server, the disk is full, wkhtmltopdf is not there, no mail server answers.
"""

import shutil
import socket
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests

from odoo.tools import config

from load import BUILD, DATETIME, PASSWORD
from practice import TELL
from processes import ROOT, run, scratch_database, server

PATIENCE = 30  # seconds for a server to find its database again


def shell(commands):
    """Run ``commands`` with the functions of dev/lib.sh at hand and return the last line they print."""
    lines = f"set -euo pipefail; . dev/lib.sh; {commands}"
    done = subprocess.run(
        ["bash", "-c", lines], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip().rpartition("\n")[2]


# --- the database ---------------------------------------------------------------------------------


class Client:
    """A browser as far as the server knows: one session, JSON in and out."""

    def __init__(self, url):
        self.url, self.session = url, requests.Session()

    def get(self, path):
        return self.session.get(self.url + path, timeout=60)

    def post(self, path, params):
        data = {"jsonrpc": "2.0", "method": "call", "params": params}
        return self.session.post(self.url + path, json=data, timeout=60)

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)


@pytest.fixture
def own_cluster():
    """Yield the configuration of a cluster with one database, and its name; nobody else is in it."""
    with scratch_database() as database:
        day = (datetime.now(timezone.utc) - timedelta(days=40)).date().isoformat()
        values = {"people": 1, "own": 1, "shared": 0, "password": PASSWORD, "day": day}
        practice = run(database, BUILD.format(**values)).result
        try:
            conf = shell(
                f"ensure_cluster down; pg down createdb -T template0 --lc-collate=C {database};"
                f" pg test pg_dump {database} | pg down psql -qX {database} >/dev/null; write_conf down"
            )
            yield conf, database, practice
        finally:
            shutil.rmtree(shell("stop_cluster down; pg_dir down"))


def test_database_goes_away_and_comes_back(own_cluster):
    conf, database, practice = own_cluster
    (login, _user, (patient,)), *_others = practice["people"]
    with server(database, conf=conf) as running:
        nurse = Client(running.url)
        nurse.post(
            "/web/session/authenticate", {"db": database, "login": login, "password": PASSWORD}
        )
        timer = nurse.call("ccm.activity", "action_start_timer", patient).json()["result"]
        time.sleep(2)
        shell('as_pg "$(pg_bin)/pg_ctl" -s -w -m immediate -D "$(pg_dir down)/data" stop')

        page = nurse.get("/odoo")
        assert page.status_code == 503
        assert "is PostgreSQL running" in page.text
        assert "¿funciona PostgreSQL?" in page.text
        clicked = datetime.now(timezone.utc).replace(microsecond=0)
        stop = nurse.call(
            "ccm.activity", "action_stop_timer", [timer], at=clicked.strftime(DATETIME)
        )
        by_hand = {
            "partner_id": patient,
            "start": (clicked - timedelta(hours=2)).strftime(DATETIME),
            "stop": (clicked - timedelta(hours=1)).strftime(DATETIME),
            "reason": "While the database was away",
        }
        entry = nurse.call("ccm.activity", "web_save", [], vals=by_hand, specification={})
        for answer in (stop, entry):
            # no JSON: what the web client takes for a lost connection, so that the timer keeps its
            # stop (ccm_module/static/tests) and a form keeps what was typed
            assert answer.status_code == 503
            assert "json" not in answer.headers["Content-Type"]

        shell("start_cluster down")
        time.sleep(1)
        entries = answered(nurse, "ccm.activity", "search_read", [], ["state", "seconds"])
        assert [(row["id"], row["state"]) for row in entries] == [(timer, "running")]
        # as the outbox sends it, with the moment of the click, by who is still signed in
        nurse.call("ccm.activity", "action_stop_timer", [timer], at=clicked.strftime(DATETIME))
        (row,) = answered(nurse, "ccm.activity", "search_read", [], ["start", "stop", "state"])
        assert row["state"] == "done"
        assert row["stop"] == clicked.strftime(DATETIME)
        assert nurse.get("/odoo").status_code == 200


def answered(client, *call):
    """Ask until the server has found its database again."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = client.call(*call)
        if answer.ok and "result" in answer.json():
            return answer.json()["result"]
        time.sleep(0.5)
    raise AssertionError(f"no answer: {answer.text}")


# --- the rest of the cellar -------------------------------------------------------------------------

PRELUDE = """
import base64
import os

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.service.model import retrying

frozen = freeze_time("2026-06-18 16:00:00").start()


def call(work):
    '''Do ``work`` as a request of a browser does, and return what the person is told.'''
    env.cr.commit()
    try:
        retrying(work, env)
    except UserError as error:
        env.cr.rollback()
        env.invalidate_all()
        return str(error)
    return "done"
"""

ON_DISK = """
env["ir.config_parameter"].set_param("ir_attachment.location", "file")
"""

FULL = """
names = ("ir.attachment", "ccm.consent", "ccm.month", "mail.message", "account.move", "ccm.activity")


def count():
    return {name: env[name].with_context(active_test=False).search_count([]) for name in names}


def fill():
    file = os.open(FILESTORE + "/full", os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(file, bytes(4096)):
            pass
    except OSError as error:
        return error.strerror
    finally:
        os.close(file)


def make_packet(month):
    month.action_make_packets()
    env.cr.commit()
    env["ccm.audit.packet"]._cron_make()
    return env["ccm.audit.packet"].search([], order="id desc", limit=1)


scan = os.urandom(200_000)
consent = env["ccm.consent"].search([("state", "=", "given")], limit=1)
draft = consent.copy()
plan = env["ccm.care.plan"].search([("state", "=", "approved")], limit=1)
month = env["ccm.month"].search([("state", "=", "invoiced")], limit=1)
env.cr.commit()
before, was_full = count(), fill()
signed = {"scan": base64.b64encode(scan), "scan_filename": "signed.png"}
told = [
    call(lambda: draft.write(signed)),
    call(lambda: plan.message_post(body="A letter", attachments=[("letter.pdf", scan)])),
]
after = count()
packet = make_packet(month)
failed = packet.state, packet.line_ids.mapped("message")
os.unlink(FILESTORE + "/full")
again = call(lambda: draft.write(signed))
env.invalidate_all()
later = make_packet(month)
result = {
    "was full": was_full,
    "told": told,
    "counts": [before, after],
    "packet": failed,
    "again": [again, draft.scan == base64.b64encode(scan), later.state],
}
"""

NO_PRINTER = """
os.environ["PATH"] = "/nonexistent"
told = {}
for report in env["ir.actions.report"].search([("report_name", "=like", "ccm_module.%")]):
    record = env[report.model].search([("state", "=", "invoiced")] if report.model == "ccm.month" else [], limit=1)
    if record:
        told[report.report_name] = call(lambda: report._render_qweb_pdf(report.report_name, record.ids))
plan = env["ccm.care.plan"].search([("state", "=", "approved")], limit=1)
_file, problem = plan._give_copy("paper", "patient", plan._today())
env.cr.commit()
frozen.move_to("2026-07-02 15:00:00")
env["ccm.month"]._cron_close_month()
june = env["ccm.month"].search([("month", "=", "2026-06-01")])
result = {
    "told": told,
    "problem": problem,
    "recorded": plan.message_ids[:1].body,
    "billed": len(june.filtered("move_id")),
    "errors": june.filtered("error_on").mapped("display_name"),
}
"""

NO_MAIL = """
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "Ours", "smtp_host": "127.0.0.1", "smtp_port": PORT})
patient = env.ref("ccm_module.demo_patient_okonkwo")
patient.email = "patient@example.com"
plan = env["ccm.care.plan"].search([("partner_id", "=", patient.id), ("state", "=", "approved")])
message = plan.message_post(
    body="Your plan", partner_ids=patient.ids, message_type="comment", subtype_xmlid="mail.mt_comment"
)
env.cr.commit()  # it is sent now
mail = env["mail.mail"].search([("mail_message_id", "=", message.id)])
other = env["res.partner"].create(
    {"name": "Dr. Roe", "is_ccm_practitioner": True, "npi": "1222222220"}
)
consent = env["ccm.consent"].search([("state", "=", "given")], limit=1)
consent = consent.copy({"practitioner_id": other.id, "given_at": "2026-06-18 15:30:00"})
told = call(consent.action_give)
result = {
    "mail": [mail.state, mail.failure_reason],
    "shown": message.notification_ids.mapped("notification_status"),
    "consent": [told, consent.state],
}
"""


@pytest.fixture(scope="module")
def practice():
    with scratch_database() as database:
        run(database, TELL)
        yield database


def test_mail_server_does_not_answer(practice):
    with socket.socket() as unheard:  # bound and not listening: every connection is refused
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        seen = run(practice, f"{PRELUDE}\nPORT = {port}\n{NO_MAIL}").result
    state, reason = seen["mail"]
    assert state == "exception"
    assert "refused" in reason
    assert seen["shown"] == ["exception"], (
        "the sender sees it beside the message, and may try again"
    )
    assert seen["consent"] == ["done", "given"]


def test_no_wkhtmltopdf_and_still_no_mail(practice):
    seen = run(practice, PRELUDE + NO_PRINTER).result
    assert len(seen["told"]) >= 3
    for report, words in seen["told"].items():
        assert "wkhtmltopdf is not installed" in words, report
    assert "wkhtmltopdf is not installed" in seen["problem"]
    assert "Copy given on" in seen["recorded"]
    assert seen["billed"] > 0
    assert not seen["errors"]


def test_disk_is_full(practice):
    store = Path(config.filestore(practice))
    store.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", store]
    try:
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
            pytest.skip("needs root, to mount a small disk")
        try:
            seen = run(practice, f"{PRELUDE}\nFILESTORE = {str(store)!r}\n{ON_DISK}{FULL}").result
        finally:
            subprocess.run(["umount", "-l", store], check=True)
    finally:
        shutil.rmtree(store)
    assert seen["was full"] == "No space left on device"
    for words in (*seen["told"], *seen["packet"][1]):
        assert "its disk is full" in words
        assert "then do it again" in words
    before, after = seen["counts"]
    assert before == after
    assert seen["packet"][0] == "failed"
    assert seen["again"] == ["done", True, "done"]
