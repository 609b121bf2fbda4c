import {Component, onWillDestroy, useExternalListener, useRef, useState} from "@odoo/owl";
import {ConnectionLostError, RPCError} from "@web/core/network/rpc";
import {describeDuration, formatClock} from "./clock";
import {useAutofocus} from "@web/core/utils/hooks";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";

const FIRST_RETRY = 2000;
const LAST_RETRY = 30000;

/**
 * Asks what was done in the time that was just measured: kind, outcome of a contact, note.
 *
 * Nothing typed is lost: an error or a lost connection leaves the dialog as it is, and the latter
 * is tried again by itself. Closing keeps the words on the entry, which waits in the top bar.
 */
export class DescribeDialog extends Component {
    static template = "ccm_module.DescribeDialog";
    static components = {Dialog};
    static props = {
        timer: Object,
        entry: Object,
        seconds: Number,
        at: {type: String, optional: true},
        draft: {type: Object, optional: true},
        close: Function,
    };

    setup() {
        const {entry, timer} = this.props;
        this.timer = useState(timer);
        this.state = useState({
            type_id: entry.type_id,
            outcome: entry.outcome || false,
            note: entry.note || "",
            problem: "",
            isSaving: false,
            isWaiting: false,
        });
        this.saved = this.draft;
        Object.assign(this.state, this.props.draft);
        this.note = useAutofocus({refName: "note", mobile: true});
        this.root = useRef("root");
        this.delay = FIRST_RETRY;
        this.env.dialogData.dismiss = () => this.keepDraft();
        useExternalListener(window, "beforeunload", (ev) => {
            if (this.isDirty) {
                ev.preventDefault();
                ev.returnValue = "";
            }
        });
        useExternalListener(window, "online", () => this.sendAgain());
        onWillDestroy(() => {
            browser.clearTimeout(this.retry);
            // The page went elsewhere: the words must not go with it.
            if (this.isDirty) {
                timer.saveDraftLater(entry, this.draft);
            }
        });
    }

    get title() {
        return _t("What was done?");
    }

    get clock() {
        return formatClock(this.props.seconds);
    }

    get duration() {
        return describeDuration(this.props.seconds);
    }

    get draft() {
        const {type_id, outcome, note} = this.state;
        return {type_id, outcome, note};
    }

    get isDirty() {
        return Object.entries(this.draft).some(([name, value]) => this.saved[name] !== value);
    }

    get isContact() {
        return this.timer.kinds.find(({id}) => id === this.state.type_id)?.is_contact;
    }

    /** What is still missing, in words; empty when it can be saved. */
    get missing() {
        if (this.isContact && !this.state.outcome) {
            return _t("Outcome is missing: choose how the attempt to reach the patient ended.");
        }
        return this.state.note.trim()
            ? ""
            : _t("Note is missing: say in a few words what was done.");
    }

    onKind(ev) {
        this.state.type_id = Number(ev.target.value);
    }

    onOutcome(value) {
        this.state.outcome = value;
    }

    /** After a click of the mouse the note is what is left to do; arrow keys stay on the choices. */
    onOutcomeClick() {
        // The browser first takes the focus to the choice itself.
        browser.requestAnimationFrame(() => this.note.el?.focus());
    }

    onNote(ev) {
        this.state.note = ev.target.value;
    }

    async save() {
        if (this.state.isSaving) {
            return;
        }
        this.state.problem = this.missing;
        if (this.state.problem) {
            const missing = this.isContact && !this.state.outcome;
            (missing ? this.root.el?.querySelector("input[type=radio]") : this.note.el)?.focus();
            return;
        }
        await this.send(async () => {
            const {type_id, outcome, note} = this.draft;
            await this.timer.finish(this.props.entry, {
                type_id,
                note,
                outcome: this.isContact ? outcome : false,
                at: this.props.at || false,
            });
            this.saved = this.draft;
            this.props.close();
            await this.timer.refresh();
        });
    }

    /** Keep the words on the entry; refuse to close while that does not succeed. */
    async keepDraft() {
        if (!(await this.sendDraft({isClosing: true}))) {
            // The promise never settles: the dialog stays.
            await new Promise(() => {});
        }
    }

    /** Keep the words on the entry, and tell whether that succeeded at once. */
    async sendDraft({isClosing}) {
        if (!this.isDirty) {
            return true;
        }
        const {draft} = this;
        let isLate = false;
        let isKept = false;
        await this.send(async () => {
            const sent = this.draft;
            isKept = await this.timer.saveDraft(this.props.entry, sent);
            this.saved = sent;
            if (!isKept) {
                return _t(
                    "This time was finished elsewhere, and your words were not kept. Save puts them in place of the note that is there; closing again leaves it.",
                );
            }
            // Whoever went on to write did not mean to close any more.
            const isSame = Object.entries(draft).every(
                ([name, value]) => this.draft[name] === value,
            );
            if (isLate && isClosing && isSame) {
                this.props.close();
            }
        });
        isLate = true;
        return isKept;
    }

    /** Try once more what did not get through. */
    sendAgain() {
        if (this.state.isWaiting && !this.state.isSaving) {
            this.send(this.request);
        }
    }

    /**
     * @param {() => Promise<String|undefined>} request what is sent, and again while there is no
     *  network; it returns in words what the person has to know
     * @returns {Promise<Boolean>} whether it got through at once
     */
    async send(request) {
        this.request = request;
        browser.clearTimeout(this.retry);
        this.state.isSaving = true;
        try {
            const problem = await request();
            Object.assign(this.state, {isWaiting: false, problem: problem || ""});
            return true;
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                this.state.isWaiting = true;
                this.state.problem = _t(
                    "There is no connection. What you wrote is kept here, and is saved by itself as soon as the connection is back.",
                );
                this.retry = browser.setTimeout(() => this.sendAgain(), this.delay);
                this.delay = Math.min(this.delay * 2, LAST_RETRY);
            } else if (error instanceof RPCError) {
                this.state.isWaiting = false;
                this.state.problem = error.data?.message || error.message;
            } else {
                throw error;
            }
            return false;
        } finally {
            this.state.isSaving = false;
        }
    }

    /** Have it taken out, for a reason; until that is given, all stays as it is. */
    async discard() {
        if (this.state.isSaving || !(await this.sendDraft({isClosing: false}))) {
            return;
        }
        const isGone = await this.timer.discard(this.props.entry);
        if (isGone) {
            this.saved = this.draft;
            this.props.close();
        }
    }
}
