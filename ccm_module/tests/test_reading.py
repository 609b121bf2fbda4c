"""What is measured at home, and who hears of it the same day."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import CcmCommon


@tagged("post_install", "-at_install")
class TestReading(CcmCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pressure = cls.env.ref("ccm_module.reading_type_blood_pressure")
        cls.weight = cls.env.ref("ccm_module.reading_type_weight")
        cls.glucose = cls.env.ref("ccm_module.reading_type_glucose")
        cls.oxygen = cls.env.ref("ccm_module.reading_type_oxygen")
        cls.ada = cls.make_ready_patient()

    def measure(self, kind, value, moment, user=None, **vals):
        """Return a reading of Ada, entered at the UTC ``moment`` at which it was taken."""
        with freeze_time(moment):
            return (
                self.env["ccm.reading"]
                .with_user(user or self.nurse)
                .create({"partner_id": self.ada.id, "type_id": kind.id, "value": value, **vals})
            )

    def alerts(self, user=None):
        kind = self.env.ref("ccm_module.mail_activity_type_reading")
        found = self.ada.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        return found.filtered(lambda a: a.user_id == user) if user else found

    # --- stories --------------------------------------------------------------------------------

    def test_a_heart_failure_patient_gains_weight(self):
        """Three pounds in two days: the nurse is asked to call the same day."""
        self.measure(self.weight, 180.0, "2026-06-08 12:00")
        self.measure(self.weight, 181.5, "2026-06-09 12:00")
        self.assertFalse(self.alerts())
        third = self.measure(self.weight, 183.0, "2026-06-10 12:00")
        self.assertEqual(third.status, "gain")
        self.assertRecordValues(
            self.alerts(), [{"user_id": self.nurse.id, "date_deadline": date(2026, 6, 10)}]
        )

    def test_slow_gain_over_a_week(self):
        for day, value in enumerate((180.0, 180.8, 181.6, 182.4, 183.2, 184.0, 184.8), start=1):
            self.measure(self.weight, value, f"2026-06-{day:02} 12:00")
        self.assertFalse(self.alerts(), "0.8 a day is under both limits")
        self.assertEqual(self.measure(self.weight, 185.0, "2026-06-08 12:00").status, "gain")
        self.assertTrue(self.alerts())

    def test_a_gain_is_forgotten_after_its_days(self):
        self.measure(self.weight, 180.0, "2026-06-01 12:00")
        self.assertEqual(self.measure(self.weight, 184.9, "2026-06-04 12:00").status, "in_range")

    def test_a_weight_that_comes_in_late_explains_a_later_one(self):
        thursday = self.measure(self.weight, 184.0, "2026-06-11 12:00")
        self.assertEqual(thursday.status, "in_range")
        with freeze_time("2026-06-12 12:00"):
            self.measure(self.weight, 180.0, "2026-06-12 12:00", taken_at="2026-06-10 12:00:00")
        self.assertEqual(thursday.status, "gain")
        self.assertEqual(len(self.alerts()), 1)

    def test_own_limits_come_before_the_kind_s(self):
        self.assertEqual(
            self.measure(self.pressure, 150, "2026-06-08 14:00", diastolic=85).status, "in_range"
        )
        limit = self.env["ccm.reading.limit"].with_user(self.nurse)
        limit.create(
            {
                "partner_id": self.ada.id,
                "type_id": self.pressure.id,
                "low": 100,
                "high": 130,
                "diastolic_low": 60,
                "diastolic_high": 80,
                "reason": "The doctor, after the stroke",
            }
        )
        reading = self.measure(self.pressure, 131, "2026-06-09 14:00", diastolic=70)
        self.assertRecordValues(reading, [{"status": "high", "range_text": "100–130 / 60–80"}])

    def test_what_was_judged_stays(self):
        reading = self.measure(self.glucose, 240, "2026-06-08 14:00")
        self.glucose.high = 200
        self.assertEqual(reading.status, "in_range")
        self.assertEqual(reading.range_text, "70–250")

    # --- limits ---------------------------------------------------------------------------------

    def test_both_ends_belong_to_the_range(self):
        for value, status in (
            (69.9, "low"),
            (70.0, "in_range"),
            (250.0, "in_range"),
            (250.1, "high"),
        ):
            with self.subTest(value=value):
                self.assertEqual(
                    self.measure(self.glucose, value, "2026-06-08 14:00").status, status
                )

    def test_tenths_add_up(self):
        """0.1 + 0.2 is no more than 0.3 here: 180.1 and then 183.1 is a gain of three."""
        self.measure(self.weight, 180.1, "2026-06-08 12:00")
        self.assertEqual(self.measure(self.weight, 183.0, "2026-06-09 12:00").status, "in_range")
        self.assertEqual(self.measure(self.weight, 183.1, "2026-06-10 12:00").status, "gain")

    def test_either_value_of_a_pressure(self):
        self.assertEqual(
            self.measure(self.pressure, 120, "2026-06-08 14:00", diastolic=101).status, "high"
        )
        self.assertEqual(
            self.measure(self.pressure, 120, "2026-06-08 14:00", diastolic=49).status, "low"
        )
        self.assertEqual(
            self.measure(self.pressure, 200, "2026-06-08 14:00", diastolic=40).status, "high"
        )

    def test_no_upper_limit_of_oxygen(self):
        self.assertEqual(self.measure(self.oxygen, 100, "2026-06-08 14:00").status, "in_range")
        self.assertEqual(self.measure(self.oxygen, 89.9, "2026-06-08 14:00").status, "low")

    def test_one_set_of_limits_a_kind(self):
        limit = self.env["ccm.reading.limit"]
        values = {"partner_id": self.ada.id, "type_id": self.glucose.id, "reason": "The doctor"}
        limit.create(values)
        with self.refused(ValidationError, "has limits of this kind already"):
            limit.create(values)

    def test_limits_that_make_no_sense(self):
        limit = self.env["ccm.reading.limit"]
        values = {"partner_id": self.ada.id, "type_id": self.glucose.id, "reason": "The doctor"}
        with self.refused(ValidationError, "Lowest must be less than Highest"):
            limit.create({**values, "low": 150, "high": 150})
        with self.refused(ValidationError, "cannot be negative"):
            limit.create({**values, "low": -1})
        with self.refused(ValidationError, "between 1 and 31"):
            limit.create({**values, "gain": 2, "gain_days": 0})

    def test_limits_begin_with_those_in_force(self):
        form = Form(
            self.env["ccm.reading.limit"]
            .with_user(self.nurse)
            .with_context(default_partner_id=self.ada.id)
        )
        form.type_id = self.weight
        self.assertEqual((form.gain, form.gain_days, form.slow_gain), (3, 2, 5))

    # --- the alert ------------------------------------------------------------------------------

    def test_same_day_is_the_practice_s(self):
        """Ten in the evening in New York is tomorrow in UTC; the call is due today."""
        self.measure(self.glucose, 300, "2026-06-09 02:00")
        self.assertEqual(self.alerts().date_deadline, date(2026, 6, 8))

    def test_days_across_the_change_of_clocks(self):
        """Two calendar days, 49 hours: still within two days."""
        self.measure(self.weight, 180, "2026-10-31 10:00")  # 6:00 EDT
        self.assertEqual(
            self.measure(self.weight, 183, "2026-11-02 23:00").status, "gain"
        )  # 18:00 EST

    def test_never_twice(self):
        reading = self.measure(self.glucose, 300, "2026-06-08 14:00")
        alert = self.alerts()
        with freeze_time("2026-06-08 15:00"):
            reading.note = "After breakfast"
            reading.value = 310
        self.assertEqual(self.alerts(), alert)
        alert.with_user(self.nurse).action_feedback("Called")
        with freeze_time("2026-06-08 16:00"):
            reading.value = 305
        self.assertFalse(self.alerts(), "she has looked at it")

    def test_one_call_answers_several_readings(self):
        first = self.measure(self.glucose, 300, "2026-06-08 14:00")
        second = self.measure(self.pressure, 190, "2026-06-08 14:05", diastolic=90)
        self.assertEqual(first.alert_id, second.alert_id)
        self.alerts().with_user(self.nurse).action_feedback()
        third = self.measure(self.glucose, 301, "2026-06-08 18:00")
        self.assertTrue(third.alert_id.active)
        self.assertNotEqual(third.alert_id, first.alert_id)

    def test_a_call_planned_for_later_is_brought_forward(self):
        with freeze_time("2026-06-08 14:00"):
            self.ada.activity_schedule(
                "ccm_module.mail_activity_type_reading",
                date_deadline="2026-06-15",
                user_id=self.nurse.id,
            )
        self.measure(self.glucose, 300, "2026-06-09 14:00")
        self.assertRecordValues(self.alerts(), [{"date_deadline": date(2026, 6, 9)}])
        with freeze_time("2026-06-10 14:00"):
            self.measure(self.glucose, 301, "2026-06-10 14:00")
        self.assertRecordValues(self.alerts(), [{"date_deadline": date(2026, 6, 9)}])

    def test_nobody_is_asked_who_could_not_see_it(self):
        """A coordinator whose rights were taken away: the practitioner is asked instead."""
        groups = self.env.ref("ccm_module.group_ccm_user")
        self.nurse.group_ids -= groups
        self.measure(self.glucose, 300, "2026-06-08 14:00", user=self.manager)
        self.assertEqual(self.alerts().user_id, self.doctor)
        self.alerts().unlink()
        self.nurse.group_ids += groups
        self.env["ccm.cover"].create(
            {
                "user_id": self.nurse.id,
                "cover_id": self.doctor.id,
                "date_from": "2026-06-09",
                "date_to": "2026-06-09",
            }
        )
        self.doctor.active = False
        self.measure(self.glucose, 300, "2026-06-09 14:00")
        self.assertEqual(self.alerts().user_id, self.nurse, "who covers has left")

    def test_a_typing_error_takes_its_alert_along(self):
        reading = self.measure(self.glucose, 300, "2026-06-08 14:00")
        with freeze_time("2026-06-08 14:01"):
            reading.value = 130
        self.assertEqual(reading.status, "in_range")
        self.assertFalse(self.alerts())
        with freeze_time("2026-06-08 14:02"):
            reading.value = 300
        self.assertEqual(len(self.alerts()), 1)
        reading.active = False
        self.assertFalse(self.alerts())

    def test_a_correction_keeps_the_old_value(self):
        reading = self.measure(self.glucose, 300, "2026-06-08 14:00")
        reading.flush_recordset()
        self.env.cr.precommit.run()
        reading.value = 130
        self.env.cr.precommit.run()
        tracked = reading.message_ids.sudo().tracking_value_ids
        self.assertIn((300.0, 130.0), [(t.old_value_float, t.new_value_float) for t in tracked])

    def test_old_readings_are_history(self):
        with freeze_time("2026-06-20 14:00"):
            old = self.measure(
                self.glucose, 300, "2026-06-20 14:00", taken_at="2026-06-12 14:00:00"
            )
            recent = self.measure(
                self.glucose, 300, "2026-06-20 14:00", taken_at="2026-06-13 14:00:00"
            )
        self.assertFalse(old.alert_id)
        self.assertTrue(recent.alert_id)

    def test_its_words_say_nothing(self):
        self.measure(self.glucose, 333, "2026-06-08 14:00")
        alert = self.alerts()
        self.assertNotIn("333", f"{alert.summary} {alert.note} {alert.display_name}")
        self.assertNotIn("lucose", f"{alert.summary} {alert.note} {alert.display_name}")
        mails = self.env["mail.mail"].search([("create_date", ">=", "2026-06-08 00:00:00")])
        self.assertFalse(mails.filtered(lambda mail: "reading" in (mail.subject or "")))

    def test_who_is_asked(self):
        self.ada.ccm_enrollment_id.coordinator_id = False
        self.measure(self.glucose, 300, "2026-06-08 14:00")
        self.assertEqual(self.alerts().user_id, self.doctor)
        self.alerts().unlink()
        self.ada.ccm_enrollment_id.coordinator_id = self.nurse
        self.env["ccm.cover"].create(
            {
                "user_id": self.nurse.id,
                "cover_id": self.doctor.id,
                "date_from": "2026-06-09",
                "date_to": "2026-06-09",
            }
        )
        self.measure(self.glucose, 300, "2026-06-09 14:00")
        self.assertEqual(self.alerts().user_id, self.doctor, "the nurse is away")
        self.alerts().unlink()
        self.measure(self.glucose, 300, "2026-06-10 14:00")
        self.assertEqual(self.alerts().user_id, self.nurse)
        newcomer = self.make_patient(name="Bea", ccm_mrn="MRN-2")
        reading = self.measure(self.glucose, 300, "2026-06-08 14:00", partner_id=newcomer.id)
        self.assertEqual(reading.alert_id.user_id, self.manager)

    def test_in_a_batch(self):
        with freeze_time("2026-06-10 14:00"):
            readings = (
                self.env["ccm.reading"]
                .with_user(self.nurse)
                .create(
                    [
                        {
                            "partner_id": self.ada.id,
                            "type_id": self.weight.id,
                            "value": 180 + day,
                            "taken_at": f"2026-06-{5 + day:02} 12:00:00",
                            "source": "device",
                        }
                        for day in range(5)
                    ]
                )
            )
        self.assertEqual(readings.mapped("status"), ["in_range"] * 5)
        self.assertFalse(self.alerts())

    # --- bad values -----------------------------------------------------------------------------

    def test_typing_errors(self):
        for kind, value, more, message in (
            (self.weight, 1805, {}, "Value: Weight lies between 50 and 900 lb"),
            (self.weight, 0, {}, "Value: Weight lies between"),
            (self.weight, 180, {"diastolic": 80}, "Diastolic: Weight has one value only"),
            (self.pressure, 120, {}, "Diastolic: Blood pressure lies between 20 and 200 mmHg"),
            (self.pressure, 80, {"diastolic": 120}, "changed places"),
            (self.oxygen, 100.1, {}, "Value: Oxygen saturation lies between 40 and 100 %"),
            (self.glucose, 120, {"taken_at": "2026-06-08 14:06:00"}, "Taken: this moment"),
        ):
            with (
                self.subTest(kind=kind.code, value=value),
                self.refused(ValidationError, message),
            ):
                self.measure(kind, value, "2026-06-08 14:00", **more)

    def test_the_message_holds_no_value(self):
        with self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
            self.measure(self.weight, 1234.5, "2026-06-08 14:00")
        self.assertNotIn("1234", str(caught.exception))

    def test_a_reading_stays_with_its_patient(self):
        reading = self.measure(self.glucose, 120, "2026-06-08 14:00")
        with self.refused(UserError, "stays with its patient"):
            reading.partner_id = self.make_patient(name="Bea", ccm_mrn="MRN-2")

    def test_the_assessment_is_the_system_s(self):
        """A client can neither bring it along nor change it."""
        reading = self.measure(
            self.glucose,
            300,
            "2026-06-08 14:00",
            status="in_range",
            alerted_at="2026-01-01 00:00:00",
        )
        self.assertEqual(reading.status, "high")
        self.assertTrue(self.alerts())
        reading.write({"status": "in_range", "alert_id": False})
        self.assertEqual(reading.status, "high")
        self.assertTrue(reading.alert_id)
        sneaky = self.env["ccm.reading"].with_user(self.nurse)
        with freeze_time("2026-06-08 15:00"):
            other = sneaky.with_context(default_alerted_at="2026-01-01 00:00:00").create(
                {"partner_id": self.ada.id, "type_id": self.oxygen.id, "value": 80}
            )
        self.assertTrue(other.alert_id)

    def test_the_unit_is_fixed_with_the_first_reading(self):
        kilograms = {"unit": "kg", "minimum": 20, "maximum": 400, "gain": 1.5, "slow_gain": 2.5}
        self.weight.with_user(self.manager).write(kilograms)
        self.measure(self.weight, 82.5, "2026-06-08 14:00")
        with self.refused(UserError, "Unit: there are readings"):
            self.weight.unit = "lb"
        self.assertEqual(self.ada.ccm_reading_ids.shown, "82.5 kg")

    # --- rights ---------------------------------------------------------------------------------

    def test_roles(self):
        reading = self.measure(self.glucose, 120, "2026-06-08 14:00")
        self.assertEqual(reading.with_user(self.biller).value, 120)
        with self.refused(AccessError):
            reading.with_user(self.biller).note = "x"
        with self.refused(AccessError):
            reading.with_user(self.outsider).read(["value"])
        with self.refused(AccessError):
            reading.with_user(self.nurse).unlink()
        with self.refused(AccessError):
            self.weight.with_user(self.nurse).high = 1
        with self.refused(AccessError):
            self.ada.with_user(self.outsider).read(["ccm_reading_summary"])

    def test_practices_do_not_see_each_other_s(self):
        reading = self.measure(self.glucose, 300, "2026-06-08 14:00")
        other = self.env["res.company"].create({"name": "Another practice"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="ccm_module.group_ccm_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.refused(AccessError):
            reading.with_user(stranger).read(["value"])
        self.assertEqual(
            self.ada.with_user(stranger).with_company(other).ccm_reading_summary, {"kinds": []}
        )

    # --- the form -------------------------------------------------------------------------------

    def test_the_latest_of_each_kind(self):
        self.measure(self.glucose, 110, "2026-06-07 14:00")
        self.measure(self.glucose, 300, "2026-06-08 14:00")
        self.measure(self.pressure, 128, "2026-06-08 15:00", diastolic=76)
        kinds = self.ada.with_user(self.nurse).ccm_reading_summary["kinds"]
        self.assertEqual([kind["latest"] for kind in kinds], ["128/76 mmHg", "300 mg/dL"])
        self.assertEqual([kind["status"] for kind in kinds], ["in_range", "high"])
        self.assertEqual(kinds[1]["range"], "70–250")
        self.assertEqual([point["y"] for point in kinds[1]["points"]], [110, 300])
        self.assertEqual(kinds[0]["points"][0]["d"], 76)

    def test_the_form_asks_as_often_with_many_readings(self):
        self.measure(self.glucose, 110, "2026-06-07 14:00")

        def queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.ada.read(["ccm_reading_summary"])
            return self.env.cr.sql_log_count - before

        queries()
        one = queries()
        for number in range(70):
            self.measure(self.weight, 180, f"2026-06-08 10:{number % 60:02}")
            self.measure(self.oxygen, 95, f"2026-06-08 11:{number % 60:02}")
        self.assertLessEqual(queries(), one)
        kinds = self.ada.ccm_reading_summary["kinds"]
        self.assertEqual([len(kind["points"]) for kind in kinds], [60, 1, 60])

    def test_quick_entry_on_the_form(self):
        with (
            freeze_time("2026-06-08 14:00"),
            Form(self.ada.with_user(self.nurse), "ccm_module.res_partner_view_form_ccm") as form,
            form.ccm_reading_ids.new() as line,
        ):
            line.type_id = self.pressure
            line.value = 128
            line.diastolic = 76
        self.assertEqual(self.ada.ccm_reading_ids.shown, "128/76 mmHg")
