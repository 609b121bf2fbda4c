// The month: the nurse gives the copy, calls with the timer, logs by hand; on a phone as well.

import {formatDateTime, parseDateTime} from "@web/core/l10n/dates";
import {
    field,
    goBack,
    noDialog,
    openApp,
    openPage,
    openPatient,
    pick,
    sayWhatWasDone,
    startTimer,
    stopTimer,
    timerRuns,
} from "./tour_steps";
import {registry} from "@web/core/registry";

const saveDialog = {
    content: "save the dialog",
    trigger: ".modal-footer button:contains(Save)",
    run: "click",
};

/**
 * Enter a moment counted from the one that Start shows, which is the server's now.
 *
 * @param {String} name the field
 * @param {Object} shift what luxon adds to Start
 */
function enterMoment(name, shift) {
    return [
        {
            content: `click into ${name}`,
            trigger: `.modal ${field(name)} [data-field=${name}]`,
            run: "click",
        },
        {
            content: `enter ${name}`,
            trigger: `.modal ${field(name)} input[data-field=${name}]`,
            async run(helpers) {
                const shown = document.querySelector(".modal [data-field=start]");
                const start = parseDateTime(shown.dataset.tooltip || shown.value);
                await helpers.edit(formatDateTime(start.plus(shift)));
                await helpers.press("Enter");
            },
        },
    ];
}

registry.category("web_tour.tours").add("ccm_call_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...openPatient("Rosa Alvarez"),
        ...openPage("ccm_care_plan"),
        {
            content: "open the approved plan",
            trigger: `${field("ccm_care_plan_ids")} .o_data_row button:contains(Details)`,
            run: "click",
        },
        {
            content: "the patient got her copy",
            trigger: ".o_form_statusbar button:contains(Give Copy)",
            run: "click",
        },
        {
            content: "record it",
            trigger: ".modal-footer button:contains(Record and Open)",
            run: "click",
        },
        noDialog,
        {
            content: "on paper, today",
            trigger: `${field("copy_way")}:has(:contains(On paper), :value(On paper))`,
        },
        ...goBack("Rosa Alvarez"),
        ...openPage("ccm_overview"),
        startTimer,
        timerRuns,
    ],
});

registry.category("web_tour.tours").add("ccm_log_tour", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...openPatient("Rosa Alvarez"),
        stopTimer,
        {
            content: "the dialog asks what was done, and shows the time",
            trigger: ".modal .o_ccm_clock:contains(25:)",
        },
        ...sayWhatWasDone("Reached", "Weekly call; cuff readings down"),
        {
            content: "the minutes count",
            trigger: `${field("ccm_next_seconds")}:contains(25 min)`,
        },
        {
            content: "a first code is reached",
            trigger: `${field("ccm_month_code")}:contains(99490)`,
        },
        {
            content: "and the next one is told, with the minutes to it",
            trigger: `${field("ccm_next_seconds")}:contains(to 99439)`,
        },

        // Yesterday's medication review. Stop comes out before Start at first.
        {
            content: "log time by hand",
            trigger: "button[name=action_ccm_add_time]",
            run: "click",
        },
        ...pick(`.modal ${field("type_id")}`, "Medic", "Medication review"),
        ...enterMoment("start", {days: -1}),
        ...enterMoment("stop", {minutes: -15}),
        {
            content: "why by hand",
            trigger: `.modal ${field("reason")} input`,
            run: "edit Logged after the pharmacy called back",
        },
        {
            content: "what was done",
            trigger: `.modal ${field("note")} textarea`,
            run: "edit Metformin dose confirmed with the pharmacy",
        },
        saveDialog,
        {
            content: "the message says what to correct",
            trigger: ".modal:contains(Stop must be later than Start)",
        },
        {
            content: "close the message",
            trigger:
                ".o_error_dialog .modal-footer button, .modal .modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "nothing of the form is lost",
            trigger: `.modal ${field("reason")} input:value(Logged after the pharmacy called back)`,
        },
        {
            content: "the note is there as well",
            trigger: `.modal ${field("note")} textarea:value(Metformin dose confirmed with the pharmacy)`,
        },
        ...enterMoment("stop", {minutes: 15}),
        saveDialog,
        noDialog,
        {
            content: "forty minutes",
            trigger: `${field("ccm_next_seconds")}:contains(40 min)`,
        },
        {
            content: "a unit more",
            trigger: `${field("ccm_month_code")}:contains(99490 + 99439)`,
        },
        {
            content: "nothing but minutes could be missing",
            trigger: ".alert:contains(Nothing is missing for this month's bill)",
        },
        ...openPage("ccm_time"),
        {
            content: "both entries are listed",
            trigger: `${field("ccm_activity_ids")} .o_data_row:contains(Medication review) ~ .o_data_row, ${field("ccm_activity_ids")} .o_data_row ~ .o_data_row:contains(Medication review)`,
        },
    ],
});

// At the width of a phone.
registry.category("web_tour.tours").add("ccm_phone_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        {
            content: "find the patient",
            trigger: ".o_kanban_record:contains(Rosa Alvarez)",
            run: "click",
        },
        {
            content: "the patient opens on her care",
            trigger: ".o_form_view .nav-link[name=ccm_overview].active",
        },
        {
            content: "the timer is on the screen, and nothing is wider than it",
            trigger: "button[name=ccm_timer_start]:visible",
            run() {
                const form = document.querySelector(".o_form_view .o_content");
                if (form.scrollWidth > form.clientWidth) {
                    throw new Error(`The form is ${form.scrollWidth} px wide`);
                }
                if (this.anchor.getBoundingClientRect().bottom > window.innerHeight) {
                    throw new Error("One has to scroll to the timer");
                }
            },
        },
        startTimer,
        timerRuns,
        stopTimer,
        ...sayWhatWasDone("Reached", "Called from the car"),
        {
            content: "the timer can be started again",
            trigger: "button[name=ccm_timer_start]:visible",
        },
    ],
});
