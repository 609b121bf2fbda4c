// The timer as a nurse lives with it: a call, two devices, a reload, a forgotten timer, another
// patient in between, and a network that goes away.

import {formatDateTime} from "@web/core/l10n/dates";
import {
    field,
    noDialog,
    openPatient,
    openWorklist,
    sayWhatWasDone,
    startTimer,
    stopTimer,
    timerRuns,
} from "./tour_steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const menu = ".o_ccm_timer_toggle";

/** Open a patient of the list that the tour begins on. */
const open = (name) => openPatient(name);

const backToPatients = [
    {
        content: "back to the patients",
        trigger: ".o_breadcrumb a:contains(Patients), .o_back_button:contains(Patients)",
        run: "click",
    },
    {content: "the list", trigger: ".o_list_view"},
];

function describeFromMenu(name) {
    return [
        {content: "one is to be described", trigger: `${menu} .badge:contains(1)`},
        {content: "open the timer's menu", trigger: menu, run: "click"},
        {
            content: `describe ${name}`,
            trigger: `.o_ccm_timer_entry:contains(${name}) button:contains(Describe)`,
            run: "click",
        },
    ];
}

let clicks = 0;

tours.add("ccm_timer_call_tour", {
    url: "/odoo",
    steps: () => [
        ...openWorklist(),
        {
            content: "from here on the clicks are counted",
            trigger: ".o_data_row:contains(Rosa Alvarez)",
            run() {
                document.addEventListener("pointerdown", () => clicks++, true);
            },
        },
        {
            content: "1: start from the list",
            trigger: ".o_data_row:contains(Rosa Alvarez) button[name=action_start]",
            run: "click",
        },
        {
            content: "her form opens, and the timer runs",
            trigger: ".o_form_view .o_breadcrumb, .o_form_view:contains(Rosa Alvarez)",
        },
        timerRuns,
        {...stopTimer, content: "2: stop"},
        {
            content: "the note has the focus",
            trigger: ".modal textarea:focus",
        },
        {
            content: "what was done is typed",
            trigger: ".modal textarea",
            run() {
                this.anchor.value = "Cuff readings down";
                this.anchor.dispatchEvent(new Event("input", {bubbles: true}));
            },
        },
        {
            content: "3: the outcome",
            trigger: ".modal label:contains(Reached)",
            run: "click",
        },
        {
            content: "4: save",
            trigger: "button[name=ccm_describe_save]",
            run: "click",
        },
        noDialog,
        {
            content: "four clicks and no more",
            trigger: "button[name=ccm_timer_start]",
            run() {
                if (clicks !== 4) {
                    throw new Error(`It took ${clicks} clicks`);
                }
            },
        },
    ],
});

tours.add("ccm_timer_devices_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        ...open("Rosa Alvarez"),
        startTimer,
        // The phone, at work in the test: it sees the timer and pauses it.
        {
            content: "paused on the phone, it is paused here, with nobody touching anything",
            trigger: ".o_ccm_timer:has(button[name=ccm_timer_resume]):contains(Paused)",
        },
        {
            content: "and in the top bar",
            trigger: `${menu}[title='Care timer, paused']`,
        },
        {content: "go on here", trigger: "button[name=ccm_timer_resume]", run: "click"},
        // The phone sees that as well, and stops it.
        {
            content: "stopped on the phone, it is to be described here",
            trigger: `${menu} .badge:contains(1)`,
        },
        {content: "it can be started again", trigger: "button[name=ccm_timer_start]"},
        ...describeFromMenu("Rosa Alvarez"),
        ...sayWhatWasDone("Left a message", "Spoke to the machine"),
        {content: "nothing waits any more", trigger: `${menu}:not(:has(.badge))`},
    ],
});

