import {EventBus, reactive} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {DescribeDialog} from "./describe_dialog";
import {Outbox} from "./outbox";
import {SwitchDialog} from "./switch_dialog";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {session} from "@web/session";
import {toServerMoment} from "./clock";

const TICK = 1000;
// The clock stood still for longer: the computer slept, and much may have happened elsewhere.
const SLEPT = 30 * TICK;

/**
 * Where the timers of this person stand, for all that shows them in this tab.
 *
 * The server has the truth; here is a copy, fetched again whenever it may have changed: when
 * another tab or device changed it, when this one is looked at again, after a sleep, and when the
 * network is back. The time that has passed is always the server's clock (this computer's, put
 * right at each fetch) minus the start; the tick only shows it.
 */
export class CcmTimer {
    constructor(env, {orm, action, dialog, notification}) {
        Object.assign(this, {env, orm, action, dialog, notification});
        this.bus = new EventBus();
        this.isOffered = Boolean(session.ccm_timer);
        this.isReady = false;
        this.isOffline = false;
        this.mode = "manual";
        this.limit = 0;
        this.running = false;
        this.paused = [];
        this.toDescribe = [];
        this.toAnswer = [];
        this.kinds = [];
        this.outcomes = [];
        this.offset = 0;
        this.now = Date.now();
        this.isSettled = false; // the page has opened what it opens by itself, which closes dialogs
        this.asked = new Set();
        this.noticed = new Set();
        this.fetches = 0;
        this.outbox = new Outbox({orm, notification});
    }

    // --- what shows ---

    /** Seconds of an entry so far, its paused stretches included. */
    elapsed(entry) {
        const isRunning = this.running && this.running.id === entry.id;
        const stretch = isRunning ? Math.floor((this.now - entry.start) / 1000) : 0;
        return entry.seconds + Math.max(0, stretch);
    }

    /** What is open for a patient: the running timer, else the work paused last. */
    openFor(partnerId) {
        if (this.running && this.running.partner_id === partnerId) {
            return this.running;
        }
        return this.paused.findLast((entry) => entry.partner_id === partnerId);
    }

    get toDo() {
        return this.toDescribe.length + this.toAnswer.length;
    }

    /** The server's clock, in milliseconds. */
    serverNow() {
        return Date.now() + this.offset;
    }

    /**
     * What a click on an entry at this moment means, read before anything is awaited.
     *
     * @returns {Object} `at` in milliseconds of the server's clock, whole seconds, never before the
     *  start; `seconds` of the entry up to then
     */
    read(entry) {
        this.now = this.serverNow();
        const at = Math.max(Math.floor(this.now / 1000) * 1000, entry.start);
        return {at, seconds: this.elapsed(entry)};
    }

    // --- keeping up ---

    async load() {
        if (this.isOffered && !this.isReady) {
            this.loading ??= this.refresh().finally(() => (this.loading = undefined));
            await this.loading;
        }
    }

