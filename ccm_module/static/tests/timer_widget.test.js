import {NOON, entry, mockTimerServer} from "./timer_helpers";
import {advanceTime, animationFrame, mockDate} from "@odoo/hoot-mock";
import {contains, getService, makeMockEnv, mountWithCleanup} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {Deferred} from "@web/core/utils/concurrency";
import {TimerWidget} from "@ccm_module/timer/timer_widget";

describe.current.tags("desktop");

const NOTE = ".o_ccm_timer_note textarea";
const KEPT = ".o_ccm_timer_kept";

/** Open the form of Rosa Alvarez, for whom a timer has run for a minute. */
async function mountWidget(server) {
    mockDate(NOON, 0);
    server.state.running = entry({start: Date.now() - 60_000, note: "Feet"});
    await makeMockEnv();
    const record = {
        resId: 41,
        data: {is_ccm_patient: true},
        isDirty: async () => false,
        load: async () => {},
    };
    await mountWithCleanup(TimerWidget, {props: {record, readonly: false}});
    await animationFrame();
    expect(NOTE).toHaveValue("Feet");
    return getService("ccm_timer");
}

test("the click stops the time, not the moment when the note is kept", async () => {
    const server = mockTimerServer();
    await mountWidget(server);
    server.action_stop_timer = () => [7];
    const slow = new Deferred();
    server.action_save_draft = () => slow;
    await contains(NOTE).edit("Feet: no sores", {confirm: false});
    await contains("button[name=ccm_timer_stop]").click();
    mockDate("2026-10-05 12:00:20", 0); // a slow network
    slow.resolve(true);
    await animationFrame();
    await animationFrame();
    const {at} = server.calls.find(([method]) => method === "action_stop_timer")[2];
    expect(at).toBe("2026-10-05 12:00:00");
    expect(".modal .o_ccm_clock").toHaveText("1:00");
    expect(".modal textarea").toHaveValue("Feet: no sores");
});

test("the click pauses the time, not the moment when the note is kept", async () => {
    const server = mockTimerServer();
    await mountWidget(server);
    const slow = new Deferred();
    server.action_save_draft = () => slow;
    await contains(NOTE).edit("Feet: no sores", {confirm: false});
    await contains("button[name=ccm_timer_pause]").click();
    mockDate("2026-10-05 12:00:20", 0);
    slow.resolve(true);
    await animationFrame();
    const paused = server.calls.find(([method]) => method === "action_pause_timer");
    expect(paused).toEqual(["action_pause_timer", [7], {at: "2026-10-05 12:00:00"}]);
});

test("stopped elsewhere, what was just typed is kept with that time", async () => {
    const server = mockTimerServer();
    const timer = await mountWidget(server);
    await contains(NOTE).edit("Feet: no sores", {confirm: false});
    server.calls.length = 0;
    server.state.to_describe = [{...server.state.running, seconds: 60}];
    server.state.running = false;
    await timer.refresh();
    await animationFrame();
    expect(server.calls).toEqual([["action_save_draft", [7], {note: "Feet: no sores"}, {}]]);
    await animationFrame();
    expect(NOTE).toHaveCount(0);
});

test("what is not taken any more stays on the screen, and goes with the next time", async () => {
    const server = mockTimerServer();
    const timer = await mountWidget(server);
    server.action_save_draft = ([id]) => id === 8;
    await contains(NOTE).edit("Feet: no sores", {confirm: false});
    server.state.running = false; // described on the phone
    await timer.refresh();
    await animationFrame();
    await animationFrame();
    expect(NOTE).toHaveValue("Feet: no sores");
    expect(KEPT).toHaveText(/Not saved: this time was finished elsewhere/);
    server.state.running = entry({id: 8, start: Date.now()});
    server.calls.length = 0;
    await timer.refresh();
    await animationFrame();
    expect(NOTE).toHaveValue("Feet: no sores");
    expect(KEPT).toHaveText("Saved");
    expect(server.calls).toEqual([["action_save_draft", [8], {note: "Feet: no sores"}, {}]]);
});

test("what was typed without a network is sent when there is one", async () => {
    const server = mockTimerServer();
    await mountWidget(server);
    server.isDown = true;
    await contains(NOTE).edit("Feet: no sores", {confirm: false});
    await contains("button[name=ccm_timer_stop]").click();
    await animationFrame();
    expect(".modal textarea").toHaveValue("Feet: no sores");
    server.isDown = false;
    server.calls.length = 0;
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    const draft = {type_id: 1, outcome: false, note: "Feet: no sores"};
    expect(server.calls).toEqual([["action_save_draft", [7], draft, {}]]);
    server.calls.length = 0;
    await advanceTime(5_000);
    expect(server.calls.map(([method]) => method)).toEqual(["action_stop_timer"]);
});
