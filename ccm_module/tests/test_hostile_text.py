"""Text that means harm, in every field that a person can type into, and wherever it is shown."""

import io
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from freezegun import freeze_time
from lxml import html
from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tests import tagged

from .browser import DESKTOP, PHONE, BrowserCase
from .packet_common import text_of
from .reach import ReachCommon, Undo, is_ours

SCRIPT = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>"
QWEB = "<t t-out='9 * 9009'/>{{ 9 * 9009 }}${9 * 9009}#{9 * 9009}%s %(name)s"
COMPUTED = str(9 * 9009)
STRINGS = {
    "script": SCRIPT,
    "attribute": '" onmouseover="window.pwned = 1" x=\'',
    "entity": "&lt;script&gt;window.pwned = 1&lt;/script&gt;",
    "address": "javascript:window.pwned=1",
    "qweb": QWEB,
    "equals": '=HYPERLINK("http://evil.example","Ann")',
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "tab": "\t=1+1",
    "bidi": "\u202egpj.exe\u202c \u2066x\u2069 \u200f",
    "emoji": "👩🏽‍⚕️ 𝕏 \U0010ffff",
    "control": "a\x01\x08\x0b\x0c\x1b\x7f\x85b",
    "long": "W" * 100_000,
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
}
# What a line or the database does not hold is refused in words that name the field.
REFUSED = {"long", "nul", "surrogate"}
SHOWN = ("script", "attribute", "entity", "qweb", "equals", "bidi", "emoji", "control")


# What a printer of web pages fetches
FETCHING = (
    "<img src='%s'/>",
    "<iframe src='%s'></iframe>",
    "<link rel='stylesheet' href='%s'/>",
    "<script src='%s'></script>",
    "<p style='background: url(%s)'>x</p>",
    "<object data='%s'></object>",
)


@contextmanager
def listening():
    """Yield ``(address, calls)`` of a server that keeps who connects to it."""
    calls = []

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeper) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", calls
        finally:
            server.shutdown()


def is_free(field):
    """Tell whether people type text into this field."""
    typed = field.store and not field.readonly and not field.related
    return typed and field.type in ("char", "text", "html") and field.name != "merge_key"


