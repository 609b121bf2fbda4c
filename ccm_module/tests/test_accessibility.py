"""Every screen of ours can be read and used by everybody: WCAG 2.1 AA, measured in Chromium.

axe-core (as dev/setup fetched it) looks at each screen in light and in dark colors, at a desk's size
and at a phone's. What a screen reader would say is read from Chromium's own accessibility tree:
nothing that can have the focus may be without a name. Nor may a page be wider than a phone, or write
an error to the console.
"""

import json
import os
import unittest
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import groupby
from odoo.tools.safe_eval import safe_eval

from .browser import DARK_ASSET, DESKTOP, PHONE, BrowserCase

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("CCM_STATE") or ROOT / ".state")
AXE = STATE / "node/node_modules/axe-core/axe.min.js"


# === SCREENS ===
# Each menu of the app is looked at without being named here: all its views, and the form of a record.
# Here is what only a button opens, and what looks different for another person.


class Screen(NamedTuple):
    name: str
    login: str
    model: str
    record: str  # which of the test's records; "" is a new one
    method: str = ""  # the button's: opens what it returns
    clicks: tuple = ()  # selectors


STOP = ("button[name=ccm_timer_start]", "button[name=ccm_timer_stop]")
SCREENS = (
    # the patient's form, as different people see it
    Screen("patient", "ccm_nurse", "res.partner", "patient"),
    Screen("new patient", "ccm_nurse", "res.partner", ""),
    # the timer
    Screen("timer at rest", "ccm_nurse", "res.partner", "patient", clicks=(".o_ccm_timer_toggle",)),
    Screen("attempt to reach", "ccm_nurse", "res.partner", "patient", "action_ccm_log_attempt"),
    Screen("time by hand", "ccm_nurse", "res.partner", "patient", "action_ccm_add_time"),
    Screen("correction of time", "ccm_nurse", "ccm.activity", "entry", "action_correct"),
    # enrollment
    Screen("guided consent", "ccm_nurse", "res.partner", "candidate", "action_ccm_guide"),
    Screen("consent", "ccm_nurse", "ccm.consent", "draft"),
    Screen("withdrawal of consent", "ccm_nurse", "ccm.consent", "consent", "action_revoke"),
    Screen("end of an enrollment", "ccm_nurse", "ccm.enrollment", "enrollment", "action_end"),
    # the worklist
    Screen("bulk assignment", "ccm_nurse", "ccm.month", "month", "action_assign"),
    Screen("bulk schedule", "ccm_nurse", "ccm.month", "month", "action_schedule"),
    # the care plan
    Screen("new care plan", "ccm_nurse", "ccm.care.plan.start", ""),
    Screen("care plan to write", "ccm_nurse", "ccm.care.plan", "plan"),
    Screen("copy of the care plan", "ccm_nurse", "ccm.care.plan", "signed", "action_give_copy"),
    Screen("stop dialog", "ccm_nurse", "res.partner", "patient", clicks=STOP),
    # a timer that was forgotten
    Screen("timer running", "ccm_doctor", "res.partner", "talking"),
    Screen("timer menu", "ccm_doctor", "res.partner", "patient", clicks=(".o_ccm_timer_toggle",)),
    Screen("timer forgotten", "ccm_doctor", "ccm.activity", "forgotten", "action_ask"),
)
# Opened by the menus through a server action, which says nothing of its views, or from a document.
OTHER_ACTIONS = (
    "ccm_module.ccm_month_action_work",
    "ccm_module.ccm_close_action",
    "ccm_module.ccm_close_action_months",
    "ccm_module.ccm_close_action_blockers",
)


# === WHAT ODOO ITSELF DOES ===
# By rule and element: each is a fault of Odoo 19 on pages of its own as well. The classes are those of
# Odoo's own widgets, which nothing of ours bears.

