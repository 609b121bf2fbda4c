import {NOON, entry, mockTimerServer} from "./timer_helpers";
import {advanceTime, animationFrame, mockDate} from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeMockEnv,
    makeServerError,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {manuallyDispatchProgrammaticEvent, press} from "@odoo/hoot-dom";
import {user} from "@web/core/user";
import {TimerMenu} from "@ccm_module/timer/timer_menu";

describe.current.tags("desktop");

const NOTE = ".modal textarea";
const SAVE = "button[name=ccm_describe_save]";

/** Let a timer run for a minute and stop it. */
async function stop(server, values) {
    mockDate(NOON, 0);
    server.state.running = entry({start: Date.now() - 60_000, ...values});
    await makeMockEnv();
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    server.action_stop_timer ??= () => {
        server.state.to_describe = [{...server.state.running, seconds: 60}];
        server.state.running = false;
        return [7];
    };
    await getService("ccm_timer").stop(server.state.running);
    await animationFrame();
    expect(server.calls).toEqual([["action_stop_timer", [7], {at: "2026-10-05 12:00:00"}]]);
    server.calls.length = 0;
}

test("asks kind, outcome and note, and saves them in one go", async () => {
    const server = mockTimerServer();
    await stop(server);
    expect(".modal .o_ccm_clock").toHaveText("1:00");
    expect(NOTE).toBeFocused();
    await contains(NOTE).edit("Cuff readings down", {confirm: false});
    await contains(SAVE).click();
    expect("[role=alert]").toHaveText(/Outcome is missing/);
    expect(server.calls).toEqual([]);
    await contains(".modal label:contains(Reached)").click();
    await animationFrame();
    expect(NOTE).toBeFocused({message: "what is left to do after a click of the mouse"});
    await contains(SAVE).click();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        [
            "action_describe",
            [7],
            {
                type_id: 1,
                note: "Cuff readings down",
                outcome: "reached",
                at: "2026-10-05 12:00:00",
            },
        ],
    ]);
});

test("work that is no contact has no outcome", async () => {
    const server = mockTimerServer();
    await stop(server);
    await contains(".modal select").select("2");
    expect(".modal input[type=radio]").toHaveCount(0);
    await contains(SAVE).click();
    expect("[role=alert]").toHaveText(/Note is missing/);
    await contains(NOTE).edit("Doses compared", {confirm: false});
    await press(["ctrl", "Enter"]);
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        [
            "action_describe",
            [7],
            {type_id: 2, note: "Doses compared", outcome: false, at: "2026-10-05 12:00:00"},
        ],
    ]);
});

test("a draft begun while the timer ran is there", async () => {
    const server = mockTimerServer();
    await stop(server, {note: "Asked about her feet", type_id: 2});
    expect(NOTE).toHaveValue("Asked about her feet");
    expect(".modal select").toHaveValue("2");
});

test("an error of the server leaves everything typed", async () => {
    const server = mockTimerServer();
    await stop(server);
    server.action_describe = () => {
        throw makeServerError({message: "2026-10 is already invoiced for this patient."});
    };
    await contains(".modal label:contains(No answer)").click();
    await contains(NOTE).edit("Rang twice", {confirm: false});
    await contains(SAVE).click();
    await animationFrame();
    expect("[role=alert]").toHaveText("2026-10 is already invoiced for this patient.");
    expect(NOTE).toHaveValue("Rang twice");
    expect(".modal input[value=no_answer]").toBeChecked();
    expect(SAVE).toBeEnabled();
});

test("a lost connection leaves everything typed, and saves by itself when it is back", async () => {
    const server = mockTimerServer();
    await stop(server);
    server.isDown = true;
    await contains(".modal label:contains(Reached)").click();
    await contains(NOTE).edit("Spoke with her son", {confirm: false});
    await contains(SAVE).click();
    expect("[role=alert]").toHaveText(/There is no connection/);
    expect(NOTE).toHaveValue("Spoke with her son");
    await advanceTime(2_000);
    expect(".modal").toHaveCount(1);
    const leaving = new Event("beforeunload", {cancelable: true});
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true, {message: "the browser warns before it closes"});
    server.isDown = false;
    await manuallyDispatchProgrammaticEvent(window, "online");
    await animationFrame();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        [
            "action_describe",
            [7],
            {
                type_id: 1,
                note: "Spoke with her son",
                outcome: "reached",
                at: "2026-10-05 12:00:00",
            },
        ],
    ]);
});

