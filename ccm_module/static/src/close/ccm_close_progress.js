import {
    Component,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    useEffect,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** How far the close of a month is: for who closes it and for everybody else who looks on. */
export class CcmCloseProgress extends Component {
    static template = "ccm_module.CcmCloseProgress";
    static props = standardWidgetProps;

    setup() {
        this.close = useState(useService("ccm_close"));
        this.action = useService("action");
        this.busy = useState({is: false});
        onWillStart(() => this.show(this.props.record.resId));
        onWillUpdateProps(({record}) => {
            if (record.resId !== this.id) {
                this.close.hide(this.id);
                return this.show(record.resId);
            }
        });
        onWillDestroy(() => this.close.hide(this.id));
        // The totals of the form are those of the moment when the run began, until it is over or left.
        useEffect(
            (standing) => {
                if (this.standing && this.standing !== standing) {
                    this.props.record.load();
                }
                this.standing = standing;
            },
            () => [this.progress && `${this.progress.state} ${this.progress.is_interrupted}`],
        );
    }

    show(id) {
        this.id = id;
        return this.close.show(id);
    }

    get progress() {
        return this.close.progress[this.id];
    }

    get isDriving() {
        return Boolean(this.close.driving[this.id]);
    }

    get canStart() {
        const isAtRest = ["open", "done"].includes(this.progress?.state);
        return isAtRest && this.progress.may_bill && this.props.record.data.ready_count > 0;
    }

    get isInterrupted() {
        return this.progress.is_interrupted && !this.isDriving;
    }

    get looked() {
        return this.progress.done + this.progress.failed;
    }

    get goal() {
        return Math.max(this.progress.total, this.looked, 1);
    }

    get percent() {
        return ((100 * this.looked) / this.goal).toFixed(1);
    }

    get title() {
        const {state} = this.progress;
        if (state === "running" && this.close.isOffline && this.isDriving) {
            return _t("No network: what is billed is safe, and this goes on by itself");
        }
        if (this.isInterrupted) {
            return _t("Interrupted: what is billed is safe, the rest waits");
        }
        return {
            running: _t("Closing the month"),
            stopped: _t("Stopped: what is billed is safe, the rest waits"),
            done: _t("The last close has ended"),
        }[state];
    }

    get countText() {
        const {done, total, amount} = this.progress;
        const {currency_id: currency} = this.props.record.data;
        return _t("%(done)s of %(total)s billed, %(amount)s", {
            done,
            total,
            amount: formatMonetary(amount, {currencyId: currency?.id}),
        });
    }

    get rateText() {
        const {rate, state} = this.progress;
        if (state !== "running" || !rate || this.isInterrupted) {
            return "";
        }
        const seconds = Math.ceil((this.goal - this.looked) / rate);
        const left =
            seconds < 90
                ? _t("%s seconds left", seconds)
                : _t("%s minutes left", Math.ceil(seconds / 60));
        return _t("%(rate)s a second, %(left)s", {rate: rate.toFixed(1), left});
    }

    get failedText() {
        return _t("%s could not be billed", this.progress.failed);
    }

    async run(method) {
        this.busy.is = true;
        try {
            await this.close[method](this.id);
        } finally {
            this.busy.is = false;
        }
    }

    openMonth(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "ccm.month",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async openFailed() {
        const action = await this.close.orm.call("ccm.close", "action_view", [[this.id], "failed"]);
        return this.action.doAction(action);
    }
}

registry.category("view_widgets").add("ccm_close_progress", {
    component: CcmCloseProgress,
    fieldDependencies: [
        {name: "ready_count", type: "integer", readonly: true},
        {name: "currency_id", type: "many2one", relation: "res.currency", readonly: true},
    ],
});
