// The day a patient joins: the nurse enters and enrolls her.

import {
    field,
    goBack,
    noDialog,
    openApp,
    openPage,
    openPatient,
    pick,
    save,
    tellFourPoints,
} from "./tour_steps";
import {registry} from "@web/core/registry";

const conditions = field("ccm_condition_ids");
const visits = field("ccm_visit_ids");

function addCondition(position, code) {
    const row = `${conditions} .o_data_row:nth-child(${position}).o_selected_row`;
    return [
        {
            content: "add a condition",
            trigger: `${conditions} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        ...pick(`${row} ${field("diagnosis_id")}`, code, code),
        {
            content: "a code on AHRQ's list lasts twelve months or more",
            trigger: `${row} ${field("lasts_12_months")} input:checked`,
        },
        {
            content: "it is a significant risk",
            trigger: `${row} ${field("significant_risk")} input`,
            run: "click",
        },
        {
            content: "the risk is ticked",
            trigger: `${row} ${field("significant_risk")} input:checked`,
        },
    ];
}

registry.category("web_tour.tours").add("ccm_enroll_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        {
            content: "a new patient",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "her name",
            trigger: `${field("name")} input:visible, ${field("name")} textarea:visible`,
            run: "edit Rosa Alvarez",
        },
        {
            content: "she is on the program's list already",
            trigger: `${field("is_ccm_patient")} input:checked`,
        },
        {
            content: "her birth date",
            trigger: `${field("ccm_birthdate")} input`,
            run: "edit 05/02/1948 && press Tab",
        },
        {
            content: "her Medicare number, as on the card",
            trigger: `${field("ccm_mbi")} input`,
            run: "edit 1eg4-te5-mk73",
        },
        ...pick(field("ccm_payer_id"), "Medicare Part", "Medicare Part B"),
        ...openPage("ccm_conditions"),
        ...addCondition(1, "I10"),
        ...addCondition(2, "E11.9"),
        ...save(),
        {
            content: "the number is kept as claims carry it",
            trigger: `${field("ccm_mbi")} input:value(1EG4TE5MK73)`,
        },
        {
            content: "both conditions count",
            trigger: `${field("ccm_condition_count")}:contains(2)`,
        },

        // The nurse reads her the text; she agrees, and is enrolled with it.
        ...openPage("ccm_enrollment"),
        {
            content: "the page says where she stands",
            trigger: `${field("ccm_why")}:contains(No visit is on record)`,
        },
        {
            content: "read her the text",
            trigger: "button:contains(Get Consent and Enroll):visible",
            run: "click",
        },
        {
            content: "the text to read aloud is there, each point beside its tick",
            trigger: `.modal ${field("text_may_stop")}:contains(You may stop at any time)`,
        },
        ...pick(`.modal ${field("practitioner_id")}`, "Doct", "Doctor"),
        ...tellFourPoints(),
        {
            content: "she agrees",
            trigger: ".modal-footer button:contains(Record Consent and Enroll):visible",
            run: "click",
        },
        noDialog,
        {
            content: "the enrollment is on the patient, at the page where the nurse was",
            trigger: `${field("ccm_enrollment_ids")} .o_data_row:contains(Active)`,
        },
        {
            content: "she is in the program",
            trigger: `${field("ccm_standing")}:contains(Enrolled)`,
        },
        ...openPage("ccm_consent"),
        {
            content: "the consent is on record",
            trigger: `${field("ccm_consent_ids")} .o_data_row:contains(Doctor):contains(Given)`,
        },
        ...openPage("ccm_enrollment"),
        {
            content: "record the visit at which the program was discussed",
            trigger: `${visits} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            content: "with her billing practitioner",
            trigger: `${visits} .o_selected_row ${field("practitioner_id")} input:value(Doctor)`,
        },
        {
            content: "the program was discussed",
            trigger: `${visits} .o_selected_row ${field("ccm_discussed")} input`,
            run: "click",
        },
        {
            content: "that is ticked",
            trigger: `${visits} .o_selected_row ${field("ccm_discussed")} input:checked`,
        },
        ...save(),
        ...openPage("ccm_overview"),
        {
            content: "the care plan is what is missing",
            trigger: `${field("ccm_missing")}:contains(care plan)`,
        },
    ],
});
