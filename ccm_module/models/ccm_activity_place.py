"""Nobody is in two places: said in words, before PostgreSQL refuses it."""

from datetime import UTC

from odoo import fields, models
from odoo.exceptions import ValidationError


class CcmActivity(models.Model):
    _inherit = "ccm.activity"

    # === HELPERS === #
    def _placement(self):
        return {
            "user_id": self.user_id.id,
            "start": self.start,
            "stop": self.stop,
            "state": self.state,
            "source": self.source,
            "outcome": self.outcome,
        }

    def _check_placements(self, placements, ignore=None):
        """Say in words what PostgreSQL would refuse, before it does.

        :param placements: dicts of user_id, start, stop, state, source and outcome
        :raises ValidationError: one of them ends before it starts, or overlaps other time of the
            same person
        """
        taken = []
        for vals in placements:
            start = fields.Datetime.to_datetime(vals["start"])
            stop = fields.Datetime.to_datetime(vals.get("stop"))
            if vals["state"] == "void":
                continue
            # An attempt to reach the patient may have taken no time worth the name.
            may_be_empty = vals.get("source") == "timer" or vals.get("outcome")
            if stop and (stop < start or (stop == start and not may_be_empty)):
                raise ValidationError(
                    self.env._("Stop must be later than Start: correct one of the two.")
                )
            if stop == start:
                continue
            domain = [
                ("user_id", "=", vals["user_id"]),
                ("state", "!=", "void"),
                ("id", "not in", ignore.ids if ignore else []),
                "|",
                ("stop", "=", False),
                # What took no second takes no place: an attempt logged while the timer ran.
                "&",
                ("stop", ">", start),
                ("seconds", ">", 0),
            ]
            if stop:
                domain.append(("start", "<", stop))
            # sudo: the person's time elsewhere counts, whoever may see it
            other = self.sudo().search(domain, limit=1)
            clashes = [(other.start, other.stop or None)] if other else []
            clashes += [
                (a, b)
                for user, a, b in taken
                if user == vals["user_id"] and (not stop or a < stop) and (not b or b > start)
            ]
            if clashes:
                self._refuse_two_places(vals["user_id"], stop, *clashes[0])
            taken.append((vals["user_id"], start, stop))

    def _refuse_two_places(self, user_id, stop, other_start, other_stop):
        name = self.env["res.users"].browse(user_id).sudo().name
        if not stop and not other_stop:
            raise ValidationError(
                self.env._("%s has a timer running already: stop it first.", name)
            )
        raise ValidationError(
            self.env._(
                "This time overlaps other time of %(person)s, %(start)s to %(stop)s: nobody can be "
                "in two places. Change Start or Stop.",
                person=name,
                start=self._local_time(other_start),
                stop=self._local_time(other_stop) if other_stop else self.env._("running"),
            )
        )

    def _local_time(self, moment):
        company = self.company_id[:1] or self.env.company
        local = moment.replace(tzinfo=UTC).astimezone(company._ccm_zone())
        return local.strftime("%Y-%m-%d %H:%M")
