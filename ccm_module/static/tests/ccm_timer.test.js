import {NOON, entry, mockTimerServer} from "./timer_helpers";
import {advanceTime, animationFrame, mockDate} from "@odoo/hoot-mock";
import {
    contains,
    getMockEnv,
    getService,
    makeMockEnv,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {describe, expect, test} from "@odoo/hoot";
import {formatClock, toServerMoment} from "@ccm_module/timer/clock";
import {TimerMenu} from "@ccm_module/timer/timer_menu";
import {manuallyDispatchProgrammaticEvent} from "@odoo/hoot-dom";
import {session} from "@web/session";

describe.current.tags("desktop");

const CLOCK = ".o_ccm_timer_toggle .o_ccm_clock";

async function mountMenu() {
    await makeMockEnv();
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    return getService("ccm_timer");
}

test("a clock shows hours only once there are some", () => {
    expect([0, 7, 725, 3599, 3725].map(formatClock)).toEqual([
        "0:00",
        "0:07",
        "12:05",
        "59:59",
        "1:02:05",
    ]);
});

test("a moment for the server is UTC and never rounded up", () => {
    mockDate(NOON, +2);
    expect(toServerMoment(Date.UTC(2026, 9, 5, 10, 0, 59, 999))).toBe("2026-10-05 10:00:59");
});

test("nobody without a timer is asked about one", async () => {
    const server = mockTimerServer();
    patchWithCleanup(session, {ccm_timer: false});
    await mountMenu();
    expect(".o_ccm_timer_toggle").toHaveCount(0);
    await getService("ccm_timer").load();
    expect(server.looks).toBe(0);
});

test("the time is the server's clock minus the start, not the number of ticks", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.skew = 90_000; // this computer is a minute and a half behind
    server.state.running = entry({start: Date.UTC(2026, 9, 5, 12) + 90_000 - 65_500});
    const timer = await mountMenu();
    expect(CLOCK).toHaveText("1:05");
    // The tab was throttled: one late tick shows all the time that has passed.
    mockDate("2026-10-05 12:00:20", 0);
    timer.tick();
    await animationFrame();
    expect(CLOCK).toHaveText("1:25");
    await advanceTime(10_000);
    expect(CLOCK).toHaveText("1:35");
    expect(server.looks).toBe(1);
});

test("earlier stretches count with the one that runs", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000, seconds: 433});
    await mountMenu();
    expect(CLOCK).toHaveText("8:13");
});

test("after a sleep the server is asked before anything is believed", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000});
    await mountMenu();
    server.state.running = false; // stopped on the phone meanwhile
    mockDate("2026-10-05 12:40:00", 0);
    await advanceTime(1_000);
    await animationFrame();
    expect(server.looks).toBe(2);
    expect(CLOCK).toHaveCount(0);
});

test("what another tab or device did shows here", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    await mountMenu();
    expect(CLOCK).toHaveCount(0);
    server.state.running = entry({start: Date.now() - 5_000});
    server.tell();
    await animationFrame();
    expect(CLOCK).toHaveText("0:05");
    server.state.running = false;
    server.state.to_describe = [entry({seconds: 5})];
    server.tell("BUS:RECONNECT");
    await animationFrame();
    expect(CLOCK).toHaveCount(0);
    expect(".o_ccm_timer_toggle .badge").toHaveText("1");
    await manuallyDispatchProgrammaticEvent(window, "focus");
    await animationFrame();
    expect(server.looks).toBe(4);
});

test("an answer that comes late does not undo a newer one", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    const timer = await mountMenu();
    const {orm} = timer;
    const answers = [];
    timer.orm = {silent: {call: () => new Promise((resolve) => answers.push(resolve))}};
    const [first, second] = [timer.refresh(), timer.refresh()];
    answers[1]({...server.state, now: Date.now(), running: entry()});
    answers[0]({...server.state, now: Date.now()});
    await Promise.all([first, second]);
    expect(timer.running.id).toBe(7);
    timer.orm = orm;
});

test("without a network the clock goes on, and says so", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now()});
    const timer = await mountMenu();
    server.isDown = true;
    await timer.refresh();
    expect(timer.isOffline).toBe(true);
    await advanceTime(3_000);
    expect(CLOCK).toHaveText("0:03");
    server.isDown = false;
    await advanceTime(5_000);
    expect(timer.isOffline).toBe(false);
});

