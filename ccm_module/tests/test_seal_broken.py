"""Whoever changes a sealed row past the program is found, at the right link."""

import base64
import hashlib

from freezegun import freeze_time

from odoo.tests import tagged

from ..seal import hash_of
from .seal_common import SealCase


@tagged("post_install", "-at_install")
class TestSealBroken(SealCase):
    def test_time(self):
        entry = self.entries[1].id
        for name, value in (
            ("start", "start - interval '1 second'"),
            ("stop", "stop + interval '20 minutes'"),
            ("note", "'Talked about everything'"),
            ("reason", "'The timer was on'"),
            ("user_id", str(self.doctor.id)),
            ("partner_id", str(self.cleo.id)),
            ("performer", "'practitioner'"),
            ("counts", "FALSE"),
            ("source", "'timer'"),
            ("outcome", "'reached'"),
        ):
            with self.subTest(name), self.rolled_back():
                self.by_sql(f"UPDATE ccm_activity SET {name} = {value} WHERE id = {entry}")
                self.assert_broken(2, "changed", "entry", entry, [name])

    def test_the_words_name_the_row_and_no_health_data(self):
        entry = self.entries[1].id
        self.by_sql(f"UPDATE ccm_activity SET note = 'Depressed again' WHERE id = {entry}")
        words = self.assert_broken(2, "changed", "entry", entry, ["note"])
        self.assertEqual(
            words, f"Link 2: Care Activity {entry} was changed past the program: Note."
        )

    def test_a_void_by_hand_and_a_deletion(self):
        entry = self.entries[1].id
        with self.rolled_back():
            self.by_sql(f"UPDATE ccm_activity SET state = 'void' WHERE id = {entry}")
            self.assert_broken(2, "changed", "entry", entry, ["state"])
        self.by_sql(
            f"DELETE FROM ccm_activity_ccm_seal_rel WHERE ccm_activity_id = {entry}",
            f"DELETE FROM ccm_activity WHERE id = {entry}",
        )
        self.assert_broken(2, "gone", "entry", entry)

    def test_corrections(self):
        revision = self.entries[0].revision_ids[0]
        for name, value in (
            ("why", "'Because'"),
            ("user_id", str(self.nurse.id)),
            ("old_value", "'2026-10-05 10:00:00 EDT'"),
            ("moment", "moment - interval '1 day'"),
        ):
            with self.subTest(name), self.rolled_back():
                self.by_sql(
                    f"UPDATE ccm_activity_revision SET {name} = {value} WHERE id = {revision.id}"
                )
                self.assert_broken(1, "changed", "revision", revision.id, [name])
        self.by_sql(
            "DELETE FROM ccm_activity_revision_ccm_seal_rel"
            f" WHERE ccm_activity_revision_id = {revision.id}",
            f"DELETE FROM ccm_activity_revision WHERE id = {revision.id}",
        )
        self.assert_broken(1, "gone", "revision", revision.id)

    def test_a_later_correction_excuses_only_itself(self):
        entry = self.entries[2]
        with freeze_time("2026-11-05 15:00:00"):
            self.correct(entry, start="2026-10-05 16:01:00")
        with self.rolled_back():
            self.by_sql(f"UPDATE ccm_activity SET stop = now() WHERE id = {entry.id}")
            self.assert_broken(3, "changed", "entry", entry.id, ["stop"])
        with self.rolled_back():  # more than the correction says
            self.by_sql(
                f"UPDATE ccm_activity SET start = start + interval '1 s' WHERE id = {entry.id}"
            )
            self.assert_broken(3, "changed", "entry", entry.id, ["start"])
        with self.rolled_back():  # the correction itself taken away, before it was sealed
            self.by_sql(f"DELETE FROM ccm_activity_revision WHERE activity_id = {entry.id}")
            self.assert_broken(3, "changed", "entry", entry.id, ["start"])
        self.seal()
        [revision] = entry.revision_ids.filtered(lambda r: r.field_name == "start").ids
        self.by_sql(f"UPDATE ccm_activity_revision SET why = 'x' WHERE id = {revision}")
        self.assert_broken(4, "changed", "revision", revision, ["why"])

    def test_consents(self):
        consent = self.bea.ccm_consent_ids.id
        for name, value in (
            ("given_at", "given_at - interval '1 day'"),
            ("practitioner_id", str(self.other_practitioner.id)),
            ("method", "'written'"),
            ("told_may_stop", "FALSE"),
            ("obtained_by_id", str(self.manager.id)),
            ("note", "'All clear'"),
            ("recorded_at", "recorded_at + interval '1 s'"),
        ):
            with self.subTest(name), self.rolled_back():
                self.by_sql(f"UPDATE ccm_consent SET {name} = {value} WHERE id = {consent}")
                self.assert_broken(2, "changed", "consent", consent, [name])

    def test_the_text_that_was_read_and_the_signed_paper(self):
        text = self.env["ccm.consent.text"].search([], limit=1)
        dora = self.make_ready_patient(day="2026-09-02", name="Dora", ccm_mrn="MRN-4")
        self.patients += dora
        consent = dora.ccm_consent_ids
        self.by_sql(f"UPDATE ccm_consent SET text_id = {text.id} WHERE id = {consent.id}")
        consent.scan = base64.b64encode(b"signed by Dora")
        self.log(dora, "2026-10-05 18:00:00", minutes=25)
        with freeze_time("2026-11-03 15:00:00"):
            self.env["ccm.month"]._refresh("2026-10-01", dora).action_invoice()
            self.seal()
        self.assert_whole(4)
        with self.rolled_back():
            self.by_sql(f"UPDATE ccm_consent_text SET body = '<p>Yes?</p>' WHERE id = {text.id}")
            self.assert_broken(4, "changed", "consent", consent.id, ["text_body"])
        paper = self.env["ir.attachment"].search(
            [("res_field", "=", "scan"), ("res_id", "=", consent.id)]
        )
        with self.rolled_back():
            self.by_sql(f"DELETE FROM ir_attachment WHERE id = {paper.id}")
            self.assert_broken(4, "changed", "consent", consent.id, ["scan"])
        with self.rolled_back():  # another file under the old checksum
            other = self.env["ir.attachment"].create({"name": "x", "raw": b"signed by Mallory"})
            self.by_sql(
                f"UPDATE ir_attachment SET store_fname = '{other.store_fname}',"
                f" db_datas = NULL WHERE id = {paper.id}"
            )
            self.assert_broken(4, "changed", "consent", consent.id, ["scan"])

    def test_decisions(self):
        decision = self.months[1].decision_id.id
        for name, value in (
            ("facts", "jsonb_set(facts, '{work,0,stop}', '1791222000')"),
            ("result", "jsonb_set(result, '{amount}', '\"900.00\"')"),
            ("rules", "'[]'"),
            ("amount", "amount + 0.01"),
            ("made_by_id", str(self.manager.id)),
            ("codes", "'99487'"),
        ):
            with self.subTest(name), self.rolled_back():
                self.by_sql(f"UPDATE ccm_decision SET {name} = {value} WHERE id = {decision}")
                self.assert_broken(2, "changed", "decision", decision, [name])

    # --- the chain itself --------------------------------------------------------------------------

    def test_a_link_deleted_in_the_middle(self):
        self.by_sql(f"DELETE FROM ccm_seal WHERE id = {self.links()[1].id}")
        self.assert_broken(2, "missing")

    def test_the_last_links_deleted(self):
        """A chain alone cannot tell; how long it is, is kept apart, and on the last print."""
        printed = self.check()
        self.by_sql(f"DELETE FROM ccm_seal WHERE id IN {tuple(self.links()[1:].ids)}")
        self.assert_broken(2, "cut")
        # Who resets that as well is found by the older print only: the new link has another hash.
        first = self.links()
        self.by_sql(
            f"UPDATE ccm_seal_head SET sequence = 1, hash = '{first.hash}'"
            f" WHERE company_id = {self.company.id}",
            f"UPDATE ccm_activity SET stop = stop + interval '1 h' WHERE id = {self.entries[2].id}",
        )
        self.assertEqual(self.check()["waiting"], 2, "and they lie open as not sealed meanwhile")
        self.seal()
        self.assert_whole(3)
        self.assertNotEqual(self.check()["hash"], printed["hash"])

    def test_a_link_inserted(self):
        last = self.links()[2]
        columns = "company_id, kind, partner_id, made_on, content, previous_hash"
        insert = (
            f"INSERT INTO ccm_seal ({columns}, sequence, hash) SELECT {columns}, %s, '%s'"
            f" FROM ccm_seal WHERE id = {last.id}"
        )
        with self.rolled_back():
            self.by_sql(insert % (4, "$1$" + hashlib.sha256(b"").hexdigest()))
            self.assert_broken(4, "hash")
        with self.rolled_back():  # in the middle: those after it are moved
            self.by_sql(
                f"UPDATE ccm_seal SET sequence = 4 WHERE id = {last.id}", insert % (3, last.hash)
            )
            self.assert_broken(4, "order")
        content = last.content.replace('"sequence":3', '"sequence":4')
        self.by_sql(
            insert % (4, hash_of(last.hash, content)),
            f"UPDATE ccm_seal SET content = '{content}', previous_hash = '{last.hash}'"
            " WHERE sequence = 4",
        )
        self.assert_broken(4, "added")

    def test_two_links_swapped(self):
        _first, second, third = self.links().ids
        self.by_sql(
            f"UPDATE ccm_seal SET sequence = 9 WHERE id = {second}",
            f"UPDATE ccm_seal SET sequence = 2 WHERE id = {third}",
            f"UPDATE ccm_seal SET sequence = 3 WHERE id = {second}",
        )
        self.assert_broken(2, "order")

    def test_the_content_of_a_link(self):
        second, third = self.links()[1:]
        content = second.content.replace(f'"id":{self.entries[1].id}', '"id":1')
        change = f"UPDATE ccm_seal SET content = '%s' WHERE id = {second.id}"
        for text in (content, "no JSON"):
            with self.subTest(text), self.rolled_back():
                self.by_sql(change % text)
                self.assert_broken(2, "hash")
        with self.rolled_back():  # with its own hash made anew: the link after it tells
            fitting = hash_of(second.previous_hash, content)
            self.by_sql(
                change % content,
                f"UPDATE ccm_activity_ccm_seal_rel SET ccm_activity_id = {self.entries[0].id}"
                f" WHERE ccm_seal_id = {second.id}",
                f"UPDATE ccm_seal SET hash = '{fitting}' WHERE id = {second.id}",
            )
            self.assertEqual(self.check()["broken"]["sequence"], 2)
        with self.rolled_back():
            last = third.content.replace('"patient":', '"Patient":')
            fitting = hash_of(third.previous_hash, last)
            self.by_sql(
                f"UPDATE ccm_seal SET content = '{last}', hash = '{fitting}' WHERE id = {third.id}"
            )
            self.assert_broken(3, "last")

    def test_a_link_filed_elsewhere(self):
        self.by_sql(f"UPDATE ccm_seal SET kind = 'later' WHERE id = {self.links()[1].id}")
        self.assert_broken(2, "named")
