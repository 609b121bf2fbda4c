"""What some of the demo's patients measured at home in the last weeks."""

from datetime import timedelta

from odoo import models

# Patient: kind, the days before today and the values; a pressure as systolic/diastolic.
READINGS = {
    # heart failure: five pounds in a week, so that the nurse is asked to look
    "lindqvist": {
        "weight": "24 188.2; 21 187.6; 18 188.4; 15 187.8; 12 188.0; 9 187.4; 7 187.6; 5 188.6;"
        " 3 190.2; 2 191.4; 1 192.8",
        "oxygen": "21 95; 15 94; 9 94; 3 93; 1 92",
        "pulse": "21 74; 15 71; 9 76; 3 82; 1 88",
    },
    # limits of her own for the pressure, which comes down
    "okonkwo": {
        "blood_pressure": "27 138/84; 24 134/82; 20 136/80; 16 130/78; 12 128/76; 8 126/78;"
        " 5 124/74; 2 126/76",
        "glucose": "26 148; 19 139; 12 131; 6 144; 1 127",
    },
    "delgado": {"glucose": "23 182; 16 171; 9 176; 4 158; 1 149"},
    "thibodeaux": {
        "weight": "20 164.4; 16 164.8; 12 164.2; 8 165.0; 4 164.6; 1 164.8",
        "blood_pressure": "20 118/70; 12 122/72; 4 116/68",
    },
}

LIMITS = {
    "okonkwo": {
        "blood_pressure": {
            "low": 100,
            "high": 140,
            "diastolic_low": 60,
            "diastolic_high": 90,
            "reason": "Dr. Hartwell: kidney disease, so a tighter range",
        }
    }
}


class CcmDemo(models.AbstractModel):
    _inherit = "ccm.demo"

    def _record_readings(self, agenda):
        for name, kinds in LIMITS.items():
            for code, values in kinds.items():
                self.env["ccm.reading.limit"].create(
                    {
                        "partner_id": self._ref("patient", name).id,
                        "type_id": self._reading_type(code).id,
                        **values,
                    }
                )
        values = [
            self._reading_values(name, code, entry, agenda)
            for name, kinds in READINGS.items()
            for code, entries in kinds.items()
            for entry in entries.split("; ")
        ]
        self.env["ccm.reading"].create(values)

    def _reading_type(self, code):
        return self.env.ref(f"ccm_module.reading_type_{code}")

    def _reading_values(self, name, code, entry, agenda):
        days, numbers = entry.split()
        value, _slash, diastolic = numbers.partition("/")
        day = agenda.today - timedelta(days=int(days))
        return {
            "partner_id": self._ref("patient", name).id,
            "type_id": self._reading_type(code).id,
            "taken_at": agenda.moment(day, 7, 10 + len(code)),
            "value": float(value),
            "diastolic": float(diastolic or 0),
            "source": "patient",
        }