test("the menu pauses, goes on and stops", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000});
    await mountMenu();
    expect(".o_ccm_timer_toggle").toHaveAttribute("title", "Care timer, running: 1 min 0 s");
    server.action_pause_timer = () => {
        server.state.paused = [entry({seconds: 60})];
        server.state.running = false;
    };
    await contains(".o_ccm_timer_toggle").click();
    await contains(".o_ccm_timer_menu button:contains(Pause)").click();
    await contains(".o_ccm_timer_toggle").click();
    expect(".o_ccm_timer_menu .o_ccm_clock").toHaveText("1:00");
    await contains(".o_ccm_timer_menu button:contains(Go On)").click();
    expect(server.calls).toEqual([
        ["action_pause_timer", [7], {at: "2026-10-05 12:00:00"}],
        ["action_resume_timer", [7], {running: "refuse"}],
    ]);
});

test("starting for another patient asks what becomes of the first", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.state.running = entry({start: Date.now() - 60_000});
    const timer = await mountMenu();
    const starting = timer.start(42);
    await animationFrame();
    expect(".modal-body").toHaveText(/It runs for Rosa Alvarez \(1:00\)/);
    expect("button[name=ccm_switch_stop]").toBeFocused();
    await contains("button[name=ccm_switch_stop]").click();
    expect(await starting).toBe(true);
    const switched = ["action_start_timer", 42, {running: "stop"}];
    expect(server.calls).toEqual([switched]);
    // Cancelled, nothing happens.
    const again = timer.start(42);
    await contains(".modal-footer button:contains(Cancel)").click();
    expect(await again).toBe(false);
    expect(server.calls).toEqual([switched]);
});

test("a form that opens starts the timer only by itself where that is wanted", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    const timer = await mountMenu();
    await timer.autoStart(42);
    server.state.mode = "auto";
    server.state.running = entry();
    await timer.refresh();
    await timer.autoStart(42); // it runs for another patient: left alone
    server.state.running = false;
    server.state.paused = [entry({partner_id: 42, seconds: 60})];
    await timer.refresh();
    await timer.autoStart(42); // it was paused here on purpose
    expect(server.calls).toEqual([]);
    server.state.paused = [];
    await timer.refresh();
    await timer.autoStart(42);
    expect(server.calls).toEqual([["action_start_timer", 42, {running: "keep"}]]);
});

test("a forgotten timer is asked about on loading the page, once", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer();
    server.action_ask = () => ({type: "ir.actions.act_window", res_model: "ccm.activity.answer"});
    server.state.running = entry({start: Date.now() - 5 * 3_600_000});
    server.state.to_answer = [server.state.running];
    const timer = await mountMenu();
    await animationFrame();
    // What the page opens by itself closes every dialog: it comes first.
    expect(server.actions).toHaveLength(0);
    getMockEnv().bus.trigger("ACTION_MANAGER:UI-UPDATED", "current");
    await animationFrame();
    expect(server.actions.map(({action}) => action.res_model)).toEqual(["ccm.activity.answer"]);
    // "Later": it is not asked again here, but waits in the top bar.
    await server.actions[0].options.onClose();
    await timer.refresh();
    await animationFrame();
    expect(server.actions).toHaveLength(1);
    expect(".o_ccm_timer_toggle .badge").toHaveText("1");
    await contains(".o_ccm_timer_toggle").click();
    await contains(".o_ccm_timer_menu button:contains(Answer)").click();
    expect(server.actions).toHaveLength(2);
});

test("a timer that passes the limit is asked about at that moment", async () => {
    mockDate(NOON, 0);
    const server = mockTimerServer({limit: 3600});
    server.action_ask = () => ({type: "ir.actions.act_window", res_model: "ccm.activity.answer"});
    const running = entry({start: Date.now() - 3_595_000});
    server.state.running = running;
    await mountMenu();
    getMockEnv().bus.trigger("ACTION_MANAGER:UI-UPDATED", "current");
    await advanceTime(4_000);
    expect(server.actions).toHaveLength(0);
    server.state.to_answer = [running];
    await advanceTime(3_000);
    await animationFrame();
    expect(server.actions).toHaveLength(1);
    await advanceTime(60_000);
    expect(server.actions).toHaveLength(1);
});
