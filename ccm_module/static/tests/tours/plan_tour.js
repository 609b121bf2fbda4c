// The care plan: the nurse writes it from templates, the practitioner approves it from the list.

import {field, goBack, openApp, openMenu, openPage, openPatient} from "./tour_steps";
import {registry} from "@web/core/registry";

const write = (name, text) => ({
    content: `write: ${name}`,
    trigger: `${field(name)} textarea`,
    run: `edit ${text} && press Tab`,
});

registry.category("web_tour.tours").add("ccm_plan_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...openPatient("Rosa Alvarez"),
        ...openPage("ccm_care_plan"),
        {
            content: "write a care plan",
            trigger: "button:contains(New Care Plan)",
            run: "click",
        },
        {
            content: "the template for her blood pressure is chosen",
            trigger: `.modal ${field("template_ids")} .o_data_row:contains(High blood pressure)`,
        },
        {
            content: "so is the one for her diabetes",
            trigger: `.modal ${field("template_ids")} .o_data_row:contains(Type 2 diabetes)`,
        },
        {
            content: "fill the plan",
            trigger: ".modal-footer button:contains(Fill the Plan)",
            run: "click",
        },
        {
            content: "both templates want her blood pressure in range: one goal",
            trigger: `${field("goal_ids")}:not(:has(.o_data_row:contains(Blood pressure) ~ .o_data_row:contains(Blood pressure))) .o_data_row:contains(Healthy feet)`,
        },
        ...openPage("medications"),
        {
            content: "add a medicine",
            trigger: `${field("medication_ids")} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            content: "its name",
            trigger: `${field("medication_ids")} .o_selected_row ${field("name")} input`,
            run: "edit Metformin",
        },
        {
            content: "how she takes it",
            trigger: `${field("medication_ids")} .o_selected_row ${field("dose")} input`,
            run: "edit 500 mg with breakfast and supper",
        },
        ...openPage("elements"),
        {
            content: "her conditions are the problem list",
            trigger: `${field("problem_list")} textarea:value(I10)`,
        },
        write("cognitive_functional", "Three words and the clock without fault"),
        write("environment", "One floor, no rugs"),
        write("caregiver", "Daughter, comes each evening"),
        {
            content: "everything is there",
            trigger: `${field("completeness")}:contains(100)`,
        },
        {
            content: "ask the practitioner",
            trigger: ".o_form_statusbar button:contains(Ask for Approval)",
            run: "click",
        },
        {
            content: "it waits for the doctor",
            trigger: ".alert:contains(Waiting for approval by):contains(Doctor)",
        },
        ...goBack("Rosa Alvarez"),
        {
            content: "the draft is on the patient",
            trigger: `${field("ccm_care_plan_ids")} .o_data_row:contains(Draft)`,
        },
    ],
});

registry.category("web_tour.tours").add("ccm_approve_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...openMenu("menu_ccm_patients", "menu_ccm_care_plan"),
        {
            content: "the plans show",
            trigger: ".o_breadcrumb:contains(Care Plans)",
        },
        {
            content: "what waits for the doctor",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "choose the filter",
            trigger: ".o_filter_menu .o_menu_item:contains(Waiting for My Approval)",
            run: "click",
        },
        {
            content: "only Rosa's plan",
            trigger:
                ".o_list_view:not(:has(.o_data_row:nth-child(2))) .o_data_row:contains(Rosa Alvarez)",
        },
        {
            content: "read it",
            trigger: ".o_data_cell[name=partner_id]:contains(Rosa Alvarez)",
            run: "click",
        },
        ...openPage("medications"),
        {
            content: "the medicine is there",
            trigger: `${field("medication_ids")} .o_data_row:contains(Metformin)`,
        },
        ...goBack("Care Plans"),
        {
            content: "choose it",
            trigger: ".o_data_row .o_list_record_selector input",
            run: "click",
        },
        {
            content: "approve",
            trigger: ".o_control_panel button:contains(Approve)",
            run: "click",
        },
        {
            content: "nothing waits any more",
            trigger: ".o_view_nocontent, .o_list_view:not(:has(.o_data_row))",
        },
    ],
});
