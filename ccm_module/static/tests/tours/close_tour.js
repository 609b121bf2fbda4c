// The accountant's month: looked at before it is billed, mended, closed, taken along as a workbook,
// and one bill of it undone and made again.

import {field, openMenu, save} from "./tour_steps";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const row = (name) => `.o_list_view .o_data_row:contains(${name})`;
const total = (key, words) => `.o_ccm_totals table[data-key=${key}] tr:contains(${words})`;
const back = (content) => ({content, trigger: ".o_breadcrumb .o_back_button a", run: "click"});
const state = (name) => `.o_statusbar_status .o_arrow_button_current:contains(${name})`;

registry.category("web_tour.tours").add("ccm_close_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the Chronic Care app",
            trigger: ".o_app[data-menu-xmlid='ccm_module.menu_ccm_root']",
            run: "click",
        },
        ...openMenu("menu_ccm_billing", "menu_ccm_close"),
        {
            content: "open the month that has a patient ready",
            trigger: ".o_data_row:has([name=ready_count]:contains(/^1$/)) [name=month_name]",
            run: "click",
        },
        // --- preview ---
        {
            content: "one is ready",
            trigger: `${total("state", "Ready")} td:contains(/^1$/)`,
        },
        {
            content: "one is not",
            trigger: total("state", "Blocked"),
        },
        {
            content: "look at what is missing",
            trigger: `${total("topic", "Conditions")} button`,
            run: "click",
        },
        // --- mend a blocker ---
        {
            content: "go to where it is mended",
            trigger: `${row("Walter Kim")}:contains(Only 1 active condition) button[name=action_mend]`,
            run: "click",
        },
        {
            content: "his diabetes does not count",
            trigger: `${row("E11.9")} .o_data_cell[name=diagnosis_id]`,
            run: "click",
        },
        {
            content: "it does put him at risk",
            trigger: `${field("significant_risk")} input:not(:checked)`,
            run: "click",
        },
        ...save(),
        back("back to his conditions"),
        {
            content: "both count",
            trigger: `${row("E11.9")} [name=significant_risk] input:checked`,
        },
        back("back to what is missing"),
        {
            content: "nothing is",
            trigger: ".o_nocontent_help:contains(Nothing is missing)",
        },
        back("back to the month"),
        {
            content: "both are ready",
            trigger: `${total("state", "Ready")} td:contains(/^2$/)`,
        },
        // --- close ---
        {
            content: "close the month",
            trigger: "button[name=ccm_close_start]",
            run: "click",
        },
        {
            content: "it ends by itself",
            trigger: ".o_ccm_close [role=status]:contains(The last close has ended)",
        },
        {
            content: "with both billed",
            trigger: ".o_ccm_close_count:contains(2 of 2 billed)",
        },
        {
            content: "the document says so",
            trigger: state("Closed"),
        },
        {
            content: "and its history",
            trigger: ".o-mail-Message:contains(Close ended)",
        },
        // --- the workbook ---
        {
            content: "take the month along",
            trigger: ".o_form_statusbar button[name=action_workbook]",
            run: "click",
        },
        // --- undo one, and bill it again ---
        {
            content: "see who is billed",
            trigger: ".oe_stat_button:contains(Billed):not(:contains(Not))",
            run: "click",
        },
        {
            content: "open one",
            trigger: `${row("Walter Kim")}:contains(99490) .o_data_cell[name=partner_id]`,
            run: "click",
        },
        {
            content: "undo the bill",
            trigger: ".o_form_statusbar button[name=action_undo_bill]",
            run: "click",
        },
        {
            content: "say why",
            trigger: `.modal ${field("reason")} input`,
            run: "edit Sent to the wrong payer",
        },
        {
            content: "undo it",
            trigger: ".modal-footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "it is ready to be billed again",
            trigger: state("Ready"),
        },
        {
            content: "bill it again",
            trigger: ".o_form_statusbar button[name=action_invoice]",
            run: "click",
        },
        {
            content: "the new invoice is open",
            trigger: `.o_form_view ${state("Posted")}`,
        },
    ],
});
