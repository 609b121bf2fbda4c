// What the tours of Chronic Care have in common: the moves of a person at the screen.

import {stepUtils} from "@web_tour/tour_utils";

export const field = (name) => `.o_field_widget[name=${name}]`;

/** Go through the menu, as everybody begins the day. */
export function openWorklist() {
    return [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the Chronic Care app",
            trigger: ".o_app[data-menu-xmlid='ccm_module.menu_ccm_root']",
            run: "click",
        },
        {
            content: "it opens on the month's work",
            trigger: ".o_breadcrumb:contains(This Month)",
        },
    ];
}

/** Go through the menu on to the list of all patients. */
export function openApp() {
    return [
        ...openWorklist(),
        ...openMenu("menu_ccm_patients", "menu_ccm_patient_list"),
        {
            content: "all patients are listed",
            trigger: ".o_breadcrumb:contains(Patients)",
        },
    ];
}

/** Open an entry of one of the app's drop-down menus. */
export function openMenu(menu, item) {
    return [
        {
            content: `open the menu ${menu}`,
            trigger: `.o_menu_sections button[data-menu-xmlid='ccm_module.${menu}']`,
            run: "click",
        },
        {
            content: `choose ${item}`,
            trigger: `.o-dropdown-item[data-menu-xmlid='ccm_module.${item}']`,
            run: "click",
        },
    ];
}

export function openPatient(name) {
    return [
        {
            content: `open ${name} in the list`,
            trigger: `.o_list_view .o_data_cell[name=complete_name]:contains(${name})`,
            run: "click",
        },
        {
            content: "the patient opens on her care",
            trigger: ".o_form_view .nav-link[name=ccm_overview].active",
        },
    ];
}

export function openPage(name) {
    return [
        {
            content: `turn to the page ${name}`,
            trigger: `.o_form_view .nav-link[name=${name}]`,
            run: "click",
        },
        {
            content: `the page ${name} shows`,
            trigger: `.o_form_view .nav-link[name=${name}].active`,
        },
    ];
}

/** Type into a field that offers a drop-down, and take what it offers. */
export function pick(where, text, offered) {
    return [
        {
            content: `type ${text}`,
            trigger: `${where} input`,
            run: `edit ${text}`,
        },
        {
            content: `take ${offered}`,
            trigger: `.o-autocomplete--dropdown-item:contains(${offered})`,
            run: "click",
        },
    ];
}

export function save() {
    return [
        {
            content: "save",
            trigger: ".o_form_button_save:visible",
            run: "click",
        },
        {
            content: "everything is saved",
            trigger: ".o_form_view .o_form_saved",
        },
    ];
}

export function goBack(name) {
    return [
        {
            content: `go back to ${name}`,
            trigger: `.o_breadcrumb .breadcrumb-item:contains(${name}) a, .o_back_button:contains(${name})`,
            run: "click",
        },
        {
            content: `${name} is open`,
            trigger: `.o_breadcrumb .o_last_breadcrumb_item:contains(${name})`,
        },
    ];
}

/** Tick, in the consent dialog, what was told. */
export function tellFourPoints() {
    return ["available", "cost_sharing", "one_practitioner", "may_stop"].flatMap((point) => [
        {
            content: `tell: ${point}`,
            trigger: `.modal ${field(`told_${point}`)} input`,
            run: "click",
        },
        {
            content: `${point} is ticked`,
            trigger: `.modal ${field(`told_${point}`)} input:checked`,
        },
    ]);
}

export const noDialog = {
    content: "the dialog has gone",
    trigger: "body:not(:has(.modal))",
};

// --- the timer ---

export const startTimer = {
    content: "start the timer",
    trigger: "button[name=ccm_timer_start]:visible",
    run: "click",
};

/** It runs, and not only since this very second: a timer of no second leaves nothing. */
export const timerRuns = {
    content: "it runs",
    trigger: ".o_ccm_timer:has(button[name=ccm_timer_stop]) [role=timer]:not(:contains(/^0:00$/))",
};

export const stopTimer = {
    content: "stop the timer",
    trigger: "button[name=ccm_timer_stop]",
    run: "click",
};

/** Answer the dialog that asks what was done. */
export function sayWhatWasDone(outcome, note) {
    return [
        {
            content: `the outcome is ${outcome}`,
            trigger: `.modal label:contains(${outcome})`,
            run: "click",
        },
        {
            content: "what was done",
            trigger: ".modal textarea",
            run: `edit ${note}`,
        },
        {
            content: "save it",
            trigger: "button[name=ccm_describe_save]",
            run: "click",
        },
        noDialog,
    ];
}