tours.add("ccm_timer_reload_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        ...open("Rosa Alvarez"),
        startTimer,
        timerRuns,
        {
            content: "begin the note during the call",
            trigger: ".o_ccm_timer_note textarea",
            run: "edit Feet: no sores",
        },
        {content: "it is kept", trigger: ".o_ccm_timer_kept:contains(/^Saved$/)"},
        {content: "the page has loaded all it loads", trigger: ".o-mail-Chatter .o-mail-Message"},
        {
            content: "the page is loaded anew in the middle of the call",
            trigger: ".o_form_view",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        timerRuns,
        {
            content: "the note is there",
            trigger: ".o_ccm_timer_note textarea:value(Feet: no sores)",
        },
        stopTimer,
        {
            content: "in the dialog as well",
            trigger: ".modal textarea:value(Feet: no sores)",
        },
        {
            content: "closed without an outcome, nothing is lost",
            trigger: ".modal .btn-close",
            run: "click",
        },
        noDialog,
        ...describeFromMenu("Rosa Alvarez"),
        {
            content: "the draft came along",
            trigger: ".modal textarea:value(Feet: no sores)",
        },
        ...sayWhatWasDone("Reached", "Feet: no sores. Shoes too tight"),
    ],
});

tours.add("ccm_timer_forgotten_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        {
            content: "on opening Odoo she is asked what really happened",
            trigger: ".modal:contains(What really happened?):contains(Rosa Alvarez)",
        },
        {
            content: "she worked until a certain time",
            trigger: `.modal ${field("answer")} input[type=radio]:first`,
            run: "click",
        },
        {
            content: "into the time",
            trigger: `.modal ${field("until")} [data-field=until]`,
            run: "click",
        },
        {
            content: "four hours ago",
            trigger: `.modal ${field("until")} input[data-field=until]`,
            async run(helpers) {
                const until = luxon.DateTime.now().minus({hours: 4});
                await helpers.edit(formatDateTime(until));
                await helpers.press("Enter");
            },
        },
        {
            content: "save",
            trigger: ".modal-footer button[name=action_apply]",
            run: "click",
        },
        noDialog,
        ...describeFromMenu("Rosa Alvarez"),
        ...sayWhatWasDone("Reached", "Weekly call"),
        {content: "nothing waits any more", trigger: `${menu}:not(:has(.badge))`},
    ],
});

tours.add("ccm_timer_switch_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        ...open("Rosa Alvarez"),
        startTimer,
        timerRuns,
        ...backToPatients,
        ...open("Ben Other"),
        {
            content: "opening another patient touches nothing",
            trigger: ".o_ccm_timer_elsewhere:contains(Rosa Alvarez)",
        },
        startTimer,
        {
            content: "she is asked, and answers with one click",
            trigger: ".modal:contains(Rosa Alvarez) button[name=ccm_switch_stop]",
            run: "click",
        },
        noDialog,
        timerRuns,
        ...describeFromMenu("Rosa Alvarez"),
        ...sayWhatWasDone("No answer", "Rang twice"),
        stopTimer,
        ...sayWhatWasDone("Reached", "Called back about the pills"),
    ],
});

tours.add("ccm_timer_network_tour", {
    url: "/odoo/ccm-patients",
    steps: () => [
        ...open("Rosa Alvarez"),
        startTimer,
        timerRuns,
        stopTimer,
        {
            content: "the outcome",
            trigger: ".modal label:contains(Reached)",
            run: "click",
        },
        {
            content: "the note; and the network goes away",
            trigger: ".modal textarea",
            async run(helpers) {
                await helpers.edit("Told her about the new cuff");
                console.info("ccm network: off");
                const isThere = () =>
                    fetch("/web/static/img/favicon.ico", {cache: "no-store"}).then(
                        () => true,
                        () => false,
                    );
                while (await isThere()) {
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
            },
        },
        {
            content: "save",
            trigger: "button[name=ccm_describe_save]",
            run: "click",
        },
        {
            content: "the dialog says so, and stays as it is",
            trigger: ".modal [role=alert]:contains(There is no connection)",
        },
        {
            content: "with what was typed",
            trigger: ".modal textarea:value(Told her about the new cuff)",
        },
        {
            content: "the network comes back",
            trigger: ".modal",
            run: () => console.info("ccm network: on"),
        },
        {...noDialog, timeout: 30000},
        {content: "nothing waits any more", trigger: `${menu}:not(:has(.badge))`},
    ],
});