@tagged("post_install", "-at_install")
class TestHostileText(ReachCommon, BrowserCase):
    def free_fields(self):
        """Return ``[(model, field)]``: every free field of ours."""
        found = []
        for model in sorted(self.env.registry):
            records = self.env[model]
            if records._abstract or not (is_ours(model) or model in ("res.partner", "res.company")):
                continue
            for field in records._fields.values():
                if is_free(field) and (is_ours(model) or field.name.startswith("ccm_")):
                    found.append((model, field))
        return found

    def tell(self, what, tried):
        self.measured = f"hostile text: {what}: {sum(tried.values())} tried, {dict(tried)}"

    # --- storing ---

    def test_every_field_stores_or_says_why_not(self):
        tried, wrong = Counter(), []
        fields = self.free_fields()
        self.assertGreater(len(fields), 80)
        for model, field in fields:
            values = self.values(model)
            plain = [
                who
                for who in (self.manager, self.doctor, None)  # nobody's: as the system
                if not isinstance(self.store(who, model, values, field), Exception)
            ]
            if not plain:
                wrong.append(f"{model} cannot be made of {values}")
                continue
            who = plain[0]
            for name, text in STRINGS.items():
                outcome = self.store(who, model, {**values, field.name: text}, field)
                kind = "said" if isinstance(outcome, Exception) else "stored"
                if kind == "stored" and outcome not in (text, text.strip()):
                    kind = "cleaned" if self.is_clean(field, outcome) else "changed"
                label = field._description_string(self.env)
                if kind == "changed" or (kind == "said" and not isinstance(outcome, UserError)):
                    wrong.append(f"{model}.{field.name} ({label}) {name}: {outcome!r:.150}")
                if name in ("nul", "surrogate") and kind != "said":
                    wrong.append(f"{model}.{field.name} {name}: {kind}")
                if name in REFUSED and kind == "said" and label not in str(outcome):
                    wrong.append(f"{model}.{field.name} {name} does not name {label}: {outcome}")
                tried[kind] += 1
        self.tell(f"{len(STRINGS)} strings in {len(fields)} fields", tried)
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def is_clean(self, field, stored):
        """Tell whether formatted text is kept without what runs."""
        return field.type == "html" and not self.harm_in(f"<div>{stored}</div>")

    def store(self, user, model, values, field):
        """Return what is read back, or what was raised."""
        env = self.env(user=user.id, su=False) if user else self.env
        found = None
        try:
            with self.env.cr.savepoint():
                record = env[model].create(values)
                env.flush_all()
                record.invalidate_recordset()
                found = record[field.name]
                raise Undo
        except Undo:
            return found
        except Exception as error:
            return error

    # --- showing ---

    def hostile_patient(self, text, **consent):
        """Return a patient, billed, whose whole record says the text, as far as it is stored."""

        def free(model, **kept):
            fields = self.env[model]._fields.values()
            said = {f.name: text for f in fields if is_free(f) and (is_ours(model))}
            return {**said, **kept}

        with freeze_time("2026-05-04 14:00:00"):
            patient = self.make_patient(name=text, ccm_mrn=text, street=text, email="a@example.com")
            patient.ccm_call_note = text
            for diagnosis in (self.diabetes, self.hypertension):
                self.make_condition(patient, diagnosis, note=text)
            self.make_visit(patient, "2026-05-04", note=text)
            self.make_consent(patient, note=text, given_by_name=text, **consent).action_give()
            plan = self.make_plan(patient, **free("ccm.care.plan"))
            for row in ("goal", "intervention", "medication", "member", "service"):
                model = f"ccm.care.plan.{row}"
                self.env[model].create(self.values(model, **free(model, plan_id=plan.id)))
            plan.with_user(self.doctor).action_approve()
            plan.write({"copy_given_on": "2026-05-04", "copy_way": "paper"})
            self.make_enrollment(patient, note=text).action_activate()
        self.log(patient, self.next_start(), 25, note=text, reason=text)
        with freeze_time("2026-07-02 12:00:00"):
            month = self.env["ccm.month"]._refresh("2026-06-01", patient)
            month.with_user(self.biller).action_invoice()
        self.assertEqual(month.state, "invoiced", month.reason)
        return patient, plan, month

    def next_start(self):
        self.hour = getattr(self, "hour", 0) + 1
        return f"2026-06-11 {self.hour:02}:00:00"

    def harm_in(self, page):
        """Return what in a page would run, or what of it has run on the server."""
        tree = html.fromstring(page)
        found = [node.text for node in tree.iter("script") if "pwned" in (node.text or "")]
        for node in tree.iter():
            if not isinstance(node.tag, str):
                continue
            found += [
                f"{n}={v}" for n, v in node.attrib.items() if n.startswith("on") and "pwned" in v
            ]
            found += [
                v for n, v in node.attrib.items() if v.strip().startswith("javascript:window")
            ]
        return found + ([COMPUTED] if COMPUTED in page else [])

    def test_reports_workbook_mail_and_portal(self):
        tried, wrong = Counter(), []
        for key in SHOWN:
            patient, plan, month = self.hostile_patient(STRINGS[key])
            close = self.env["ccm.close"]._ensure(self.company, [month.month])
            pages = {}
            for name, record in (
                ("ccm_module.report_ccm_care_plan", plan),
                ("ccm_module.report_ccm_close", close),
                ("ccm_module.report_ccm_audit_packet", month),
                ("account.report_invoice_with_payments", month.move_id),
            ):
                reports = self.env["ir.actions.report"].with_context(lang="en_US")
                pages[name] = reports._render_qweb_html(name, record.ids)[0].decode()
            pages["history"] = "".join(
                str(body)
                for record in (patient, plan, month, month.move_id, *patient.ccm_enrollment_ids)
                for body in record.message_ids.mapped("body")
            )
            pages["mail"] = self.mail_of(patient)
            month.move_id._portal_ensure_token()
            address = f"/my/invoices/{month.move_id.id}?access_token={month.move_id.access_token}"
            pages["portal"] = self.url_open(address).text
            for outlet, page in pages.items():
                tried[outlet] += 1
                harm = self.harm_in(f"<div>{page}</div>")
                if harm:
                    wrong.append(f"{key} in {outlet}: {harm}")
            tried["workbook"] += 1
            wrong += [f"{key} in the workbook: {cell}" for cell in self.formulas_in(close)]
        self.tell(f"{len(SHOWN)} strings in outlets", tried)
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def mail_of(self, patient):
        template = self.env.ref("ccm_survey.mail_template_check_in", raise_if_not_found=False)
        if not template:
            return ""
        survey = self.env.ref("ccm_survey.survey_symptoms")
        check_in = patient._ccm_new_check_in(survey, self.company)
        fields = ("subject", "body_html")
        said = template._generate_template(check_in.ids, fields)[check_in.id]
        return str(said["body_html"])

    def formulas_in(self, close):
        """Return the cells that a spreadsheet would work out: sums of ours, and nothing else."""
        book = load_workbook(io.BytesIO(close.with_user(self.biller)._workbook()))
        ours = ("=SUM(", "=SUBTOTAL(", "=SUMPRODUCT(--(")
        return [
            cell.value
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f" and not str(cell.value).startswith(ours)
        ]

    def test_a_pdf_fetches_nothing(self):
        """The true wkhtmltopdf, in whose reach are a server and a file that it is told to fetch."""
        with listening() as (address, calls), tempfile.NamedTemporaryFile("w") as file:
            file.write("Kept on the server")
            file.flush()
            # Odoo's own styles come from there, and nothing else; without them, text is text
            self.env["ir.config_parameter"].set_param("report.url", address)
            strings = [STRINGS[key] for key in ("script", "attribute", "entity", "qweb", "equals")]
            for place in (f"{address}/hostile", f"file://{file.name}"):
                strings += [string % place for string in FETCHING]
            text = " ".join([*strings, STRINGS["bidi"], STRINGS["emoji"]])
            spoken = self.env["ccm.consent.text"].create({"name": "Text", "body": text})
            _patient, _plan, month = self.hostile_patient(text, text_id=spoken.id)
            close = self.env["ccm.close"]._ensure(self.company, [month.month])
            for name, record in (
                ("ccm_module.report_ccm_audit_packet", month),
                ("ccm_module.report_ccm_close", close),
            ):
                page = "".join(self.printed(name, record).split())
                self.assertNotIn("Keptontheserver", page)
                self.assertNotIn(COMPUTED, page)
                for string in strings:
                    with self.subTest(name, string=string):
                        self.assertIn("".join(string.split()), page)
                self.assertFalse([path for path in calls if "/web/assets/" not in path], name)
            self.env["ir.actions.report"]._run_wkhtmltopdf([FETCHING[0] % f"{address}/hostile"])
            self.assertEqual(calls[-1], "/hostile", "it can be reached")
        self.tell("strings in PDFs", Counter(audit_packet=len(strings), close=len(strings)))

    def printed(self, name, record):
        """Return the text of the PDF."""
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        return text_of(reports._render_qweb_pdf(name, record.ids)[0])

    # --- a person at the browser ---

    def test_a_person_opens_it(self):
        patient, plan, month = self.hostile_patient(SCRIPT)
        wide = self.make_patient(name="W" * 300, ccm_mrn="W" * 300)
        wide.ccm_call_note = "W" * 1000
        self.make_plan(wide, problem_list="W" * 100_000)
        with self.browse("ccm_manager") as page:
            for size in (DESKTOP, PHONE):
                page.size(*size)
                for model, record in (
                    ("res.partner", patient),
                    ("ccm.care.plan", plan),
                    ("ccm.month", month),
                    ("res.partner", wide),
                    ("ccm.care.plan", wide.ccm_care_plan_ids),
                ):
                    page.open(f"/odoo/{model}/{record.id}")
                    self.assertFalse(page.run("window.pwned"), f"{model}: a script has run")
                    self.assertFalse(page.errors(), model)
                    width = page.run("document.scrollingElement.scrollWidth - window.innerWidth")
                    self.assertLessEqual(width, 0, f"{model} at {size} is wider than the screen")
        self.measured = "hostile text: 10 forms opened in Chromium"
