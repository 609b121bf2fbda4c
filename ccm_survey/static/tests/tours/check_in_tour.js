// A check-in with a red flag: the patient answers by the link, the nurse finds it on her list.

import {registry} from "@web/core/registry";

const choose = (question, answer) => ({
    content: `${question} ${answer}`,
    trigger: `.js_question-wrapper:contains(${question}) label:contains(${answer})`,
    run: "click",
});

registry.category("web_tour.tours").add("ccm_check_in_patient_tour", {
    steps: () => [
        {
            content: "begin",
            trigger: ".o_survey_form button[type=submit]:contains(Start)",
            run: "click",
        },
        choose("how do you feel", "A little worse"),
        choose("How is your breathing", "As usual"),
        choose("swollen", "Clearly more than usual"),
        choose("pain or pressure", "No"),
        choose("dizzy", "Neither"),
        {
            content: "say more",
            trigger: ".js_question-wrapper:contains(What else) textarea",
            run: "edit My shoes do not fit",
        },
        {
            content: "hand it in",
            trigger: ".o_survey_form button[type=submit][value=finish]",
            run: "click",
        },
        {
            content: "yes",
            trigger: ".modal button:contains(Submit)",
            run: "click",
        },
        {
            content: "thanks, and no score",
            trigger: ".o_survey_finished:contains(Your care team will see):not(:contains(scored))",
        },
    ],
});

registry.category("web_tour.tours").add("ccm_check_in_nurse_tour", {
    url: "/odoo/ccm-this-month",
    steps: () => [
        {
            content: "on the worklist somebody has a call due today, and it is marked",
            trigger: ".o_data_row:contains(Bea Patient):contains(Today) button:contains(Look)",
        },
        {
            content: "open the patient",
            trigger: ".o_data_row .o_data_cell[name=partner_id]:contains(Bea Patient)",
            run: "click",
        },
        {
            content: "turn to the check-ins",
            trigger: ".o_form_view .nav-link[name=ccm_check_ins]",
            run: "click",
        },
        {
            content: "one is to be looked at",
            trigger: ".o_form_view .alert:contains(to look at today)",
        },
        {
            content: "open it",
            trigger:
                "[name=ccm_check_in_ids] .o_data_row:contains(Red flag) button:contains(Details)",
            run: "click",
        },
        {
            content: "the marked answer, and the patient's own words",
            trigger: ".o_data_row.text-danger:contains(Clearly more than usual):contains(Red flag)",
        },
        {
            content: "are all there",
            trigger: ".o_data_row:contains(My shoes do not fit)",
        },
        {
            content: "it was looked at",
            trigger: ".o_statusbar_buttons button:contains(Reviewed)",
            run: "click",
        },
        {
            content: "by whom",
            trigger: ".o_field_widget[name=ccm_reviewed_by_id]:contains(Nurse)",
        },
    ],
});
