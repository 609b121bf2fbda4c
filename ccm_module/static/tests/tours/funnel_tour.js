// From the list of who could be asked, through the funnel, to an enrolled patient.

import {field, noDialog, openApp, openMenu, tellFourPoints} from "./tour_steps";
import {registry} from "@web/core/registry";

const column = (state) => `.o_kanban_group:contains(${state})`;
const card = (state, name) => `${column(state)} .o_kanban_record:contains(${name})`;

const drag = (from, name, to) => ({
    content: `drag ${name} from ${from} to ${to}`,
    trigger: card(from, name),
    run: `drag_and_drop(${column(to)})`,
});

registry.category("web_tour.tours").add("ccm_eligible_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...openMenu("menu_ccm_patients", "menu_ccm_eligibility"),
        {
            content: "the list says why Rosa is on it",
            trigger: ".o_data_row:contains(Rosa Alvarez):contains(2 conditions count)",
        },
        // 1
        {
            content: "talk to her",
            trigger: ".o_data_row:contains(Rosa Alvarez) button[name=action_guide]",
            run: "click",
        },
        {
            content: "for the practitioner who saw her last",
            trigger: `.modal ${field("practitioner_id")} input:value(Doctor)`,
        },
        // 2 to 5
        ...tellFourPoints(),
        // 6
        {
            content: "she agrees",
            trigger: ".modal-footer button:contains(Record Consent and Enroll):visible",
            run: "click",
        },
        noDialog,
        {
            content: "she is not among the eligible any more",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Rosa Alvarez)))",
        },

        // The others become candidates together.
        {
            content: "choose all that are left",
            trigger: "thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "start",
            trigger: "button[name=action_start_enrollment]",
            run: "click",
        },
        {
            content: "they are told in one line",
            trigger: ".o_notification:contains(2 new candidate)",
        },
        {
            content: "and show in the funnel, with every column there is",
            trigger: `.o_kanban_view:has(${column("Contacted")}):has(${column("Declined")}):has(${column("Ended")}) ${card("Candidate", "Max Moreau")}`,
        },
        drag("Candidate", "Max Moreau", "Contacted"),
        {
            content: "Max was reached",
            trigger: card("Contacted", "Max Moreau"),
        },
        drag("Contacted", "Max Moreau", "Declined"),
        {
            content: "he says why",
            trigger: `.modal ${field("reason_id")} input`,
            run: "edit cost",
        },
        {
            content: "the money",
            trigger: ".o-autocomplete--dropdown-item:contains(cost sharing)",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".modal-footer button:contains(Confirm)",
            run: "click",
        },
        noDialog,
        {
            content: "Max declined",
            trigger: card("Declined", "Max Moreau"),
        },
        drag("Candidate", "Nina Novak", "Active"),
        {
            content: "Nina's consent comes first",
            trigger: `.modal ${field("text_cost_sharing")}:contains(What it costs)`,
        },
        {
            content: "not now",
            trigger: ".modal-footer button:contains(Discard)",
            run: "click",
        },
        noDialog,
        {
            content: "she stays where she was",
            trigger: card("Candidate", "Nina Novak"),
        },
    ],
});
