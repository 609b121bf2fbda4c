"""How a patient's month is decided: facts out of the database, ``billing`` over them, rows back."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..billing import facts, months, worklist
from ..billing.decision import decide
from ..billing.identifiers import npi_is_valid
from ..billing.record import PricesAsked
from ..billing.requirements import plan_in_force
from .ccm_activity import epoch
from .ccm_month import FIXED_STATES
from .ccm_wording import as_json


class CcmMonth(models.Model):
    _inherit = "ccm.month"

    def _decide(self):
        """Decide these months from the record and store the result; fixed months are left alone.

        Rows are compared and written for all months together: the close decides thousands.

        :return: ``{month: (MonthFacts, Decision)}`` of those that could be decided
        """
        open_months = self.filtered(lambda m: m.state not in FIXED_STATES)
        decided = {}
        if not open_months:
            return decided
        open_months = open_months.with_context(tracking_disable=True)
        codes = self.env["ccm.service.code"]._catalogue()
        rules = codes._as_rules()
        by_code = codes.grouped("code")
        collected = open_months._collect_facts()
        contacts, calls = open_months._collect_contacts(), open_months._collect_calls()
        lines, notes, by_diagnoses = {}, {}, defaultdict(self.browse)
        for month in open_months:
            known = collected[month.id]
            try:
                result = decide(known, rules, month.company_id.ccm_code_choice)
                lines[month] = self._line_values(result, by_code)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                lines[month], notes[month] = [], []
                month._register_undecided(error)
                continue
            decided[month] = known, result
            if (month.details or {}).get("undecided"):
                month._clear_error()
            by_diagnoses[month._find_diagnoses(result.diagnoses)] |= month
            notes[month] = self._note_values(result)
            month._write_changed(
                {
                    **month._decision_values(result, known),
                    **month._work_values(result, contacts[month.id], calls[month.partner_id.id]),
                }
            )
        open_months.write({"decided_on": fields.Datetime.now()})
        for diagnoses, group in by_diagnoses.items():
            group.filtered(
                lambda m, diagnoses=diagnoses: m.diagnosis_ids != diagnoses
            ).diagnosis_ids = diagnoses
        open_months._replace_rows("line_ids", lines)
        open_months._replace_rows("blocker_ids", notes)
        return decided

    def _register_undecided(self, error):
        """Keep on the month that it could not be decided; it is not billed until it can be."""
        self.write(
            {
                "state": "blocked" if self._is_over() else "open",
                "amount_total": 0,
                "base_code": False,
                "details": {"undecided": True},
                "option_amounts": False,
                "work_state": worklist.BLOCKED,
            }
        )
        self._register_error(error)

    def _decision_values(self, result, known):
        self.ensure_one()
        enrollment = known.enrollment
        step = result.next_steps[0] if result.next_steps else None
        partner = self.partner_id
        plan = plan_in_force(known)
        return {
            "state": result.state if self._is_over() else "open",
            "practitioner_id": enrollment and enrollment.practitioner,
            "coordinator_id": enrollment and enrollment.coordinator,
            "payer_id": (partner.ccm_payer_id or partner).id,
            "staff_minutes": result.staff_seconds // 60,
            "practitioner_minutes": result.practitioner_seconds // 60,
            "total_minutes": result.combined_seconds // 60,
            "base_code": result.lines[0].code if result.lines else False,
            "service_date": result.service_date,
            "plan_id": plan and plan.id,
            "amount_total": float(result.amount),
            "blocker_count": len(result.blockers),
            "details": self._details(result),
            "option_amounts": [
                None if option.amount is None else str(option.amount) for option in result.options
            ],
            "next_code": step and step.code,
            "next_seconds": step.seconds if step else 0,
            "next_amount": float(step.amount or 0) if step else 0,
        }

    def _write_changed(self, vals):
        """Write what differs: most months are decided anew to the same, and a write costs far more."""
        self.ensure_one()
        changed = {}
        for name, value in vals.items():
            stored = self[name]
            if isinstance(stored, models.BaseModel):
                stored = stored.id
            if (stored or False) != (value or False):
                changed[name] = value
        if changed:
            self.write(changed)

    def _find_diagnoses(self, codes):
        """Return the diagnoses that support the bill, as the patient's conditions name them."""
        return self.partner_id.ccm_condition_ids.diagnosis_id.filtered(
            lambda diagnosis: diagnosis.code in codes
        )

    def _line_values(self, result, by_code):
        return [
            {
                "sequence": index,
                "code_id": by_code[line.code]._on(line.service_date).id,
                "code": line.code,
                "units": line.units,
                "price": float(line.price or 0),
                "amount": float(line.amount or 0),
                "service_date": line.service_date,
                "reason_code": line.reason.code,
                "reason_params": as_json(line.reason.params),
            }
            for index, line in enumerate(result.lines)
        ]

    @staticmethod
    def _note_values(result):
        return [
            {"severity": severity, "code": reason.code, "params": as_json(reason.params)}
            for severity, reasons in (("blocker", result.blockers), ("warning", result.warnings))
            for reason in reasons
        ]

    def _replace_rows(self, name, wanted):
        """Make the rows of the One2many ``name`` what ``wanted`` says, leaving alike ones alone.

        :param dict wanted: month -> list of the values of its rows, in order
        """
        stale, fresh = self[name].browse(), []
        for month in self:
            rows = month[name]
            if len(rows) == len(wanted[month]) and all(
                ((row[key].id if key.endswith("_id") else row[key]) or False) == (value or False)
                for row, vals in zip(rows, wanted[month], strict=True)
                for key, value in vals.items()
            ):
                continue
            stale |= rows
            # The company is the month's: given here, Odoo need not look it up for each row.
            link = {"month_id": month.id, "company_id": month.company_id.id}
            fresh += [{**vals, **link} for vals in wanted[month]]
        stale.unlink()
        self[name].create(fresh)

    @staticmethod
    def _details(result):
        return {
            "options": [
                {
                    "code": option.family.base.code,
                    "lines": [[line.code, line.units] for line in option.lines],
                    "chosen": option is result.chosen,
                    "reason": option.reason.code,
                    "params": as_json(option.reason.params),
                }
                for option in result.options
            ],
            "excluded": result.excluded,
            "next": [[step.code, step.performer, step.seconds] for step in result.next_steps],
        }

    # === FACTS === #
    def _collect_facts(self):
        """Return ``{month id: MonthFacts}``; a constant number of queries, whatever the count."""
        partners = self.partner_id
        by_partner = {
            name: self._by_partner(model, partners, domain)
            for name, model, domain in (
                ("consents", "ccm.consent", [("state", "in", ("given", "revoked"))]),
                ("conditions", "ccm.condition", []),
                ("visits", "ccm.visit", []),
                ("plans", "ccm.care.plan", []),
                ("others", "ccm.other.service", []),
                ("enrollments", "ccm.enrollment", []),
            )
        }
        work = self._collect_work()
        assessed = self._collect_assessed()
        pricers = {}
        nobody = self.env["res.partner"]
        result = {}
        for month in self:
            company, partner = month.company_id, month.partner_id
            zone = company._ccm_zone()
            enrollment = self._enrollment_of(
                by_partner["enrollments"][partner.id, company.id], month.month
            )
            practitioner = enrollment.practitioner_id if enrollment else partner.browse()
            payer = (partner.ccm_payer_id or partner).with_company(company)
            # The payer's own comes first, also where the practice never switched pricelists on.
            pricelist = (
                payer.specific_property_product_pricelist or payer.property_product_pricelist
            )
            if (company, pricelist) not in pricers:
                codes = self.env["ccm.service.code"].with_company(company)
                pricers[company, pricelist] = codes._pricer(company, pricelist)
            result[month.id] = facts.MonthFacts(
                month=month.month,
                zone=zone,
                price_of=PricesAsked(pricers[company, pricelist]),
                enrollment=self._enrollment_fact(enrollment),
                consents=tuple(
                    map(self._consent_fact, by_partner["consents"][partner.id, company.id])
                ),
                conditions=tuple(
                    map(self._condition_fact, by_partner["conditions"][partner.id, company.id])
                ),
                visits=tuple(map(self._visit_fact, by_partner["visits"][partner.id, company.id])),
                plans=tuple(map(self._plan_fact, by_partner["plans"][partner.id, company.id])),
                others=tuple(map(self._other_fact, by_partner["others"][partner.id, company.id])),
                complex_mdm=month.complex_mdm,
                complex_mdm_note=bool(month.complex_mdm_note),
                complex_mdm_by_biller=month.complex_mdm_by_id.partner_id in (practitioner, nobody),
                g0506_billed_before=(partner.id, practitioner.id) in assessed
                and assessed[partner.id, practitioner.id] != month.id,
                practitioner_npi=npi_is_valid(practitioner.npi or ""),
                practice_npi=npi_is_valid(company.partner_id.npi or ""),
                birthdate=bool(partner.ccm_birthdate),
                medicare_number=bool(partner.ccm_mbi),
                visit_day_rule=company.ccm_visit_day_rule,
                **self._work_facts(
                    work[partner.id, company.id], month.month, zone, practitioner.id
                ),
            )
        return result

    def _by_partner(self, model, partners, domain):
        grouped = defaultdict(list)
        for record in self.env[model].search([("partner_id", "in", partners.ids), *domain]):
            grouped[record.partner_id.id, record.company_id.id].append(record)
        return grouped

    def _collect_work(self):
        """Return ``{(partner id, company id): rows of _work_query}``."""
        self.env["ccm.activity"].flush_model()
        spans = [months.bounds(month, c._ccm_zone()) for c, month in self._company_months()]
        rows = self.env.execute_query_dict(
            _work_query(self.partner_id.ids, min(a for a, _b in spans), max(b for _a, b in spans))
        )
        grouped = defaultdict(list)
        for row in rows:
            grouped[row["partner_id"], row["company_id"]].append(row)
        return grouped

    def _company_months(self):
        return {(month.company_id, month.month) for month in self}

    @staticmethod
    def _work_facts(rows, month, zone, practitioner_id):
        start, stop = months.bounds(month, zone)
        rows = [r for r in rows if r["start"] < stop and (r["stop"] is None or r["stop"] > start)]
        return {
            "work": tuple(
                facts.Work(
                    row["start"],
                    row["stop"],
                    row["performer"],
                    row["person"] == practitioner_id,
                    row["counts"],
                    row["id"],
                )
                for row in rows
                if row["state"] == "done" and not row["to_review"]
            ),
            "running_timers": sum(1 for row in rows if row["state"] == "running"),
            "paused_timers": sum(1 for row in rows if row["state"] == "paused"),
            "unreviewed_entries": sum(1 for row in rows if row["to_review"]),
            "undescribed_entries": sum(1 for row in rows if row["to_describe"]),
        }

    def _collect_assessed(self):
        """Return ``{(patient, practitioner): month id}`` where G0506 was billed already."""
        lines = self.env["ccm.month.line"].search(
            [
                ("month_id.partner_id", "in", self.partner_id.ids),
                ("code", "=", "G0506"),
                ("month_id.state", "=", "invoiced"),
            ]
        )
        return {
            (line.month_id.partner_id.id, line.month_id.practitioner_id.id): line.month_id.id
            for line in lines
        }

    @api.model
    def _enrollment_of(self, enrollments, day):
        """Return the enrollment that ``day``'s month is billed under: the last one to begin."""
        first, last = months.first_day(day), months.last_day(day)
        covering = [
            e
            for e in enrollments
            if e.state in ("active", "ended")
            and e.program_id.code == "CCM"
            and e.date_start
            and e.date_start <= last
            and (not e.date_end or e.date_end >= first)
        ]
        return max(covering, key=lambda e: (e.date_start, e.id), default=None)

    # --- one record to one fact ---
    @staticmethod
    def _enrollment_fact(record):
        if not record:
            return None
        return facts.Enrollment(
            practitioner=record.practitioner_id.id,
            start=record.date_start,
            end=record.date_end or None,
            last_seen=record.last_seen_on or None,
            coordinator=record.coordinator_id.id or None,
        )

    @staticmethod
    def _consent_fact(record):
        return facts.Consent(
            practitioner=record.practitioner_id.id,
            given_at=epoch(record.given_at),
            told_all=record.told_available
            and record.told_cost_sharing
            and record.told_one_practitioner
            and record.told_may_stop,
            valid_until=record.valid_until or None,
        )

    @staticmethod
    def _condition_fact(record):
        diagnosis = record.diagnosis_id
        return facts.Condition(
            code=diagnosis.code,
            lasts_12_months=record.lasts_12_months,
            significant_risk=record.significant_risk,
            chronicity=diagnosis.chronicity,
            confirmed=bool(record.confirmed_by_id),
            start=record.onset_date or None,
            end=record.end_date or None,
            code_from=diagnosis.date_from or None,
            code_to=diagnosis.date_to or None,
        )

    @staticmethod
    def _visit_fact(record):
        return facts.Visit(
            practitioner=record.practitioner_id.id,
            day=record.date,
            kind=record.kind,
            ccm_discussed=record.ccm_discussed,
            planning_beyond_visit=record.planning_beyond_visit,
        )

    @staticmethod
    def _plan_fact(record):
        return facts.Plan(
            approved_on=record.approved_on or None,
            copy_given_on=record.copy_given_on or None,
            version=record.version,
            id=record.id,
        )

    @staticmethod
    def _other_fact(record):
        stay = None
        if record.admitted_at or record.discharged_at:
            stay = (
                (record.admitted_at and epoch(record.admitted_at)) or None,
                (record.discharged_at and epoch(record.discharged_at)) or None,
            )
        return facts.OtherService(
            kind=record.kind,
            first=record.date_from,
            last=record.date_to or None,
            same_practitioner=record.same_practitioner,
            stay=stay,
        )


def _work_query(partner_ids, start, stop):
    """Return the SQL for every entry of the patients that touches ``[start, stop)``."""
    return SQL(
        """
        SELECT a.id, a.partner_id, a.company_id, a.performer, a.counts, a.state, a.to_review,
               a.to_describe, u.partner_id AS person,
               EXTRACT(EPOCH FROM a.start)::bigint AS start,
               EXTRACT(EPOCH FROM a.stop)::bigint AS stop
          FROM ccm_activity a
          JOIN res_users u ON u.id = a.user_id
         WHERE a.partner_id = ANY(%s)
           AND a.state <> 'void'
           AND a.start < to_timestamp(%s) AT TIME ZONE 'UTC'
           AND (a.stop IS NULL OR a.stop > to_timestamp(%s) AT TIME ZONE 'UTC')
        """,
        list(partner_ids),
        stop,
        start,
    )
