import {ConnectionLostError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {toServerMoment} from "./clock";
import {user} from "@web/core/user";

const storageKey = () => `ccm_timer.stops.${user.userId}`;

/**
 * What a person did and the server does not know yet, since there was no network: when timers were
 * stopped, and words of notes.
 *
 * Stops outlive the page and are shared by all tabs of this browser: so they hold ids and moments
 * only. Words stay in this tab.
 */
export class Outbox {
    constructor({orm, notification}) {
        Object.assign(this, {orm, notification});
        this.words = new Map();
    }

    /** @returns {Object} for the id of an entry `{start, at}`, in milliseconds of the server's clock */
    get stops() {
        return JSON.parse(browser.localStorage.getItem(storageKey()) || "{}");
    }

    set stops(stops) {
        if (Object.keys(stops).length) {
            browser.localStorage.setItem(storageKey(), JSON.stringify(stops));
        } else {
            browser.localStorage.removeItem(storageKey());
        }
    }

    addStop({id, start}, at) {
        this.stops = {...this.stops, [id]: {start, at}};
    }

    dropStop(id) {
        const {[id]: _dropped, ...others} = this.stops;
        this.stops = others;
    }

    addWords(id, values) {
        this.words.set(id, {...this.words.get(id), ...values});
    }

    /** Hand over the words of an entry to who looks after them from now on. */
    takeWords(id) {
        const values = this.words.get(id);
        this.words.delete(id);
        return values;
    }

    /**
     * Send all that waits; tell whether there was anything.
     *
     * @param {Object} state where the server says that the timers stand
     */
    async send({running, paused}) {
        const stops = Object.entries(this.stops);
        const words = this.words.size;
        for (const [key, {start, at}] of stops) {
            const id = Number(key);
            // Else it was stopped, paused and taken up, or described meanwhile.
            const isOpen = [running, ...paused].some(
                (entry) => entry && entry.id === id && entry.start === start,
            );
            if (isOpen) {
                await this.sendStop(id, at);
            }
            this.dropStop(id);
        }
        await this.sendWords();
        return Boolean(stops.length || words);
    }

    async sendStop(id, at) {
        try {
            await this.orm.silent.call("ccm.activity", "action_stop_timer", [[id]], {
                at: toServerMoment(at),
            });
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                this.dropStop(id); // it is refused, and said so; asking again would change nothing
            }
            throw error;
        }
    }

    /** Send the words that wait, and return what was kept: `[id, values]` of each entry. */
    async sendWords() {
        const kept = [];
        for (const [id, values] of [...this.words]) {
            this.words.delete(id);
            let isKept;
            try {
                isKept = await this.saveWords(id, values);
            } catch (error) {
                if (error instanceof ConnectionLostError && !this.words.has(id)) {
                    this.words.set(id, values);
                }
                throw error;
            }
            if (isKept) {
                kept.push([id, values]);
            } else {
                this.notification.add(
                    _t("The last words of a note were not kept: it was finished elsewhere."),
                    {type: "warning", sticky: true},
                );
            }
        }
        return kept;
    }

    /** Keep words on an entry; tell whether it took them: one that is finished does not. */
    async saveWords(id, values) {
        return this.orm.silent.call("ccm.activity", "action_save_draft", [[id], values]);
    }
}
