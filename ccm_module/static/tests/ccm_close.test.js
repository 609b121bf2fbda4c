import {advanceTime, animationFrame, describe, expect, test} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {ConnectionLostError, rpc} from "@web/core/network/rpc";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {queryAllTexts} from "@odoo/hoot-dom";

class CcmClose extends models.Model {
    _name = "ccm.close";

    ready_count = fields.Integer();
    currency_id = fields.Many2one({relation: "res.currency"});
    totals = fields.Json();

    _records = [
        {
            id: 1,
            ready_count: 5,
            currency_id: 1,
            totals: [
                {
                    key: "state",
                    title: "By State",
                    columns: ["Patients", "Amount"],
                    rows: [{value: "ready", label: "Ready", cells: [5, {amount: 330.65}]}],
                },
            ],
        },
    ];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([CcmClose]);

/** A server with five ready months, two to a batch, of which the fourth fails. */
function mockCloseServer(values = {}) {
    const server = {
        progress: {
            id: 1,
            run: 0,
            state: "open",
            total: 0,
            done: 0,
            failed: 0,
            amount: 0,
            rate: 0,
            is_interrupted: false,
            may_bill: true,
            failures: [],
            ...values,
        },
        isDown: false,
        held: undefined,
        calls: [],
    };
    mockService("bus_service", {
        addEventListener: () => {},
        removeEventListener: () => {},
        subscribe: (name, callback) => name === "ccm_close" && (server.tell = callback),
        unsubscribe: () => {},
        addChannel: () => {},
        deleteChannel: () => {},
        start: () => {},
    });
    patchWithCleanup(rpc, {
        _rpc(url) {
            return server.isDown && url.endsWith("action_run_batch")
                ? Promise.reject(new ConnectionLostError(url))
                : super._rpc(...arguments);
        },
    });
    onRpc("ccm.close", "get_progress", () => ({...server.progress}));
    onRpc("ccm.close", "action_start", () => {
        server.calls.push("start");
        Object.assign(server.progress, {run: 1, state: "running", total: 5});
        return {...server.progress};
    });
    onRpc("ccm.close", "action_stop", () => {
        Object.assign(server.progress, {state: "stopped"});
        return {...server.progress};
    });
    onRpc("ccm.close", "action_resume", () => {
        Object.assign(server.progress, {state: "running", is_interrupted: false});
        return {...server.progress};
    });
    onRpc("ccm.close", "action_run_batch", async () => {
        server.calls.push("batch");
        await server.held;
        const {progress} = server;
        if (progress.state !== "running") {
            return {...progress};
        }
        if (progress.done + progress.failed === 5) {
            progress.state = "done";
        } else if (progress.done === 2 && !progress.failed) {
            progress.failed = 1;
            progress.failures = [{id: 9, name: "Ada Patient", message: "No account: choose one."}];
            progress.done += 1;
        } else {
            progress.done = Math.min(progress.done + 2, 4);
        }
        Object.assign(progress, {amount: 66.13 * progress.done, rate: 0.5});
        return {...progress};
    });
    return server;
}

const mountForm = () =>
    mountView({
        type: "form",
        resModel: "ccm.close",
        resId: 1,
        arch: `<form><widget name="ccm_close_progress"/><field name="totals" widget="ccm_close_totals"/></form>`,
    });

test("drives the batches to the end, and says what failed", async () => {
    const server = mockCloseServer();
    let release;
    server.held = new Promise((resolve) => (release = resolve));
    await mountForm();
    expect("[role=progressbar]").toHaveCount(0);
    await contains("button[name=ccm_close_start]").click();
    expect("[role=status]").toHaveText("Closing the month");
    expect(".o_ccm_close_count").toHaveText("0 of 5 billed, $ 0.00");
    expect("button[name=ccm_close_start]").toHaveCount(0);
    release();
    await animationFrame();
    await animationFrame();
    expect("[role=status]").toHaveText("The last close has ended");
    expect(".o_ccm_close_count").toHaveText("4 of 5 billed, $ 264.52");
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "5");
    expect("[role=alert] p").toHaveText("1 could not be billed");
    expect(queryAllTexts("[role=alert] li")).toEqual(["Ada Patient: No account: choose one."]);
    expect(server.calls).toEqual(["start", "batch", "batch", "batch", "batch"]);
});

test("stops after the batch that is at work, and goes on", async () => {
    const server = mockCloseServer();
    let release;
    server.held = new Promise((resolve) => (release = resolve));
    await mountForm();
    await contains("button[name=ccm_close_start]").click();
    await contains("button[name=ccm_close_stop]").click();
    release();
    await animationFrame();
    expect("[role=status]").toHaveText("Stopped: what is billed is safe, the rest waits");
    expect(server.calls).toEqual(["start", "batch"]);
    await contains("button[name=ccm_close_resume]").click();
    await animationFrame();
    await animationFrame();
    expect("[role=status]").toHaveText("The last close has ended");
});

test("without a network it says so, and goes on by itself", async () => {
    const server = mockCloseServer();
    server.isDown = true;
    await mountForm();
    await contains("button[name=ccm_close_start]").click();
    await animationFrame();
    expect("[role=status]").toHaveText(
        "No network: what is billed is safe, and this goes on by itself",
    );
    server.isDown = false;
    await advanceTime(5000);
    await animationFrame();
    expect("[role=status]").toHaveText("The last close has ended");
});

test("shows what another person closes, live, and when it was left", async () => {
    const server = mockCloseServer({run: 1, state: "running", total: 5, done: 1, rate: 0.5});
    await mountForm();
    expect(".o_ccm_close_rate").toHaveText("0.5 a second, 8 seconds left");
    expect(".progress-bar-animated").toHaveCount(0);
    server.progress.done = 3;
    server.tell({id: 1});
    await animationFrame();
    expect(".o_ccm_close_count").toHaveText(/^3 of 5/);
    expect("button[name=ccm_close_resume]").toHaveCount(0);
    server.progress.is_interrupted = true;
    await advanceTime(10000);
    await animationFrame();
    expect("[role=status]").toHaveText("Interrupted: what is billed is safe, the rest waits");
    expect("button[name=ccm_close_resume]").toHaveCount(1);
    expect(server.calls).toEqual([]);
});

test("shows what jobs close, also where the bus says nothing", async () => {
    const server = mockCloseServer({run: 1, state: "running", total: 5});
    await mountForm();
    for (const [done, count] of Object.entries({2: /^2 of 5/, 4: /^4 of 5/})) {
        server.progress.done = Number(done);
        await advanceTime(10000);
        await animationFrame();
        expect(".o_ccm_close_count").toHaveText(count);
    }
    server.progress.state = "done";
    await advanceTime(10000);
    await animationFrame();
    expect("[role=status]").toHaveText("The last close has ended");
});

test("the preview's lines open what they stand for", async () => {
    mockCloseServer();
    const opened = [];
    onRpc("ccm.close", "action_view", ({args}) => {
        opened.push(args);
        return {type: "ir.actions.act_window_close"};
    });
    await mountForm();
    expect(queryAllTexts(".o_ccm_totals tbody td")).toEqual(["5", "$ 330.65"]);
    await contains(".o_ccm_totals tbody button").click();
    expect(opened).toEqual([[[1], "state", "ready"]]);
});
