from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What tells two people apart. Where both contacts have one and it differs, they are not merged.
IDENTITY = ("ccm_mbi", "ccm_birthdate")


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts of one patient become one, and nothing of either record of care is lost.

    Odoo moves records in SQL, past every rule of ours. So what could not stand side by side on one
    patient is looked for before: what is no decision of anybody's is made one (a month without a
    bill, the numbers of care plans), and for the rest somebody has to decide first.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        self._ccm_refuse_practitioners(partners)
        # sudo: who merges contacts often has no role in Chronic Care, and sees no record of it
        if len(partners) < 2 or not any(partners.sudo().mapped("is_ccm_patient")):
            return super()._merge(partner_ids, dst_partner, extra_checks)
        if not dst_partner or dst_partner not in partners:
            dst_partner = self._get_ordered_partner(partners.ids)[-1]
        sources = partners - dst_partner
        self._ccm_prepare(sources.sudo(), dst_partner.sudo())
        result = super()._merge(partners.ids, dst_partner, extra_checks)
        self.env.invalidate_all()
        self.env["ccm.month"].sudo()._refresh_open(dst_partner)
        self.env["ccm.eligibility"]._refresh(dst_partner)
        return result

    def _update_foreign_keys(self, src_partners, dst_partner):
        # Where one stands is worked out anew: each has a row of it, and only one may stay.
        standing = self.env["ccm.eligibility"].sudo()
        standing.search([("partner_id", "in", src_partners.ids)]).unlink()
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    # === HELPERS === #
    def _ccm_prepare(self, sources, kept):
        """Refuse what may not be one patient's; else make ready, and write down, that it will be."""
        self._ccm_refuse_others(sources, kept)
        # whoever records care for one of them meanwhile waits here, and then finds it gone
        self.env.cr.execute(
            SQL("SELECT FROM res_partner WHERE id = ANY(%s) FOR UPDATE", (sources | kept).ids)
        )
        self._ccm_unite_months(sources, kept)
        self._ccm_unite_plans(sources, kept)
        self.env.flush_all()
        self._ccm_refuse_duplicates(sources | kept)
        counts = {source.id: sum(map(len, self._ccm_records(source))) for source in sources}
        self._ccm_unite_values(sources, kept)
        merges = self.env["ccm.partner.merge"].sudo()
        company = kept.company_id or self.env.company
        merges.create(
            [
                {
                    "partner_id": kept.id,
                    "gone_id": source_id,
                    "company_id": company.id,
                    "record_count": count,
                }
                for source_id, count in counts.items()
            ]
        )
        self.env.flush_all()

    def _ccm_is_manager(self):
        return self.env.su or self.env.user.has_group("ccm_module.group_ccm_manager")

    def _ccm_refuse_practitioners(self, partners):
        """Whoever becomes a practitioner's contact looks after that practitioner's patients."""
        if not self._ccm_is_manager() and any(partners.mapped("is_ccm_practitioner")):
            raise UserError(
                self.env._(
                    "One of these contacts is a practitioner of Chronic Care, in whose name is billed."
                    " Ask a manager of Chronic Care to merge them."
                )
            )

    def _ccm_refuse_others(self, sources, kept):
        partners = sources | kept
        patients = partners.filtered("is_ccm_patient")
        if (len(patients) > 1 or patients != kept) and not self._ccm_is_manager():
            raise UserError(
                self.env._(
                    "One of these contacts is a Chronic Care patient, and its record would move. Ask"
                    " a manager of Chronic Care to merge them."
                )
            )
        if kept.is_company:
            raise UserError(
                self.env._("A patient is a person. Choose the person as the destination contact.")
            )
        for name in IDENTITY:
            if len(set(partners.filtered(name).mapped(name))) > 1:
                raise UserError(
                    self.env._(
                        "%(field)s: it differs, so these look like different people, who are not"
                        " merged. Correct it if one was mistyped.",
                        field=partners.fields_get([name], ["string"])[name]["string"],
                    )
                )
        # the contact that stays takes a company over where it has none of its own
        company = kept.company_id or sources.company_id[:1]
        if company and any(
            "company_id" in records._fields and records.company_id - company
            for records in self._ccm_records(partners)
        ):
            raise UserError(
                self.env._(
                    "Company: these contacts have records of different practices, and each practice"
                    " keeps its own. They are not merged."
                )
            )

    def _ccm_unite_months(self, sources, kept):
        """Make one of two months without a bill, and refuse where one of two has a bill.

        :raises UserError: naming the month
        """
        months = self.env["ccm.month"].sudo().search([("partner_id", "in", (sources | kept).ids)])
        for (month, _program), same in months.grouped(lambda m: (m.month, m.program_id)).items():
            if len(same) < 2:
                continue
            decided = same.filtered(
                lambda m: m.state == "cancelled" or m.complex_mdm or m.move_ids or m.decision_ids
            )
            empty = same.filtered(lambda m: not m.total_minutes) - decided
            if len(decided) > 1 or (decided and same - decided - empty):
                raise UserError(
                    self.env._(
                        "%(month)s: both contacts have it, and merging would count or bill it twice:"
                        " on at least one of them it is billed, or a person decided on it. Undo that"
                        " first.",
                        month=month.strftime("%Y-%m"),
                    )
                )
            stays = decided or same.filtered(lambda m: m.partner_id == kept) or same[:1]
            for goes in same - stays:
                self._update_foreign_keys_generic("ccm.month", goes, stays)
                self._update_reference_fields_generic("ccm.month", goes, stays)
                goes.unlink()

    def _ccm_unite_plans(self, sources, kept):
        """Number the plans that come along after the others; the youngest approved one is in force."""
        model = self.env["ccm.care.plan"].sudo()
        plans = model.search([("partner_id", "in", (sources | kept).ids)], order="version, id")
        for _company, found in plans.grouped("company_id").items():
            own = found.filtered(lambda plan: plan.partner_id == kept)
            last = max(own.mapped("version"), default=0)
            for _source, came in (found - own).grouped("partner_id").items():
                # from the last one on, so that none meets another's old number
                for plan in came[::-1]:
                    self._ccm_set(plan, "version", last + plan.version)
                last = max(came.mapped("version"))
            approved = found.filtered(lambda plan: plan.state == "approved")
            for plan in approved.sorted(lambda p: (p.approved_on, p.id))[:-1]:
                self._ccm_set(plan, "state", "superseded")

    def _ccm_set(self, plan, name, value):
        """Change what nobody may change on a signed plan, and say so in its history."""
        old = plan[name]
        if old == value:
            return
        plan.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE ccm_care_plan SET %s = %s WHERE id = %s",
                SQL.identifier(name),
                value,
                plan.id,
            )
        )
        plan.invalidate_recordset()
        plan.message_post(
            body=self.env._(
                "%(field)s: %(old)s became %(new)s, as two contacts of this patient were merged.",
                field=plan.fields_get([name], ["string"])[name]["string"],
                old=old,
                new=value,
            )
        )

    def _ccm_refuse_duplicates(self, partners):
        """Refuse where the database would, with the words of all its constraints at once.

        Every unique index over a patient is asked, so that none added later is forgotten.

        :raises UserError: naming all that there is twice, a line each
        """
        models_ = {
            model._table: model
            for name in self.env["ccm.patient.data"]._paths()
            if (model := self.env[name])._auto and name not in ("res.partner", "ccm.eligibility")
        }
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.relname, i.relname, pg_get_expr(x.indpred, x.indrelid),
                       ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true)
                               FROM generate_series(1, x.indnkeyatts) k)
                  FROM pg_index x
                  JOIN pg_class i ON i.oid = x.indexrelid
                  JOIN pg_class t ON t.oid = x.indrelid
                 WHERE x.indisunique AND t.relname = ANY(%s)
                   AND t.relnamespace = current_schema()::regnamespace
                """,
                list(models_),
            )
        )
        twice = set()
        for table, index, predicate, keys in rows:
            if "partner_id" in keys and self._ccm_has_twice(partners, table, predicate, keys):
                model = models_[table]
                known = model._table_objects.get(index)
                why = known.get_error_message(model) if known else ""
                twice.add((self.env["ir.model"].sudo()._get(model._name).name, why))
        if twice:
            raise UserError(
                self.env._(
                    "A patient has only one at a time of what both contacts have. Of each of these,"
                    " end or remove one of the two, then merge:"
                )
                + "".join(f"\n\N{BULLET} {kind}: {why}" for kind, why in sorted(twice))
            )

    def _ccm_has_twice(self, partners, table, predicate, keys):
        """Tell whether these contacts, taken as one, meet a unique index."""
        others = [key for key in keys if key != "partner_id"]
        conditions = [f"({predicate})"] if predicate else []
        conditions += [f"{key} IS NOT NULL" for key in others]
        return self.env.execute_query(
            SQL(
                "SELECT FROM %s WHERE partner_id = ANY(%s) AND %s GROUP BY %s HAVING count(*) > 1",
                SQL.identifier(table),
                partners.ids,
                SQL(" AND ".join(conditions or ["true"]).replace("%", "%%")),
                SQL(", ".join(others).replace("%", "%%") if others else "()"),
            )
        )

    def _ccm_records(self, partners):
        """Yield what there is of the contacts' records of care, model by model."""
        for name, path in self.env["ccm.patient.data"]._paths().items():
            model = self.env[name].sudo().with_context(active_test=False)
            if path and model._auto:
                yield model.search([(path, "in", partners.ids)])

    def _ccm_unite_values(self, sources, kept):
        """Give the contact that stays what only the others know; its own values win."""
        values = {}
        for name, field in kept._fields.items():
            if not name.startswith(("ccm_", "is_ccm_")) or not field.store or field.compute:
                continue
            if field.type in ("one2many", "many2many") or kept[name]:
                continue
            if source := sources.filtered(name)[:1]:
                values[name] = field.convert_to_write(source[name], source)
        taken = sources.filtered("ccm_mbi")
        taken.ccm_mbi = False
        kept.write(values)