CORE = (
    # the page
    ("html-has-lang", "html", "the web client's page says no language"),
    ("meta-viewport", "meta[name=viewport]", "Odoo forbids to zoom on phones"),
    # the bar on top and the control panel
    ("aria-required-children", ".o_main_navbar [role=menu]", "bars called menus"),
    ("aria-required-parent", ".o_main_navbar .o_menu_brand", "the app's name, called an entry"),
    ("link-name", ".o_main_navbar .o_menu_toggle", "the burger on phones"),
    ("image-alt", ".o-mail-Avatar > img", "the user's picture"),
    ("aria-allowed-attr", ".o_searchview, .o_searchview_input, .o_searchview_facet", "the search"),
    ("aria-required-parent", ".o_searchview_facet", "a filter in the search"),
    ("aria-command-name", ".o_searchview_facet_label", "its icon"),
    ("role-img-alt", ".o_searchview i", "icons in the search"),
    ("role-img-alt", ".o_searchview_facet_label", "the icon of a grouping in the search"),
    ("button-name", ".o_control_panel_navigation > .btn:has(.fa-search)", "the search on phones"),
    ("button-name", ".o_cp_switch_buttons > .dropdown-toggle", "the choice of views on phones"),
    ("button-name", ".o_back_button", "the way back on phones"),
    # views
    ("button-name", ".o_optional_columns_dropdown > .dropdown-toggle", "the choice of columns"),
    ("label", ".o_list_record_selector input, .o_list_renderer .o_boolean_toggle input", "ticks"),
    ("label", ".o_data_cell .o-checkbox > input", "a tick in a column, which the column names"),
    ("aria-required-parent", ".o_notebook_headers .nav-link", "tabs outside of a list of tabs"),
    ("button-name", ".oe_stat_button .o_button_more, .o_button_more", "more buttons, on phones"),
    ("color-contrast", ".o_form_label, .o_form_label *", "labels of fields on phones are gray"),
    ("color-contrast", ".o_address_format ~ *, [name=type_address_label] span", "and the address'"),
    ("color-contrast", "tr.text-muted > td, tr.text-muted > td *", "rows of less weight"),
    ("color-contrast", ".o_field_badge > .text-bg-success", "white on green in a badge"),
    ("color-contrast", ".o_field_badge > .text-bg-info", "white on blue in a badge"),
    ("color-contrast", ".o_activity_view .o_record_selector", "a link in the view of activities"),
    ("scrollable-region-focusable", ".o_content, .o_pivot", "a view wider than the screen"),
    (
        "color-contrast",
        ".o_pivot th, .o_pivot th *, .o_pivot td *",
        "a pivot table has no dark colors",
    ),
    ("color-contrast", ".o_activity_view .o_activity_view_table *", "the view of activities"),
    ("aria-required-children", ".o-dropdown--menu", "what drops down is called a menu"),
    ("aria-command-name", ".o_bottom_sheet_handle", "the handle of what drops down on phones"),
    ("label", ".o_calendar_filter_items_checkall input", "all of the calendar's filters"),
    ("label-content-name-mismatch", ".fc-day", "a day of the calendar"),
    ("link-name", "a.fc-event:not([href])", "what is in the calendar: a link that leads nowhere"),
    ("button-name", ".o_sidebar_toggler > .btn", "the calendar's side panel"),
    # fields
    ("label", ".o_field_widget[name=peppol_endpoint] input", "Invoicing's field on a contact"),
    ("aria-allowed-attr", ".o-autocomplete--input", "the field that offers a drop-down"),
    ("aria-allowed-attr", ".o_tag", "a tag"),
    ("aria-allowed-attr", ".o_select_menu > .dropdown-toggle", "what wraps a choice"),
    ("color-contrast", ".o_date_item_cell.text-muted > div", "the next month's days in a calendar"),
    ("link-name", ".o_field_url .o_form_uri[href='']", "an empty link"),
    ("autocomplete-valid", ".o_select_menu_input", "the field of a choice"),
    ("role-img-alt", ".o-mail-ActivityButton i", "the clock of activities"),
    ("aria-allowed-attr", ".o_progressbar .o_progress", "the bar of progress"),
    # the chatter
    ("aria-prohibited-attr", ".o-mail-Message-avatarContainer", "who wrote"),
    ("image-alt", ".o-mail-Message-avatar", "who wrote"),
    ("color-contrast", ".o-mail-Message-date, .o-mail-DateSection span", "when"),
    ("role-img-alt", ".o-mail-Chatter-topbar i", "icons"),
    ("aria-command-name", ".o-mail-Activity-avatarContainer", "whose activity"),
    ("image-alt", ".o-mail-Activity-avatar", "whose activity"),
    ("color-contrast", ".o-mail-Activity *", "an activity's day and buttons: 4.44"),
)

