"""A backup of a practice at work, restored elsewhere: whole, of one moment, or refused.

Meanwhile a nurse goes on logging time and a scanner goes on filing papers; each of their transactions is
in the backup as a whole or not at all.
"""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import psycopg2
import pytest

from odoo.tools import config

from practice import TELL
from processes import ROOT, client, run, scratch_database, start

# Files on disk, as in a practice, and things that a backup must not lose.
BEFORE = (
    TELL
    + """
import base64

# the long list of codes would take the time of all else
env.cr.execute(
    "DELETE FROM ccm_diagnosis WHERE id NOT IN (SELECT diagnosis_id FROM ccm_condition)"
)
env["ir.config_parameter"].set_param("ir_attachment.location", "file")
env["ir.attachment"].force_storage()
consents = env["ccm.consent"].search([("state", "=", "given")], order="id")
for number, consent in enumerate(consents[:5]):
    draft = consent.copy({"practitioner_id": consents[-1].practitioner_id.id})
    draft.write({"scan": base64.b64encode(b"Signed: %d" % number), "scan_filename": "signed.txt"})
nurse = env["res.users"].search([("login", "=", "nurse")])
patient = env.ref("ccm_module.demo_patient_okonkwo")
env["ccm.activity"].with_user(nurse).action_start_timer(patient.id)
env["mail.mail"].create({"email_to": "a@example.com", "body_html": "Must not leave a copy"})
env["ccm.seal"]._cron_seal()
result = len(env["ccm.decision"].search([]))
"""
)

# One transaction after the other: time, and a paper of the same number.
WRITE = """
import sys
import threading
from datetime import datetime, timedelta

over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
nurse = env["res.users"].search([("login", "=", "nurse2")])
patient = env["res.partner"].search([("is_ccm_patient", "=", True)], limit=1)
number = 0
while not over.is_set():
    number += 1
    begin = datetime(2026, 6, 1, 10) + timedelta(minutes=number)
    activity = env["ccm.activity"].with_user(nurse).with_context(ccm_no_refresh=True).create(
        {
            "partner_id": patient.id,
            "start": begin,
            "stop": begin + timedelta(seconds=30),
            "note": f"Entry {number}",
            "reason": "Logged after the call",
        }
    )
    env["ir.attachment"].create({"name": f"Paper {number}", "raw": b"Paper %d" % number})
    env.cr.commit()
    if number == 5:
        say("at work")
result = number
"""

# What is in a restored copy, as Odoo sees it.
LOOK = """
import hashlib

files = env["ir.attachment"].search([("store_fname", "!=", False), ("res_field", "in", [False, "scan"])])
notes = env["ccm.activity"].search([("note", "=like", "Entry %")])
decisions = env["ccm.decision"].search([])
equal = decisions._rerun()
seal = env["ccm.seal"]._check_chain(env.company)
result = {
    "files": len(files),
    "wrong": [f.name for f in files if hashlib.sha1(f.raw).hexdigest() != f.checksum],
    "scans": sorted(f.raw.decode() for f in files if f.res_field == "scan"),
    "papers": sorted(int(f.name[6:]) for f in files if f.name.startswith("Paper ")),
    "entries": sorted(int(entry.note[6:]) for entry in notes),
    "running": env["ccm.activity"].search_count([("state", "=", "running")]),
    "decided again": sum(equal.values()),
    "decisions": len(decisions),
    "sealed": seal["ok"] and seal["links"],
    "crons": env["ir.cron"].search_count([]),
}
"""

SEND = """
mail = env["mail.mail"].search([("email_to", "=", "a@example.com")])
mail.send()
result = mail.state
"""


class Backup:
    """A database, its backup, and what was in its tables before and after that was made."""

    def __init__(self, database, file):
        self.database, self.file = database, file
        self.decisions = run(database, BEFORE).result
        self.before = counts(database)
        writer = start(database, WRITE)
        writer.wait_for("at work")
        self.done = command("backup", database, file)
        writer.release()
        assert writer.wait().ok, writer.error
        self.written = writer.result
        self.after = counts(database)


def command(name, *arguments):
    return subprocess.run(
        [ROOT / "dev" / name, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "CCM_CLUSTER": "test"},
    )


