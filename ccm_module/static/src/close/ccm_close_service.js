import {ConnectionLostError} from "@web/core/network/rpc";
import {browser} from "@web/core/browser/browser";
import {reactive} from "@odoo/owl";
import {registry} from "@web/core/registry";

export const RETRY = 5000;
// Of a run that others drive the bus tells, where it is reached. A look now and then works without
// it, and shows when nobody drives the run any more.
const LOOK = 10000;

/**
 * The closes that this tab shows, and those that it drives: batch after batch, whatever else is
 * looked at meanwhile. Each batch is a request of its own, so what was answered is done for good; a
 * tab that closes, or a network that fails, ends nothing but the driving.
 */
export class CcmClose {
    constructor({orm}) {
        Object.assign(this, {orm});
        this.progress = {}; // by id, as the server said it last
        this.driving = {};
        this.isOffline = false;
        this.shown = new Map();
    }

    // --- those who look on ---

    show(id) {
        this.shown.set(id, (this.shown.get(id) || 0) + 1);
        return this.refresh(id);
    }

    hide(id) {
        const left = this.shown.get(id) - 1;
        if (left) {
            this.shown.set(id, left);
        } else {
            this.shown.delete(id);
        }
    }

    async refresh(id) {
        try {
            this.keep(await this.orm.silent.call("ccm.close", "get_progress", [[id]]));
            this.isOffline = false;
        } catch (error) {
            this.lost(error);
            browser.setTimeout(() => this.shown.has(id) && this.refresh(id), RETRY);
        }
    }

    keep(progress) {
        const {id} = progress;
        this.progress[id] = progress;
        browser.clearTimeout(this.watching);
        if (progress.state === "running" && !this.driving[id]) {
            this.watching = browser.setTimeout(() => this.shown.has(id) && this.refresh(id), LOOK);
        }
    }

    lost(error) {
        if (!(error instanceof ConnectionLostError)) {
            throw error;
        }
        this.isOffline = true;
    }

    // --- those who work ---

    async start(id) {
        this.keep(await this.orm.call("ccm.close", "action_start", [[id]]));
        this.drive(id);
    }

    async resume(id) {
        this.keep(await this.orm.call("ccm.close", "action_resume", [[id]]));
        this.drive(id);
    }

    async stop(id) {
        this.keep(await this.orm.call("ccm.close", "action_stop", [[id]]));
    }

    /** Ask for batch after batch until the run is over or stopped. */
    async drive(id) {
        if (this.driving[id]) {
            return;
        }
        this.driving[id] = true;
        try {
            while (this.progress[id].state === "running") {
                try {
                    const before = this.progress[id];
                    const now = await this.orm.silent.call("ccm.close", "action_run_batch", [[id]]);
                    this.isOffline = false;
                    this.keep(now);
                    if (now.state === "running" && now.done + now.failed === this.looked(before)) {
                        await this.pause(); // somebody else is at work on what is left
                    }
                } catch (error) {
                    this.lost(error);
                    await this.pause();
                }
            }
        } finally {
            delete this.driving[id];
        }
    }

    looked({done, failed}) {
        return done + failed;
    }

    pause() {
        return new Promise((resolve) => browser.setTimeout(resolve, RETRY));
    }
}

export const ccmCloseService = {
    dependencies: ["bus_service", "orm"],
    start(env, services) {
        const close = reactive(new CcmClose(services));
        const lookAgain = () => [...close.shown.keys()].forEach((id) => close.refresh(id));
        services.bus_service.subscribe("ccm_close", ({id}) => {
            // Who drives has the answer of each batch itself.
            if (close.shown.has(id) && !close.driving[id]) {
                close.refresh(id);
            }
        });
        services.bus_service.addEventListener("BUS:RECONNECT", lookAgain);
        browser.addEventListener("beforeunload", (ev) => {
            if (Object.keys(close.driving).length) {
                ev.preventDefault();
                ev.returnValue = "";
            }
        });
        return close;
    },
};

registry.category("services").add("ccm_close", ccmCloseService);