test("stopped without a network, the time ends at the click", async () => {
    const server = mockTimerServer();
    mockDate(NOON, 0);
    server.state.running = entry({start: Date.now() - 60_000});
    await makeMockEnv();
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    server.isDown = true;
    await getService("ccm_timer").stop(server.state.running);
    await animationFrame();
    expect(".modal .o_ccm_clock").toHaveText("1:00");
    await contains(".modal select").select("2");
    await contains(NOTE).edit("Doses compared", {confirm: false});
    await contains(SAVE).click();
    server.isDown = false;
    await advanceTime(2_000);
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        [
            "action_describe",
            [7],
            {type_id: 2, note: "Doses compared", outcome: false, at: "2026-10-05 12:00:00"},
        ],
    ]);
});

test("closing keeps the words on the entry", async () => {
    const server = mockTimerServer();
    await stop(server);
    await contains(NOTE).edit("Half a sent", {confirm: false});
    await press("Escape");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        ["action_save_draft", [7], {type_id: 1, outcome: false, note: "Half a sent"}, {}],
    ]);
    // and the entry waits in the top bar, with them
    await contains(".o_ccm_timer_toggle").click();
    await contains(".o_ccm_timer_menu button:contains(Describe)").click();
    expect(NOTE).toHaveCount(1);
});

test("closing without a network does not close over what was typed", async () => {
    const server = mockTimerServer();
    await stop(server);
    server.isDown = true;
    await contains(NOTE).edit("Half a sent", {confirm: false});
    await press("Escape");
    await animationFrame();
    expect(NOTE).toHaveValue("Half a sent");
    expect("[role=alert]").toHaveText(/There is no connection/);
});

test("a timer that ran for no second asks nothing", async () => {
    const server = mockTimerServer();
    server.action_stop_timer = () => {
        server.state.running = false;
        return [];
    };
    await stop(server);
    expect(".modal").toHaveCount(0);
    expect(".o_notification").toHaveText(/Nothing was logged/);
});

test("what was no work is taken out by the dialog that asks why", async () => {
    const server = mockTimerServer();
    server.action_void = () => ({type: "ir.actions.act_window", res_model: "ccm.activity.void"});
    await stop(server);
    await contains(NOTE).edit("Wrong patient", {confirm: false});
    await contains("button[name=ccm_describe_void]").click();
    await animationFrame();
    expect(server.actions.map(({action}) => action.res_model)).toEqual(["ccm.activity.void"]);
    expect(server.calls).toEqual([
        ["action_save_draft", [7], {type_id: 1, outcome: false, note: "Wrong patient"}, {}],
        ["action_void", [7], {}],
    ]);
    // Thought better of: what was typed is there.
    await server.actions[0].options.onClose();
    await animationFrame();
    expect(NOTE).toHaveValue("Wrong patient");
    await contains("button[name=ccm_describe_void]").click();
    await animationFrame();
    server.state.to_describe = [];
    await server.actions[1].options.onClose();
    await animationFrame();
    expect(".modal").toHaveCount(0);
});

test("a page that goes elsewhere takes the dialog along, but not the words", async () => {
    const server = mockTimerServer();
    await stop(server);
    await contains(NOTE).edit("Half a sent", {confirm: false});
    server.isDown = true;
    getService("dialog").closeAll(); // as the browser's Back does
    await animationFrame();
    expect(".modal").toHaveCount(0);
    const leaving = new Event("beforeunload", {cancelable: true});
    window.dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true);
    server.isDown = false;
    await manuallyDispatchProgrammaticEvent(window, "online");
    await animationFrame();
    await animationFrame();
    const kept = ["action_save_draft", [7], {type_id: 1, outcome: false, note: "Half a sent"}, {}];
    expect(server.calls).toEqual([kept]);
});

