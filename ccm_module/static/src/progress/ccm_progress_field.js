import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

/**
 * How far a month is on the way to its next code: minutes so far, a bar, what is missing, and,
 * for those who may see money and where the view has the field, what the code adds.
 *
 * It stands on the seconds that are missing. The other fields are those of `ccm.month`; the
 * options `minutes`, `code`, `amount` and `currency` name them on another model. The server has
 * counted the minutes; nothing is added to them here. With the option `live`, on a patient, the
 * time of a timer that is not stopped yet is shown beside them, as what it may become.
 */
export class CcmProgressField extends Component {
    static template = "ccm_module.CcmProgressField";
    static props = {
        ...standardFieldProps,
        minutesField: {type: String, optional: true},
        codeField: {type: String, optional: true},
        amountField: {type: String, optional: true},
        currencyField: {type: String, optional: true},
        isLive: {type: Boolean, optional: true},
    };
    static defaultProps = {
        minutesField: "total_minutes",
        codeField: "next_code",
        amountField: "next_amount",
        currencyField: "currency_id",
        isLive: false,
    };

    setup() {
        this.timer = this.props.isLive ? useState(useService("ccm_timer")) : null;
    }

    get data() {
        return this.props.record.data;
    }

    get minutes() {
        return this.data[this.props.minutesField] || 0;
    }

    get code() {
        return this.data[this.props.codeField];
    }

    get missingSeconds() {
        return this.code ? this.data[this.props.name] : 0;
    }

    /** The minutes at which the code is reached: those counted are floored, so this is whole. */
    get goal() {
        return this.code ? Math.ceil((this.minutes * 60 + this.missingSeconds) / 60) : this.minutes;
    }

    get percent() {
        if (!this.code) {
            return this.minutes ? 100 : 0;
        }
        const goal = this.goal * 60;
        const percent = (100 * (goal - this.missingSeconds)) / goal;
        return Math.max(0, Math.min(100, percent)).toFixed(1);
    }

    get minutesText() {
        return _t("%s min", this.minutes);
    }

    get missingText() {
        if (!this.code) {
            return this.minutes ? _t("no further code") : "";
        }
        const minutes = Math.floor(this.missingSeconds / 60);
        const seconds = this.missingSeconds % 60;
        const values = {minutes, seconds, code: this.code};
        return seconds
            ? _t("%(minutes)s min %(seconds)s s to %(code)s", values)
            : _t("%(minutes)s min to %(code)s", values);
    }

    get amountText() {
        const amount = this.data[this.props.amountField];
        if (!this.code || !amount) {
            return "";
        }
        const currency = this.data[this.props.currencyField];
        const currencyId = currency?.id || user.activeCompany?.currency_id;
        return `+ ${formatMonetary(amount, {currencyId})}`;
    }

    /** Seconds of a timer that nobody has stopped yet: the server counts none of them so far. */
    get openSeconds() {
        const open = this.timer?.openFor(this.props.record.resId);
        return open ? this.timer.elapsed(open) : 0;
    }

    get openPercent() {
        const share = this.goal ? (100 * this.openSeconds) / (this.goal * 60) : 0;
        return Math.min(100 - this.percent, share).toFixed(1);
    }

    get openText() {
        if (!this.code || !this.openSeconds) {
            return "";
        }
        const left = this.missingSeconds - this.openSeconds;
        if (left <= 0) {
            return _t("about reached, with the time that is not stopped yet");
        }
        return _t("about %(minutes)s min %(seconds)s s, with the time that is not stopped yet", {
            minutes: Math.floor(left / 60),
            seconds: left % 60,
        });
    }

    get valueText() {
        return [this.minutesText, this.missingText, this.amountText].filter(Boolean).join(", ");
    }
}

export const ccmProgressField = {
    component: CcmProgressField,
    displayName: _t("Progress to the next code"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    listViewWidth: [240, 420],
    fieldDependencies: ({options}) => [
        {name: options.minutes || "total_minutes", type: "integer", readonly: true},
        {name: options.code || "next_code", type: "char", readonly: true},
    ],
    extractProps: ({options}) => ({
        minutesField: options.minutes,
        codeField: options.code,
        amountField: options.amount,
        currencyField: options.currency,
        isLive: options.live,
    }),
};

registry.category("fields").add("ccm_progress", ccmProgressField);
