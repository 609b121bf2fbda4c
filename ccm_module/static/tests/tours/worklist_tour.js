// A coordinator's morning: the app opens on the own patients, nobody answers at the first one, and
// the work on the next begins with one click.

import {openWorklist} from "./tour_steps";
import {registry} from "@web/core/registry";

const row = (name) => `.o_list_view .o_data_row:contains(${name})`;

registry.category("web_tour.tours").add("ccm_worklist_tour", {
    url: "/odoo",
    steps: () => [
        ...openWorklist(),
        {
            content: "it opens on the own patients",
            trigger: ".o_searchview_facet:contains(My Patients)",
        },
        {
            content: "the patient nearest to a code comes first",
            trigger: ".o_list_view .o_data_row:eq(0):contains(Rosa Alvarez)",
        },
        {
            content: "call her, and nobody answers",
            trigger: `${row("Rosa Alvarez")} button[name=action_log_attempt]`,
            run: "click",
        },
        {
            content: "a next call is proposed",
            trigger: ".modal .o_field_widget[name=next_call_on]:not(.o_field_empty)",
        },
        {
            content: "log the attempt",
            trigger: ".modal-footer button[name=action_log]",
            run: "click",
        },
        {
            content: "she waits for tomorrow, the other comes first",
            trigger: ".o_list_view .o_data_row:eq(0):contains(Sam Wu)",
        },
        {
            content: "the list tells how it ended",
            trigger: `${row("Rosa Alvarez")} [name=last_outcome]:contains(No answer)`,
        },
        {
            content: "begin with the next",
            trigger: ".o_list_view .o_data_row:eq(0) button[name=action_start]",
            run: "click",
        },
        {
            content: "the patient's form is open",
            trigger: ".o_breadcrumb:contains(Sam Wu)",
        },
        {
            content: "and the timer runs",
            trigger: ".o_form_view button:contains(Stop)",
        },
        {
            content: "back to the list in one click",
            trigger: ".o_breadcrumb a:contains(This Month)",
            run: "click",
        },
        {
            content: "turn to the cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "every state has its column, in its order",
            trigger: ".o_kanban_group:eq(4) .o_column_title:contains(Done)",
        },
    ],
});