test("words that could not be sent are in the dialog when it opens again", async () => {
    const server = mockTimerServer();
    await stop(server);
    await contains(NOTE).edit("Half a sent", {confirm: false});
    server.isDown = true;
    getService("dialog").closeAll();
    await animationFrame();
    const timer = getService("ccm_timer");
    timer.describe(timer.toDescribe[0]);
    await animationFrame();
    expect(NOTE).toHaveValue("Half a sent");
    server.isDown = false;
    await press("Escape");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    const kept = ["action_save_draft", [7], {type_id: 1, outcome: false, note: "Half a sent"}, {}];
    expect(server.calls).toEqual([kept]);
});

test("closing without a network closes when the draft is kept, and saves nothing else", async () => {
    const server = mockTimerServer();
    await stop(server, {type_id: 2});
    server.isDown = true;
    await contains(NOTE).edit("Doses compared", {confirm: false});
    await press("Escape");
    await animationFrame();
    expect("[role=alert]").toHaveText(/There is no connection/);
    server.isDown = false;
    await advanceTime(2_000);
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(server.calls).toEqual([
        ["action_save_draft", [7], {type_id: 2, outcome: false, note: "Doses compared"}, {}],
    ]);
});

test("whoever goes on to write did not mean to close", async () => {
    const server = mockTimerServer();
    await stop(server);
    server.isDown = true;
    await contains(NOTE).edit("Doses", {confirm: false});
    await press("Escape");
    await animationFrame();
    await contains(NOTE).edit("Doses compared", {confirm: false});
    server.isDown = false;
    await advanceTime(2_000);
    await animationFrame();
    expect(NOTE).toHaveValue("Doses compared");
    expect("[role=alert]").toHaveText("");
});

test("a draft that is not taken any more is told, and stays", async () => {
    const server = mockTimerServer();
    await stop(server);
    server.action_save_draft = () => false;
    await contains(NOTE).edit("Half a sent", {confirm: false});
    await press("Escape");
    await animationFrame();
    expect("[role=alert]").toHaveText(/finished elsewhere/);
    expect(NOTE).toHaveValue("Half a sent");
    await press("Escape");
    await animationFrame();
    expect(".modal").toHaveCount(0);
});

test("a stop without a network is not forgotten with the dialog", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000});
    await makeMockEnv();
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    const timer = getService("ccm_timer");
    server.isDown = true;
    await timer.stop(timer.running);
    await animationFrame();
    await press("Escape");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect(".o_ccm_timer_toggle .o_ccm_clock").toHaveCount(0, {message: "it is over"});
    expect(timer.toDescribe.map(({id, seconds}) => [id, seconds])).toEqual([[7, 60]]);
    const stored = JSON.stringify({...localStorage});
    expect(stored).toMatch(/stops/);
    expect(stored).not.toMatch(/Rosa/);
    server.isDown = false;
    server.action_stop_timer = () => {
        server.state.to_describe = [{...server.state.running, seconds: 60}];
        server.state.running = false;
        return [7];
    };
    await advanceTime(5_000);
    await animationFrame();
    const stopped = ["action_stop_timer", [7], {at: "2026-10-05 12:00:00"}];
    expect(server.calls).toEqual([stopped]);
    await timer.refresh();
    expect(server.calls).toEqual([stopped], {message: "once"});
});

test("a stop without a network outlives the page, but not work taken up again", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000});
    const stops = (at) => JSON.stringify({7: {start: server.state.running.start, at}});
    await makeMockEnv();
    const timer = getService("ccm_timer");
    localStorage.setItem(`ccm_timer.stops.${user.userId}`, stops(Date.now() - 30_000));
    await timer.load();
    const stopped = ["action_stop_timer", [7], {at: "2026-10-05 11:59:30"}];
    expect(server.calls).toEqual([stopped]);
    localStorage.setItem(`ccm_timer.stops.${user.userId}`, stops(Date.now() - 30_000));
    server.state.running = entry({id: 8, start: Date.now() - 10_000});
    await timer.refresh();
    expect(server.calls).toEqual([stopped]);
    expect(localStorage.getItem(`ccm_timer.stops.${user.userId}`)).toBe(null);
});
