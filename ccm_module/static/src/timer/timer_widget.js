import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    onWillUpdateProps,
    useState,
} from "@odoo/owl";
import {describeDuration, formatClock} from "./clock";
import {useBus, useService} from "@web/core/utils/hooks";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const DRAFT_DELAY = 800;

/** The timer on the patient's form: start, pause, go on, stop, and a note begun meanwhile. */
export class TimerWidget extends Component {
    static template = "ccm_module.TimerWidget";
    static props = {...standardWidgetProps};

    setup() {
        this.timer = useState(useService("ccm_timer"));
        this.state = useState({note: "", isKept: true, isRefused: false});
        this.formatClock = formatClock;
        useBus(this.timer.bus, "CHANGED", () => this.onChanged());
        onMounted(() => this.onChanged()); // what came before anybody listened
        onWillStart(() => {
            this.open(this.props.record.resId);
        });
        onWillUpdateProps(async ({record}) => {
            if (record.resId !== this.partnerId) {
                this.leaveNote();
                this.open(record.resId);
            }
        });
        onWillUnmount(() => this.leaveNote());
    }

    get entry() {
        return this.partnerId && this.timer.openFor(this.partnerId);
    }

    get isRunning() {
        return Boolean(this.entry) && this.entry.id === this.timer.running?.id;
    }

    get elsewhere() {
        const {running} = this.timer;
        return running && running.partner_id !== this.partnerId && running;
    }

    get canStart() {
        return this.timer.isReady && this.partnerId && !this.entry && this.timer.mode !== "never";
    }

    get clockLabel() {
        const duration = describeDuration(this.timer.elapsed(this.entry));
        return this.isRunning ? _t("Running: %s", duration) : _t("Paused: %s", duration);
    }

    /** The form shows this patient now. It never touches a timer that runs for another. */
    async open(partnerId) {
        this.partnerId = partnerId;
        if (!this.timer.isOffered || !partnerId) {
            return;
        }
        await this.timer.refresh();
        if (this.partnerId === partnerId && this.props.record.data.is_ccm_patient) {
            await this.timer.autoStart(partnerId);
        }
    }

    onChanged() {
        const {entry} = this;
        const id = entry ? entry.id : false;
        if (id === this.entryId || this.state.isKept) {
            this.entryId = id;
            if (this.state.isKept) {
                this.showNote(this.noteOf(entry));
            }
        } else if (!this.state.isRefused) {
            this.moveNote();
        } else if (entry) {
            this.adoptNote(entry);
        }
        if (this.timer.isOffline) {
            return;
        }
        const standing = JSON.stringify([
            id,
            this.isRunning,
            this.timer.toDescribe.filter((other) => other.partner_id === this.partnerId),
        ]);
        if (this.standing !== undefined && this.standing !== standing) {
            this.reloadRecord();
        }
        this.standing = standing;
    }

    /** Another entry is open, or none: words kept nowhere yet go where they were meant for. */
    async moveNote() {
        if (await this.keepNote()) {
            await this.timer.refresh();
        } else if (this.state.isRefused) {
            this.onChanged();
        }
    }

    /** What could not be kept any more goes with the time that runs now for the same patient. */
    adoptNote(entry) {
        const note = [this.noteOf(entry), this.state.note].filter(Boolean).join("\n");
        this.entryId = entry.id;
        Object.assign(this.state, {note, isRefused: false});
        this.keepNote();
    }

    noteOf(entry) {
        return entry ? (this.timer.outbox.words.get(entry.id)?.note ?? entry.note) : "";
    }

    showNote(note) {
        Object.assign(this.state, {note, isKept: true, isRefused: false});
    }

    /** Show what the server counts now, unless somebody is at work on the form. */
    async reloadRecord() {
        const {record} = this.props;
        if (!(await record.isDirty())) {
            await record.load();
        }
    }

    onNote(ev) {
        this.state.note = ev.target.value;
        if (!this.entry && !this.state.note) {
            this.showNote(""); // words that nothing would take, and that nobody wants
            return;
        }
        this.state.isKept = false;
        browser.clearTimeout(this.drafting);
        this.drafting = browser.setTimeout(() => this.keepNote(), DRAFT_DELAY);
    }

    /** Keep what was typed, and tell whether nothing is left to keep. */
    async keepNote() {
        browser.clearTimeout(this.drafting);
        const {note} = this.state;
        if (this.state.isKept || !this.entryId) {
            return this.state.isKept;
        }
        const id = this.entryId;
        try {
            const isKept = await this.timer.saveDraft({id}, {note});
            if (this.entryId === id && !this.state.isKept) {
                this.state.isRefused = !isKept;
                this.state.isKept = isKept && this.state.note === note;
            }
        } catch {
            // Told under the note; the next key or the next look tries again.
            if (this.entryId === id && !this.state.isKept) {
                this.drafting = browser.setTimeout(() => this.keepNote(), 5 * DRAFT_DELAY);
            }
        }
        return this.state.isKept;
    }

    /** The form goes on to another patient: what is typed stays with this one's time. */
    leaveNote() {
        browser.clearTimeout(this.drafting);
        if (!this.state.isKept && this.entryId) {
            this.timer.saveDraftLater({id: this.entryId}, {note: this.state.note});
        }
        this.entryId = false;
        this.showNote("");
    }

    async stop() {
        // The click counts, not the moment when the note has been kept.
        const entry = {...this.entry};
        const click = this.timer.read(entry);
        await this.keepNote();
        const {note} = this.state;
        if (await this.timer.stop(entry, click, {note})) {
            // The dialog has the words now.
            this.showNote("");
            this.onChanged();
        }
    }

    async pause() {
        const entry = {...this.entry};
        const click = this.timer.read(entry);
        await this.keepNote();
        await this.timer.pause(entry, click);
    }
}

export const timerWidget = {
    component: TimerWidget,
    fieldDependencies: [{name: "is_ccm_patient", type: "boolean", readonly: true}],
};

registry.category("view_widgets").add("ccm_timer", timerWidget);
