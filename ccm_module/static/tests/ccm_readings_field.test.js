import {contains, defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

const point = (day, value, diastolic, out) => ({
    x: `2026-06-${day} 12:00:00`,
    y: value,
    d: diastolic,
    out,
});

class CcmPatient extends models.Model {
    _name = "ccm.patient";

    summary = fields.Json();

    _records = [
        {
            id: 1,
            summary: {
                kinds: [
                    {
                        id: 7,
                        name: "Blood pressure",
                        unit: "mmHg",
                        latest: "165/80 mmHg",
                        taken_at: "2026-06-09 12:00:00",
                        status: "high",
                        status_name: "Too high",
                        range: "90–160 / 50–100",
                        limits: [90, 160, 50, 100],
                        points: [point("08", 120, 75, false), point("09", 165, 80, true)],
                    },
                    {
                        id: 8,
                        name: "Weight",
                        unit: "lb",
                        latest: "180.5 lb",
                        taken_at: "2026-06-09 12:00:00",
                        status: "in_range",
                        status_name: "In range",
                        range: "",
                        limits: [],
                        points: [point("09", 180.5, null, false)],
                    },
                ],
            },
        },
        {id: 2, summary: {kinds: []}},
    ];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([CcmPatient]);

const mountForm = (resId) =>
    mountView({
        type: "form",
        resModel: "ccm.patient",
        resId,
        arch: '<form><field name="summary" widget="ccm_readings"/></form>',
    });

test("says the latest of each kind, and in words what is out of range", async () => {
    await mountForm(1);
    expect(queryAllTexts(".o_ccm_readings tbody button")).toEqual(["Blood pressure", "Weight"]);
    expect(queryAllTexts(".o_ccm_readings td .text-danger")).toEqual(["Too high"]);
    expect(".o_ccm_readings canvas").toHaveAttribute(
        "aria-label",
        "Blood pressure: 2 readings between 120 and 165 mmHg, 1 of them out of range." +
            " The latest: 165/80 mmHg. Limits: 90–160 / 50–100.",
    );
});

test("plots the kind that is chosen", async () => {
    await mountForm(1);
    expect(".o_ccm_readings button[aria-pressed=true]").toHaveText("Blood pressure");
    await contains(".o_ccm_readings button:contains(Weight)").click();
    expect(".o_ccm_readings button[aria-pressed=true]").toHaveText("Weight");
    expect(".o_ccm_readings canvas").toHaveAttribute(
        "aria-label",
        "Weight: 1 readings between 180.5 and 180.5 lb, 0 of them out of range." +
            " The latest: 180.5 lb. Limits: none.",
    );
});

test("without readings it says how to begin", async () => {
    await mountForm(2);
    expect(".o_ccm_readings").toHaveCount(0);
    expect(".o_field_ccm_readings").toHaveText(/Nothing measured yet/);
});