    async refresh() {
        if (!this.isOffered) {
            return;
        }
        const fetch = ++this.fetches;
        const look = () => this.orm.silent.call("ccm.activity", "get_timer_state", []);
        let before = Date.now();
        let state;
        try {
            state = await look();
            if (fetch === this.fetches && (await this.outbox.send(state))) {
                before = Date.now();
                state = await look();
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.isOffline = true;
            this.retrySoon();
            return;
        }
        if (fetch !== this.fetches) {
            return; // A later answer is on its way, or here already.
        }
        const after = Date.now();
        this.offset = state.now - Math.round((before + after) / 2);
        Object.assign(this, {
            isReady: true,
            isOffline: false,
            mode: state.mode,
            limit: state.limit,
            running: state.running,
            paused: state.paused,
            toDescribe: state.to_describe,
            toAnswer: state.to_answer,
            kinds: state.kinds,
            outcomes: state.outcomes,
        });
        this.tick();
        this.askForgotten();
        this.bus.trigger("CHANGED");
    }

    retrySoon() {
        browser.clearTimeout(this.retry);
        this.retry = browser.setTimeout(() => this.refresh(), 5 * TICK);
    }

    /** Show as over what was stopped here and still runs for the server. */
    showStops() {
        for (const [key, {at}] of Object.entries(this.outbox.stops)) {
            const id = Number(key);
            const isRunning = this.running && this.running.id === id;
            const entry = isRunning ? this.running : this.paused.find((other) => other.id === id);
            if (!entry) {
                continue;
            }
            const stretch = isRunning ? Math.round((at - entry.start) / 1000) : 0;
            this.toDescribe.push({...entry, seconds: entry.seconds + stretch});
            this.paused = this.paused.filter((other) => other.id !== id);
            this.running = isRunning ? false : this.running;
        }
        this.tick();
        this.bus.trigger("CHANGED");
    }

    tick() {
        const now = this.serverNow();
        const slept = this.ticking && Math.abs(now - this.now) > SLEPT;
        this.now = now;
        if (this.running && !this.ticking) {
            this.ticking = browser.setInterval(() => this.tick(), TICK);
        } else if (!this.running && this.ticking) {
            browser.clearInterval(this.ticking);
            this.ticking = undefined;
        }
        const {running} = this;
        const isForgotten =
            running && now - running.start > this.limit * 1000 && !this.noticed.has(running.id);
        if (slept || isForgotten) {
            if (isForgotten) {
                this.noticed.add(running.id);
            }
            this.refresh();
        }
    }

    /** Ask once a page load about each timer that ran past the limit. */
    askForgotten() {
        const entry = this.toAnswer.find(({id}) => !this.asked.has(id));
        if (entry && this.isSettled && !this.isAsking) {
            this.asked.add(entry.id);
            this.answer(entry);
        }
    }

    async answer(entry) {
        this.isAsking = true;
        try {
            const action = await this.orm.call("ccm.activity", "action_ask", [[entry.id]]);
            await this.action.doAction(action, {
                onClose: () => {
                    this.isAsking = false;
                    return this.refresh();
                },
            });
        } catch (error) {
            this.isAsking = false;
            throw error;
        }
    }

    // --- what a person does ---

    /** Do something on the server, then look where things stand. */
    async call(method, args, kwargs = {}) {
        if (Object.keys(this.outbox.stops).length) {
            await this.refresh();
        }
        try {
            return await this.orm.call("ccm.activity", method, args, kwargs);
        } finally {
            await this.refresh();
        }
    }

    /**
     * Start the timer for a patient. Where it runs for another, ask what becomes of that one.
     *
     * @returns {Promise<Boolean>} whether it runs for the patient now
     */
    async start(partnerId) {
        await this.load();
        return this.makeWay(partnerId, (running) =>
            this.call("action_start_timer", [partnerId], {running}),
        );
    }

    /** Go on with paused work. */
    async resume(entry) {
        return this.makeWay(entry.partner_id, (running) =>
            this.call("action_resume_timer", [[entry.id]], {running}),
        );
    }

    async makeWay(partnerId, proceed) {
        const {running} = this;
        if (!running || running.partner_id === partnerId) {
            await proceed(running ? "keep" : "refuse");
            return true;
        }
        return new Promise((resolve, reject) => {
            const choose = (choice) => proceed(choice).then(() => resolve(true), reject);
            this.dialog.add(
                SwitchDialog,
                {timer: this.env.services.ccm_timer, choose},
                {onClose: () => resolve(false)},
            );
        });
    }

    async autoStart(partnerId) {
        await this.load();
        if (this.mode === "auto" && !this.running && !this.openFor(partnerId)) {
            await this.call("action_start_timer", [partnerId], {running: "keep"});
        }
    }

    async pause(entry = this.running, {at} = this.read(entry)) {
        await this.call("action_pause_timer", [[entry.id]], {at: toServerMoment(at)});
    }

    /**
     * Stop at the moment of the click, and ask what was done. Without a network the dialog opens
     * all the same, and the stop is sent as soon as there is one, whatever becomes of the dialog.
     *
     * @param {Object} [draft] words that are on the screen and perhaps not on the server
     * @returns {Promise<Boolean>} whether the dialog was opened
     */
    async stop(entry, {at, seconds} = this.read(entry), draft = {}) {
        let ids = [entry.id];
        try {
            ids = await this.call("action_stop_timer", [[entry.id]], {at: toServerMoment(at)});
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.outbox.addStop(entry, at);
            this.showStops();
            this.retrySoon();
        }
        if (!ids.length) {
            this.notification.add(_t("Nothing was logged: the timer did not run for a second."), {
                type: "info",
            });
            return false;
        }
        this.describe(entry, {at, seconds, draft});
        return true;
    }

    /** Ask what was done in the time of an entry. */
    describe(entry, {at = this.outbox.stops[entry.id]?.at, seconds, draft = {}} = {}) {
        const unsent = this.outbox.takeWords(entry.id);
        return new Promise((resolve) => {
            this.dialog.add(
                DescribeDialog,
                {
                    timer: this.env.services.ccm_timer,
                    entry: {...entry},
                    draft: {...unsent, ...draft},
                    at: at && toServerMoment(at),
                    seconds: seconds ?? entry.seconds,
                },
                {onClose: resolve},
            );
        });
    }

    /** Say what was done in the time of an entry; that ends it as well. */
    async finish(entry, values) {
        await this.orm.call("ccm.activity", "action_describe", [[entry.id]], values);
        this.outbox.dropStop(entry.id);
    }

    /** Keep words on an entry; tell whether it took them: one that is finished does not. */
    async saveDraft(entry, values) {
        const isKept = await this.outbox.saveWords(entry.id, values);
        if (isKept) {
            this.showWords(entry.id, values);
        }
        return isKept;
    }

    showWords(id, values) {
        const mine = [this.running, ...this.paused, ...this.toDescribe].find(
            (other) => other && other.id === id,
        );
        Object.assign(mine || {}, values);
    }

    /** Keep words whose place on the screen is gone, at once or when the network is back. */
    async saveDraftLater({id}, values) {
        this.outbox.addWords(id, values);
        try {
            const kept = await this.outbox.sendWords();
            kept.forEach(([key, words]) => this.showWords(key, words));
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.retrySoon();
        }
    }

    /**
     * Ask why an entry is to be taken out of every count.
     *
     * @returns {Promise<Boolean>} whether that was done
     */
    async discard(entry) {
        const action = await this.call("action_void", [[entry.id]]);
        return new Promise((resolve, reject) => {
            const onClose = async () => {
                await this.refresh();
                const open = [this.running, ...this.paused, ...this.toDescribe];
                resolve(!open.some((other) => other && other.id === entry.id));
            };
            this.action.doAction(action, {onClose}).catch(reject);
        });
    }

    async openPatient(partnerId) {
        const action = await this.orm.call("res.partner", "action_ccm_open", [[partnerId]]);
        await this.action.doAction(action);
    }
}

export const ccmTimerService = {
    dependencies: ["action", "bus_service", "dialog", "notification", "orm"],
    start(env, services) {
        const timer = reactive(new CcmTimer(env, services));
        if (timer.isOffered) {
            const lookAgain = () => timer.isReady && timer.refresh();
            services.bus_service.subscribe("ccm_timer", lookAgain);
            services.bus_service.addEventListener("BUS:RECONNECT", lookAgain);
            env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", ({detail: mode}) => {
                if (mode !== "new") {
                    timer.isSettled = true;
                    timer.askForgotten();
                }
            });
            browser.addEventListener("focus", lookAgain);
            browser.addEventListener("online", lookAgain);
            browser.addEventListener("beforeunload", (ev) => {
                if (timer.outbox.words.size) {
                    ev.preventDefault();
                    ev.returnValue = "";
                }
            });
            document.addEventListener("visibilitychange", () => {
                if (document.visibilityState === "visible") {
                    lookAgain();
                }
            });
        }
        return timer;
    },
};

registry.category("services").add("ccm_timer", ccmTimerService);

/** Start the timer for the patient whom a button on the server named, and open the patient. */
registry.category("actions").add("ccm_timer_start", async (env, {params}) => {
    const {ccm_timer: timer} = env.services;
    if (await timer.start(params.partner_id)) {
        await timer.openPatient(params.partner_id);
    }
});
