import base64
import hashlib
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..readers import ccir, gpci, icd10cm, rvu
from ..readers.base import FileProblem, Problem, Reading, decode
from ..readers.filenames import suggest

READERS = {"icd10cm": icd10cm.read, "ccir": ccir.read, "rvu": rvu.read, "gpci": gpci.read}
SOURCES = {
    "icd10cm": "CDC/NCHS, ICD-10-CM",
    "ccir": "AHRQ HCUP, Chronic Condition Indicator Refined",
    "rvu": "CMS, Physician Fee Schedule relative value files",
    "gpci": "CMS, Physician Fee Schedule, Addendum E",
}
# A yearly release ends far below 1 % of the codes: more means a part of a release, or another file.
MOST_CODES_ENDED = 0.05
SHOWN_PROBLEMS = 200


class CcmDataImport(models.TransientModel):
    """Load a file that CDC, AHRQ or CMS published: first look, then load.

    A file with a single bad line loads nothing, and every bad line is listed.
    """

    _name = "ccm.data.import"
    _description = "Load a Published File"

    # === FIELDS === #

    kind = fields.Selection(
        selection=lambda self: self.env["ccm.data.release"]._fields["kind"].selection,
        required=True,
    )
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    name = fields.Char("Release", required=True, help="How the publisher calls it, such as FY2027")
    effective_date = fields.Date(
        "First Day of Service", required=True, help="The release is valid for services from here on"
    )
    conversion_factor = fields.Float(
        digits=(10, 4), help="US dollars for one relative value unit; empty: as in the file"
    )
    conversion_factor_qp = fields.Float(
        "Conversion Factor (QP)",
        digits=(10, 4),
        help="For qualifying participants in an advanced payment model. CMS publishes it in a second"
        " file, and in the final rule.",
    )
    all_care_codes = fields.Boolean(
        "All Care Management Codes",
        help="Off: only the codes of this practice's catalogue. On: also those of the services that"
        " are billed beside or instead of them.",
    )
    state = fields.Selection(
        [("new", "Not looked at"), ("bad", "Cannot be loaded"), ("good", "Can be loaded")],
        default="new",
        required=True,
        readonly=True,
    )
    summary = fields.Text("What Would Change", readonly=True)
    problems = fields.Text(readonly=True)
    problem_file = fields.Binary("All Problems", readonly=True, attachment=False)
    problem_filename = fields.Char(default="problems.txt", readonly=True)

    # === ONCHANGES === #

    @api.onchange("filename")
    def _onchange_filename(self):
        suggestion = suggest(self.filename)
        if suggestion:
            self.kind, self.name, self.effective_date = suggestion

    @api.onchange("file", "kind", "name", "effective_date", "conversion_factor", "all_care_codes")
    def _onchange_forget_look(self):
        self.state, self.summary, self.problems, self.problem_file = "new", False, False, False

    # === ACTIONS === #

    def action_check(self):
        """Read the file and show what loading it would change, or all that is wrong with it."""
        self._check_manager()
        reading = self._read()
        counts = {} if reading.problems else self._preview(reading)
        if reading.problems:
            self._show_problems(reading.problems)
        else:
            self.write({"state": "good", "summary": self._summary(counts), "problems": False})
        return self._reopen()

    def action_load(self):
        """Load the file, or show all that is wrong with it; return the action to show next."""
        self._check_manager()
        reading = self._read()
        if not reading.problems:
            self._preview(reading)
        if reading.problems:
            self._show_problems(reading.problems)
            return self._reopen()
        checksum = hashlib.sha256(self._content()).hexdigest()
        release = self.env["ccm.data.release"]._log(
            self.kind,
            self.name,
            self.effective_date,
            self._load(reading),
            source=f"{SOURCES[self.kind]} ({self.filename or self.name})",
            checksum=checksum,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": release._name,
            "res_id": release.id,
            "views": [(False, "form")],
        }

    # === HELPERS === #

    def _check_manager(self):
        """The loaders write by SQL or as superuser, so the right to is asked for here."""
        self.ensure_one()
        if not self.exists():
            raise UserError(self.env._("This import is no longer there: begin anew."))
        self.check_access("write")
        self.env["ccm.diagnosis"].check_access("write")
        self.env["ccm.fee.schedule"].check_access("write")

    def _content(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _read(self):
        """Return the ``Reading`` of the file, with the problems of this release among its own."""
        try:
            reading = READERS[self.kind](decode(self._content()))
        except FileProblem as problem:
            return Reading(problems=[Problem(0, problem.args[0])])
        newest = self.env["ccm.data.release"]._newest(self.kind)
        is_list = self.kind in ("icd10cm", "ccir")
        if is_list and newest and self.effective_date < newest.effective_date:
            text = self.env._(
                "%(newest)s, valid from %(day)s, is loaded already; an older release would undo it.",
                newest=newest.name,
                day=newest.effective_date,
            )
            reading.problems.insert(0, Problem(0, text))
        if self.kind == "rvu":
            self._choose_codes(reading)
            self._check_factors(reading)
        if not reading.rows and not reading.problems:
            reading.problems.append(Problem(0, self.env._("The file has none of the rows sought.")))
        return reading

    def _choose_codes(self, reading):
        wanted = {code for [code] in self.env["ccm.service.code"]._read_group([], ["code"])}
        if self.all_care_codes or not wanted:
            wanted |= rvu.CARE_MANAGEMENT_CODES
        reading.rows = [row for row in reading.rows if row[0] in wanted]

    def _check_factors(self, reading):
        """Since 2026 there are two conversion factors, and each of CMS's two files has one."""
        in_file = float(reading.facts["factor"] or 0)
        factor = self.conversion_factor or in_file
        factor_qp = self.conversion_factor_qp
        if self.effective_date < date(2026, 1, 1):
            factor_qp = factor_qp or factor
        text = None
        if not factor:
            text = self.env._("The file has no conversion factor: enter it.")
        elif not factor_qp:
            text = self.env._(
                "Since 2026 Medicare has two conversion factors. The file has %(factor)s: enter the"
                " one for qualifying participants (QP), and where this is CMS's QP file, the"
                " standard one too.",
                factor=in_file,
            )
        elif in_file and in_file not in (round(factor, 4), round(factor_qp, 4)):
            text = self.env._(
                "The file's conversion factor is %(factor)s, which is neither of those entered.",
                factor=in_file,
            )
        if text:
            reading.problems.insert(0, Problem(0, text))
        reading.facts.update(factor=factor, factor_qp=factor_qp)

    def _preview(self, reading):
        """Return the counts of what loading would change; a dict, see the loaders."""
        if self.kind not in ("icd10cm", "ccir"):
            return {"rows": len(reading.rows)}
        loader = self.env["ccm.diagnosis.loader"].sudo()
        loader._stage(reading.rows)
        counts = loader._preview_staged(self.kind, self.effective_date)
        if counts["ended"] > counts["valid"] * MOST_CODES_ENDED:
            text = self.env._(
                "The file lacks %(ended)s of the %(valid)s codes that are valid now, so it is not"
                " the whole list of a release.",
                ended=counts["ended"],
                valid=counts["valid"],
            )
            reading.problems.append(Problem(0, text))
        return counts

    def _load(self, reading):
        """Load the rows; return the counts for the log."""
        if self.kind == "rvu":
            return self.env["ccm.fee.schedule"]._load_rvus(
                self.name,
                self.effective_date,
                reading.facts["factor"],
                reading.facts["factor_qp"],
                reading.rows,
                f"{SOURCES['rvu']}: {self.filename or self.name}",
            )
        if self.kind == "gpci":
            return self.env["ccm.locality"]._load_gpcis(
                self.effective_date,
                reading.rows,
                f"{SOURCES['gpci']}: {self.filename or self.name}",
            )
        # staged by the preview a moment ago, in this transaction
        return (
            self.env["ccm.diagnosis.loader"]
            .sudo()
            ._load_staged(self.kind, self.name, self.effective_date)
        )

    def _summary(self, counts):
        """Say in a few lines what the preview's counts mean."""
        lines = [self.env._("%s usable rows", counts["rows"])]
        if self.kind == "icd10cm":
            lines += [
                self.env._("%s new codes", counts["added"]),
                self.env._("%s codes end", counts["ended"]),
                self.env._("%s codes change", counts["changed"]),
                self.env._("%s codes keep the practice's own description", counts["kept"]),
            ]
        elif self.kind == "ccir":
            lines += [
                self.env._("%s chronic flags change", counts["changed"]),
                self.env._("%s codes keep the practice's own chronic flag", counts["kept"]),
                self.env._("%s codes are not in the list of diagnoses", counts["unknown"]),
            ]
        return "\n".join(lines)

    def _show_problems(self, problems):
        """Keep all the problems: the first as text, and the whole list as a file."""
        lines = [
            self.env._("Line %(line)s: %(problem)s", line=problem.line, problem=problem.text)
            if problem.line
            else str(problem.text)
            for problem in problems
        ]
        text = "\n".join(lines[:SHOWN_PROBLEMS])
        if len(lines) > SHOWN_PROBLEMS:
            more = len(lines) - SHOWN_PROBLEMS
            text += "\n" + self.env._("… and %s more: see the file with all problems.", more)
        whole = base64.b64encode("\n".join(lines).encode())
        self.write({"state": "bad", "problems": text, "problem_file": whole, "summary": False})

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Load a Published File"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
