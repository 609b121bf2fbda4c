import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatInteger, formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/** The tables of a month's preview; each line opens what it stands for. */
export class CcmCloseTotals extends Component {
    static template = "ccm_module.CcmCloseTotals";
    static props = standardFieldProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get sections() {
        return this.props.record.data[this.props.name] || [];
    }

    /** On a phone there is room for two columns: the amounts, where there are more. */
    shown({columns}, index) {
        return columns.length > 2 && index % 2 === 0 ? "d-none d-sm-table-cell" : "";
    }

    format(cell) {
        if (typeof cell === "number") {
            return formatInteger(cell);
        }
        if (!cell) {
            return "";
        }
        const currencyId = this.props.record.data.currency_id?.id;
        return formatMonetary(cell.amount, {currencyId});
    }

    async open(section, row) {
        const {resId} = this.props.record;
        const args = [[resId], section.key, row.value];
        return this.action.doAction(await this.orm.call("ccm.close", "action_view", args));
    }
}

registry.category("fields").add("ccm_close_totals", {
    component: CcmCloseTotals,
    displayName: _t("Totals of a month"),
    supportedTypes: ["json"],
    isEmpty: () => false,
    fieldDependencies: [
        {name: "currency_id", type: "many2one", relation: "res.currency", readonly: true},
    ],
});