# While a dialog is open, nobody reaches the page behind it: that is looked at by itself.
AXE_RUN = """
    axe.run(document.querySelector('.modal') || WHERE, {
        runOnly: RULES,
        resultTypes: ['violations'],
        elementRef: true,
    }).then(({violations}) => violations.flatMap(({id, nodes}) => nodes
        .filter(({element}) => !CORE.some(([rule, where]) => rule === id && element.matches(where)))
        .map(({element, target, html, any, all, none}) => [
            id, element.closest('[name]')?.getAttribute('name') || target.join(' '),
            html.slice(0, 240),
            [...any, ...all, ...none].map((check) => check.message).join('; ').slice(0, 160),
        ].join(' | '))
    ))
"""

TABS = ".o_notebook_headers .nav-link[name]"

# The second color changes nothing but the contrast.
RULES = {"light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "dark": ["color-contrast"]}
COLORS = tuple(RULES)

# Wider than its window is a page that has to be moved sideways to be read.
TOO_WIDE = """
    ['html', '.o_form_view', '.o_action_manager .o_form_sheet', '.modal-body']
        .flatMap((where) => [...document.querySelectorAll(where)])
        .filter((node) => node.scrollWidth > node.clientWidth + 1)
        .map((node) => `wider than the screen | ${node.tagName}.${node.className} ${node.scrollWidth}`)
"""

# What has no name for a screen reader, of what can be reached by keyboard. Chromium's tree of names
# knows no classes, so its elements are asked for themselves.
DESCRIBE = """
    function () {
        const isCore = CORE.some(([rule, where]) => /name|label/.test(rule) && this.matches(where));
        const isBehind = document.querySelector('.modal') && !this.closest('.modal');
        const isSaid = this.innerText?.trim() && !this.matches('button, a, input, select, textarea');
        return this.tabIndex < 0 || isCore || isSaid || isBehind ? '' : `name | ${this.outerHTML.slice(0, 240)}`;
    }
"""


@tagged("post_install", "-at_install")
class TestAccessibility(BrowserCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not AXE.exists():
            raise unittest.SkipTest(f"axe-core is not at {AXE}; dev/setup --tests brings it")
        cls.axe = AXE.read_text()
        cls.env["ir.asset"].create(DARK_ASSET)
        cls.patient_form = cls.env.ref("ccm_module.res_partner_view_form_ccm")
        cls.records = cls._make_records()

    @classmethod
    def _make_records(cls):
        """Return the records that the screens show, by name."""
        now = fields.Datetime.now()
        day = (now - timedelta(days=2)).date().isoformat()
        patient = cls.make_ready_patient(day=day, name="Rosa Alvarez", ccm_mrn="MRN-7")
        cls.make_plan(patient)
        entry = cls.log(patient, now - timedelta(hours=2), note="Went through the plan")
        cls.env["ccm.reading"].create(
            [
                {
                    "partner_id": patient.id,
                    "type_id": cls.env.ref("ccm_module.reading_type_blood_pressure").id,
                    "taken_at": fields.Datetime.now() - timedelta(days=days),
                    "value": value,
                    "diastolic": 80,
                }
                for days, value in ((3, 128), (2, 135), (1, 170))
            ]
        )
        talking = cls.make_ready_patient(day=day, name="Walter Kim", ccm_mrn="MRN-8")
        activities = cls.env["ccm.activity"].with_user(cls.doctor)
        with freeze_time(now - timedelta(hours=20)):
            activities.action_start_timer(talking.id)
        blocked = cls.make_patient(name="Ann Short", ccm_mrn="MRN-9")
        cls._make_decision()
        cls._make_stopped_close(patient.ccm_month_ids[:1])
        return {
            "": cls.env["res.partner"],
            "patient": patient,
            "talking": talking,
            "candidate": cls.make_patient(name="Sam Newcomer", ccm_mrn="MRN-10"),
            "entry": entry,
            "forgotten": talking.ccm_activity_ids,
            "draft": cls.make_consent(blocked),
            "consent": patient.ccm_consent_ids,
            "enrollment": patient.ccm_enrollment_ids,
            "month": patient.ccm_month_ids[:1],
            "plan": patient.ccm_care_plan_ids.filtered(lambda plan: plan.state == "draft"),
            "signed": patient.ccm_care_plan_ids.filtered(lambda plan: plan.state == "approved"),
        }

    @classmethod
    def _make_decision(cls):
        """Leave the record of a bill; its invoice, whose form is Odoo's own, is undone."""
        billed = cls.make_ready_patient(day="2026-06-01", name="Ines Billed", ccm_mrn="MRN-11")
        cls.log(billed, "2026-07-07 15:00:00", minutes=61)
        cls.log(billed, "2026-07-08 15:00:00", minutes=31, user=cls.doctor)
        with freeze_time("2026-08-03 15:00:00"):
            month = cls.env["ccm.month"]._refresh("2026-07-01", billed)
            month.action_invoice()
        month.move_id.unlink()
        month.action_make_packets()
        packet = cls.env["ccm.audit.packet"].search([])
        packet.write({"state": "failed", "message": "This server cannot make PDFs."})
        packet.line_ids.write({"state": "failed", "message": "Its record could not be printed."})

    @classmethod
    def _make_stopped_close(cls, month):
        """Make the document of a month whose close was stopped, with one bill that failed."""
        close = cls.env["ccm.close"]._ensure(cls.company, [month.month])
        close.write(
            {"state": "stopped", "run": 1, "total_count": 9, "started_on": month.decided_on}
        )
        batch = {"done_count": 4, "failed_count": 1, "amount": 264.52, "run": 1}
        batch |= {"begun_on": month.decided_on, "ended_on": month.decided_on}
        month.failed_batch_id = close.batch_ids.create({"close_id": close.id, **batch})
        month.error_message = "The receivable account is archived: choose another."

    # --- what is measured -------------------------------------------------------------------------

    def problems(self, page, scheme, where="html"):
        """Return what is wrong with that part of the page as it is, one line each."""
        core = json.dumps([line[:2] for line in CORE])
        page.color(scheme)
        script = AXE_RUN.replace("CORE", core).replace("RULES", json.dumps(RULES[scheme]))
        found = page.run(script.replace("WHERE", json.dumps(where)))
        if scheme == COLORS[0]:  # the rest has no color
            found += [*page.run(TOO_WIDE), *self.nameless(page, DESCRIBE.replace("CORE", core))]
        if page.errors():
            found.append(f"console | {page.errors()[:300]}")
            page.forget_errors()
        return found

    def nameless(self, page, describe):
        for node in page.call("Accessibility.getFullAXTree")["nodes"]:
            focusable = any(one["name"] == "focusable" for one in node.get("properties", ()))
            if focusable and not node["ignored"] and not node["name"]["value"].strip():
                element = page.call("DOM.resolveNode", backendNodeId=node["backendDOMNodeId"])
                answer = page.call(
                    "Runtime.callFunctionOn",
                    functionDeclaration=describe,
                    objectId=element["object"]["objectId"],
                    returnByValue=True,
                )
                if found := answer["result"].get("value"):
                    yield found

    def look(self, page, name, seen, has_tabs=False):
        """Measure the page in both colors; return how many screens that were.

        :param dict seen: gathers the problems, and where they are
        :param bool has_tabs: measure each page of the form's notebook
        """
        tabs = has_tabs and page.run(
            f"[...document.querySelectorAll({json.dumps(TABS)})].map(tab => tab.name)"
        )
        for number, tab in enumerate(tabs or [""]):
            if tabs and len(tabs) > 1:
                page.click(f"{TABS}[name={tab}]")
            where = ".o_notebook_content" if number else "html"
            for scheme in COLORS:
                for problem in self.problems(page, scheme, where):
                    seen.setdefault(problem, []).append(f"{name} {tab} {scheme}")
            page.color(COLORS[0])
        return len(tabs or [""])

    def report(self, seen, looked):
        self.measured = f"accessibility: {looked} screens in {' and '.join(COLORS)} colors"
        text = "\n\n".join(f"{what}\n   in {', '.join(where)}" for what, where in seen.items())
        self.assertFalse(seen, f"{len(seen)} problems:\n{text}")
        self.assertTrue(looked)

    def open_app(self, page, size):
        page.size(*size)
        page.open("/odoo/ccm-patients")
        page.run(f"{self.axe};0")

    # --- the screens ------------------------------------------------------------------------------

    def test_every_menu(self):
        app = self.env.ref("ccm_module.menu_ccm_root")
        menus = self.env["ir.ui.menu"].search([("id", "child_of", app.id)])
        visible = menus.with_user(self.manager)._visible_menu_ids()
        actions = [menu.action for menu in menus if menu.id in visible and menu.action]
        actions += [self.env.ref(xml_id) for xml_id in OTHER_ACTIONS]
        # found out beforehand: while the browser is open, the database is its requests' alone
        screens = [
            # the pages of the patient's form are looked at as the nurse sees them
            (
                action.id,
                f"{action.name} {view}",
                options,
                view == "form" and action.res_model != "res.partner",
            )
            for action in actions
            for view, options in self.views_of(action)
        ]
        seen, looked = {}, 0
        with self.browse("ccm_manager") as page:
            for size in (DESKTOP, PHONE):
                self.open_app(page, size)
                for action_id, name, options, has_tabs in screens:
                    page.do_action(action_id, **options)
                    looked += self.look(page, f"{name} {size[0]}", seen, has_tabs)
        self.report(seen, looked)

    def views_of(self, action):
        """Return (name, options for the web client) of an action's views and of a record's form."""
        if action._name != "ir.actions.act_window":
            return [("", {})]
        views = [
            (view, {"viewType": view}) for view in action.view_mode.split(",") if view != "form"
        ]
        if "form" in action.view_mode:
            domain = safe_eval(action.domain or "[]", {"uid": self.manager.id})
            record = self.env[action.res_model].with_user(self.manager).search(domain, limit=1)
            if record or action.view_mode == "form":
                views.append(("form", {"viewType": "form", "props": {"resId": record.id}}))
        return views

    def test_every_other_screen(self):
        seen, looked = {}, 0
        for login, screens in groupby(SCREENS, attrgetter("login")):
            with self.browse(login) as page:
                for size in (DESKTOP, PHONE):
                    self.open_app(page, size)
                    for screen in screens:
                        try:
                            self.show(page, screen)
                        except AssertionError as error:
                            seen.setdefault(str(error), []).append(f"{screen.name} {size[0]}")
                            self.open_app(page, size)
                            continue
                        has_tabs = screen.record and not screen.clicks and not screen.method
                        looked += self.look(page, f"{screen.name} {size[0]}", seen, has_tabs)
        self.report(seen, looked)

    def show(self, page, screen):
        record = self.records[screen.record]
        if screen.method:
            page.do_method(screen.model, screen.method, record.ids)
            return
        is_wizard = self.env[screen.model].is_transient()
        action = {
            "type": "ir.actions.act_window",
            "res_model": screen.model,
            "views": [[self.patient_form.id if screen.model == "res.partner" else False, "form"]],
            "target": "new" if is_wizard else "current",
            "context": {
                "default_is_ccm_patient": True,
                **({"default_partner_id": self.records["patient"].id} if is_wizard else {}),
            },
        }
        page.do_action(action, props={"resId": record.id})
        for selector in screen.clicks:
            page.click(selector)

    # --- the check itself -------------------------------------------------------------------------

    def test_what_is_bad_is_found(self):
        """The check would find it: each bad control is put into the page in turn."""
        bad = {
            "button-name": "<button class='btn btn-primary'><i class='fa fa-phone'></i></button>",
            "label": "<input type='text' class='o_input'/>",
            "color-contrast": "<p style='color: #999; background: #fff'>Too pale to read</p>",
            "image-alt": "<img src='/web/static/img/logo.png'/>",
            "name": "<div tabindex='0' class='fa fa-phone'></div>",
            "wider than the screen": "<div style='width: 2000px'>Wide</div>",
            "console": "<p>And an error in the console</p>",
        }
        with self.browse("ccm_nurse") as page:
            self.open_app(page, PHONE)
            self.show(page, SCREENS[0])
            for scheme in COLORS:
                self.assertEqual(self.problems(page, scheme), [])
            for rule, html in bad.items():
                section = json.dumps(f"<section id='bad'>{html}</section>")
                with self.subTest(rule):
                    page.run(
                        f"document.querySelector('.o_form_sheet').insertAdjacentHTML('afterbegin', {section})"
                    )
                    if rule == "console":
                        page.run("console.error('something went wrong')")
                        page.wait("true")  # it comes on its own way
                    found = {line.partition(" | ")[0] for line in self.problems(page, "light")}
                    self.assertIn(rule, found)
                    page.run("document.getElementById('bad').remove()")
