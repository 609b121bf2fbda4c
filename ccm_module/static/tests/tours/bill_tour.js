// After the month: the biller's invoice, the manager's checklist, the administrator's settings.

import {field, goBack, openMenu} from "./tour_steps";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const month = ".o_list_view .o_data_row:contains(Rosa Alvarez)";
const openChronicCare = () => [
    stepUtils.showAppsMenuItem(),
    {
        content: "open the Chronic Care app",
        trigger: ".o_app[data-menu-xmlid='ccm_module.menu_ccm_root']",
        run: "click",
    },
];

registry.category("web_tour.tours").add("ccm_bill_tour", {
    url: "/odoo",
    steps: () => [
        ...openChronicCare(),
        ...openMenu("menu_ccm_billing", "menu_ccm_month"),
        {
            content: "last month's patients, as the filter says",
            trigger: ".o_searchview_facet:contains(Last Month)",
        },
        {
            content: "Rosa's month is ready, with its code",
            trigger: `${month}:contains(99490):contains(Ready)`,
        },
        {
            content: "tick it",
            trigger: `${month} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "invoice it",
            trigger: ".o_control_panel button:contains(Create Invoice)",
            run: "click",
        },
        {
            content: "the invoice opens, a draft, to the payer",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Draft)",
        },
        ...goBack("Months"),
        {
            content: "the month says so",
            trigger: `${month}:contains(Invoiced)`,
        },
        {
            content: "open the month",
            trigger: `${month} .o_data_cell[name=partner_id]`,
            run: "click",
        },
        {
            content: "open its invoice",
            trigger: ".oe_stat_button[name=action_view_move]",
            run: "click",
        },
        {
            content: "whose care it was",
            trigger: `${field("ccm_patient_id")}:contains(Rosa Alvarez)`,
        },
        {
            content: "who bills",
            trigger: `${field("ccm_practitioner_npi")}:contains(1234567893)`,
        },
        {
            content: "why",
            trigger: `${field("ccm_diagnosis_ids")}:contains(I10):contains(E11.9)`,
        },
        {
            content: "what",
            trigger: `${field("invoice_line_ids")}:contains(99490):contains(99439)`,
        },
        {
            content: "post it",
            trigger: ".o_form_statusbar button[name=action_post]",
            run: "click",
        },
        {
            content: "it is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)",
        },
        {
            content: "back to the month",
            trigger: ".oe_stat_button[name=action_view_ccm_month]",
            run: "click",
        },
        {
            content: "it is billed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Invoiced)",
        },
        {
            content: "and whose it is",
            trigger: `.o_form_view h1 ${field("partner_id")}:contains(Rosa Alvarez)`,
        },
    ],
});

registry.category("web_tour.tours").add("ccm_checklist_tour", {
    url: "/odoo",
    steps: () => [
        ...openChronicCare(),
        ...openMenu("menu_ccm_config", "menu_ccm_setup_step"),
        {
            content: "an administrator's step is told, not offered",
            trigger: ".o_data_row:contains(An administrator does this):not(:has(button:visible))",
        },
        {
            content: "the step of the billing practitioners is done",
            trigger: ".o_data_row:contains(Billing practitioners):has(input:checked)",
        },
        {
            content: "open it",
            trigger: ".o_data_row:contains(Billing practitioners) button:contains(Open)",
            run: "click",
        },
        {
            content: "the practitioners are there",
            trigger: ".o_data_row:contains(Doctor):contains(1234567893)",
        },
        ...goBack("Set-up Checklist"),
        {
            content: "the checklist is back",
            trigger: ".o_data_row:contains(Billing practitioners)",
        },
    ],
});

registry.category("web_tour.tours").add("ccm_settings_tour", {
    url: "/odoo/settings",
    steps: () => [
        {
            content: "turn to the app's settings",
            trigger: ".settings_tab .tab[data-key=ccm_module]",
            run: "click",
        },
        {
            content: "the practice's number is shown",
            trigger: `.app_settings_block:visible ${field("ccm_npi")} input:value(1333333338)`,
        },
        {
            content: "and how the month is closed",
            trigger: `.app_settings_block:visible ${field("ccm_close_day")}`,
        },
    ],
});
