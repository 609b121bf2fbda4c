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
        this.state = useState({note: "", isKept: true});
        this.formatClock = formatClock;
        useBus(this.timer.bus, "CHANGED", () => this.onChanged());
        onMounted(() => this.onChanged()); // what came before anybody listened
        onWillStart(() => {
            this.open(this.props.record.resId);
        });
        onWillUpdateProps(async ({record}) => {
            if (record.resId !== this.partnerId) {
                await this.keepNote();
                this.open(record.resId);
            }
        });
        onWillUnmount(() => this.keepNote());
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
        if (id !== this.entryId) {
            this.entryId = id;
            this.state.note = entry ? entry.note : "";
            this.state.isKept = true;
        } else if (entry && this.state.isKept) {
            this.state.note = entry.note;
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

    /** Show what the server counts now, unless somebody is at work on the form. */
    async reloadRecord() {
        const {record} = this.props;
        if (!(await record.isDirty())) {
            await record.load();
        }
    }

    onNote(ev) {
        this.state.note = ev.target.value;
        this.state.isKept = false;
        browser.clearTimeout(this.drafting);
        this.drafting = browser.setTimeout(() => this.keepNote(), DRAFT_DELAY);
    }

    async keepNote() {
        browser.clearTimeout(this.drafting);
        const {note} = this.state;
        if (this.state.isKept || !this.entryId) {
            return;
        }
        try {
            await this.timer.saveDraft({id: this.entryId}, {note});
            this.state.isKept = this.state.note === note;
        } catch {
            // Told under the note; the next key or the next look tries again.
            this.drafting = browser.setTimeout(() => this.keepNote(), 5 * DRAFT_DELAY);
        }
    }

    async stop() {
        await this.keepNote();
        await this.timer.stop({...this.entry, note: this.state.note});
    }

    async pause() {
        await this.keepNote();
        await this.timer.pause();
    }
}

export const timerWidget = {
    component: TimerWidget,
    fieldDependencies: [{name: "is_ccm_patient", type: "boolean", readonly: true}],
};

registry.category("view_widgets").add("ccm_timer", timerWidget);