def counts(database):
    """Return the number of rows of each table."""
    connection = psycopg2.connect(dbname=database, host=config["db_host"], user=config["db_user"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, (xpath('/row/c/text()', query_to_xml("
                "format('SELECT count(*) AS c FROM %I', table_name), false, true, '')))[1]::text::int"
                " FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
            return dict(cursor.fetchall())
    finally:
        connection.close()


def databases():
    return client("psql", "-AtXc", "SELECT datname FROM pg_database", "postgres").decode().split()


def forget(database):
    client("dropdb", "--force", "--if-exists", database)
    shutil.rmtree(config.filestore(database), ignore_errors=True)


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    with scratch_database() as database:
        try:
            yield Backup(database, tmp_path_factory.mktemp("backup") / "monday.zip")
        finally:
            shutil.rmtree(config.filestore(database), ignore_errors=True)


@pytest.fixture
def copy():
    name = f"copy_{os.getpid()}"
    yield name
    forget(name)


def test_practice_at_work_is_backed_up_and_restored_whole(backup, copy, record_property):
    assert backup.done.returncode == 0, backup.done.stdout
    assert oct(backup.file.stat().st_mode)[-3:] == "600", "a backup is for its owner only"
    done = command("restore", backup.file, copy)
    assert done.returncode == 0, done.stdout

    restored = counts(copy)
    grown = {table for table, count in backup.after.items() if count != backup.before[table]}
    assert {"ccm_activity", "ir_attachment"} <= grown
    assert restored.keys() == backup.before.keys()
    for table, count in restored.items():
        assert backup.before[table] <= count <= backup.after[table], table

    seen = run(copy, LOOK).result
    assert not seen["wrong"]
    assert seen["scans"] == [f"Signed: {number}" for number in range(5)]
    assert seen["entries"] == seen["papers"] == list(range(1, len(seen["entries"]) + 1))
    assert 5 <= len(seen["entries"]) < backup.written
    assert seen["running"] == 1
    assert seen["decided again"] == seen["decisions"] == backup.decisions > 0
    assert seen["sealed"] >= seen["decisions"]
    assert seen["crons"] == run(backup.database, LOOK).result["crons"] > 1
    record_property(
        "measured",
        f"backup: {len(restored)} tables, {sum(restored.values())} rows, {seen['files']} files,"
        f" {seen['decisions']} decisions and {seen['sealed']} links of the seal restored; {len(seen['entries'])} of {backup.written} entries"
        " that were logged meanwhile, each with its paper",
    )


def test_neutralized_copy_sends_nothing_and_runs_nothing(backup, copy):
    done = command("restore", "--neutralize", backup.file, copy)
    assert done.returncode == 0, done.stdout
    assert run(copy, LOOK).result["crons"] == 1  # Odoo's own vacuum
    assert run(copy, SEND).result == "exception"


def rewrite(source, target, change):
    """Write the backup anew with some of its members changed, or left out where there are none."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)


def cut(source, target):
    target.write_bytes(source.read_bytes()[: source.stat().st_size // 2])


def flip(source, target):
    content = bytearray(source.read_bytes())
    content[len(content) // 3] ^= 1
    target.write_bytes(content)


def fail_halfway(source, target):
    def change(name, content):
        lines = content.split(b"\n")
        lines.insert(len(lines) // 2, b"1\tnot a row of this table")
        return b"\n".join(lines) if name == "dump.sql" else content

    rewrite(source, target, change)


def lose_a_file(source, target):
    rewrite(source, target, lambda name, content: None if name == lost(source) else content)


def alter_a_file(source, target):
    rewrite(
        source, target, lambda name, content: content + b"!" if name == lost(source) else content
    )


def lost(source):
    with zipfile.ZipFile(source) as archive:
        return next(name for name in archive.namelist() if name.startswith("filestore/"))


def other_zip(source, target):
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("letter.txt", "Dear patient")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "its end is missing"),
        (flip, "is damaged"),
        (other_zip, "no backup of Odoo"),
        (fail_halfway, "PostgreSQL refused"),
        (lose_a_file, "files are not in it"),
        (alter_a_file, "is not what was stored"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damaged_backup_is_refused_and_leaves_nothing(backup, copy, tmp_path, damage, words):
    damaged = tmp_path / "damaged.zip"
    damage(backup.file, damaged)
    done = command("restore", damaged, copy)
    assert done.returncode
    assert words in done.stdout
    assert "Traceback" not in done.stdout
    assert copy not in databases()
    assert not Path(config.filestore(copy)).exists()


def test_nothing_is_overwritten(backup):
    done = command("backup", backup.database, backup.file)
    assert done.returncode
    assert "exists already: name another file" in done.stdout
    done = command("restore", backup.file, backup.database)
    assert done.returncode
    assert "name another database" in done.stdout


def test_lost_file_is_told_and_the_rest_is_kept(backup, copy, tmp_path):
    file = Path(config.filestore(backup.database), lost(backup.file).removeprefix("filestore/"))
    content = file.read_bytes()
    file.unlink()
    try:
        done = command("backup", backup.database, tmp_path / "b.zip")
    finally:
        file.write_bytes(content)
    assert done.returncode
    assert "1 files were lost" in done.stdout
    done = command("restore", tmp_path / "b.zip", copy)
    assert done.returncode == 0, done.stdout
