import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

class CcmMonth extends models.Model {
    _name = "ccm.month";

    total_minutes = fields.Integer();
    next_seconds = fields.Integer();
    next_code = fields.Char();
    next_amount = fields.Float();

    _records = [
        {id: 1, total_minutes: 17, next_seconds: 145, next_code: "99490", next_amount: 61.5},
        {id: 2, total_minutes: 0, next_seconds: 1200, next_code: "99490", next_amount: 61.5},
        {id: 3, total_minutes: 20, next_seconds: 1200, next_code: "99439", next_amount: 0},
        {id: 4, total_minutes: 95, next_seconds: 0, next_code: false, next_amount: 0},
        {id: 5, total_minutes: 0, next_seconds: 0, next_code: false, next_amount: 0},
    ];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([CcmMonth]);

const mountList = (columns) =>
    mountView({type: "list", resModel: "ccm.month", arch: `<list>${columns}</list>`});

test("says the minutes so far and the way to the next code", async () => {
    await mountList('<field name="next_seconds" widget="ccm_progress"/>');
    expect(queryAllTexts(".o_ccm_progress_minutes")).toEqual([
        "17 min",
        "0 min",
        "20 min",
        "95 min",
        "0 min",
    ]);
    expect(queryAllTexts(".o_ccm_progress_text")).toEqual([
        "2 min 25 s to 99490",
        "20 min to 99490",
        "20 min to 99439",
        "no further code",
        "",
    ]);
    // The whole minute at which the code is reached, out of floored minutes and exact seconds.
    expect("[role=progressbar]:first").toHaveAttribute("aria-valuemax", "20");
    expect("[role=progressbar]:first").toHaveAttribute("aria-valuenow", "17");
    expect("[role=progressbar]:first").toHaveAttribute(
        "aria-valuetext",
        "17 min, 2 min 25 s to 99490",
    );
    expect(".progress-bar:first").toHaveStyle({width: "87.9%"}, {inline: true});
    expect(".progress-bar:eq(3)").toHaveStyle({width: "100%"}, {inline: true});
    expect(".progress-bar:eq(4)").toHaveStyle({width: "0%"}, {inline: true});
});

test("says what the next code adds where the view has the amount", async () => {
    await mountList(
        '<field name="next_amount" column_invisible="1"/>' +
            '<field name="next_seconds" widget="ccm_progress"/>',
    );
    expect(queryAllTexts(".o_ccm_progress_amount")).toEqual(["+ $ 61.50", "+ $ 61.50"]);
    expect("[role=progressbar]:first").toHaveAttribute("aria-valuetext", /\+ \$.61\.50$/);
});

test("works on another model's fields, named in the options", async () => {
    class Contact extends models.Model {
        _name = "contact";
        minutes = fields.Integer();
        missing = fields.Integer();
        code = fields.Char();
        _records = [{id: 1, minutes: 5, missing: 900, code: "99490"}];
    }
    defineModels([Contact]);
    await mountView({
        type: "form",
        resModel: "contact",
        resId: 1,
        arch: `<form><field name="missing" widget="ccm_progress" options="{'minutes': 'minutes', 'code': 'code'}"/></form>`,
    });
    expect(".o_ccm_progress").toHaveText("5 min 15 min to 99490", {inline: true});
});
