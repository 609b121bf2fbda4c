"""With a replica to read from, what is read there is logged all the same."""

import json
import os
import urllib.request
from configparser import ConfigParser
from http.cookiejar import CookieJar

from processes import run, scratch_database, server

MAKE = """
result = env["res.partner"].create({"name": "Ada Patient", "is_ccm_patient": True}).id
"""
LOOK = """
result = [
    [row.user_id.login, row.kind, row.partner_id.id, row.ip]
    for row in env["ccm.access.log"].search([])
]
"""


def call(opener, url, **params):
    body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)


def test_what_is_read_from_a_replica_is_logged():
    with scratch_database() as db:
        patient = run(db, MAKE).result
        # the same server stands for its replica: to requests that read, PostgreSQL lets nothing be written
        options = ConfigParser()
        options.read(os.environ["ODOO_RC"])
        host, port = (options["options"][name] for name in ("db_host", "db_port"))
        with server(db, f"--db_replica_host={host}", f"--db_replica_port={port}") as odoo:
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            call(
                opener,
                f"{odoo.url}/web/session/authenticate",
                db=db,
                login="admin",
                password="admin",
            )
            read = {
                "model": "res.partner",
                "method": "web_read",
                "args": [[patient]],
                "kwargs": {"specification": {"name": {}, "ccm_mrn": {}}},
            }
            for _time in range(2):
                answer = call(opener, f"{odoo.url}/web/dataset/call_kw", **read)
                assert answer["result"] == [
                    {"id": patient, "name": "Ada Patient", "ccm_mrn": False}
                ]
            requests = [line for line in odoo.log().splitlines() if "res.partner.web_read" in line]
            assert len(requests) == 2 and all(line.endswith(" ro") for line in requests), requests
        assert run(db, LOOK).result == [["admin", "open", patient, "127.0.0.1"]]
