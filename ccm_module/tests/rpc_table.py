"""Who may call what over RPC: one line for each method that our addons let a client call.

A line says who is let in; for everybody else the call must end in Odoo's AccessError, with nothing
written and nothing told. ``test_rpc_reach`` finds the methods itself: one without a line fails.
What Odoo's own models have already (``create``, ``write``, ``message_post`` …) has no line, though
ours add to it: who may do that is in ``access_table.py``.

The people: ``public`` (not logged in), ``portal`` (a patient), ``stranger`` (manager and
practitioner of another practice), ``employee`` (no role in Chronic Care), ``auditor``, ``nurse``,
``doctor``, ``biller``, ``manager``.
"""

TEAM = {"nurse", "doctor", "manager"}
DOCTOR = {"doctor"}
BILLING = {"biller", "manager"}
KEEPERS = TEAM | BILLING  # of the record: whoever works on it
READERS = KEEPERS | {"auditor"}
DECISIONS = {"doctor", "auditor"} | BILLING  # what a bill was decided from
# Catalogues are every practice's: a manager of any keeps them.
SHARED_TEAM = TEAM | {"stranger"}
SHARED_KEEPERS = KEEPERS | {"stranger"}
SHARED_MANAGER = {"manager", "stranger"}

METHODS = {
    "account.move": {
        "action_make_ccm_packets": BILLING | {"auditor"},
        "action_print_ccm_packet": BILLING | {"auditor"},
        "action_view_ccm_decision": BILLING | {"auditor"},
        "action_view_ccm_month": BILLING | {"auditor"},
    },
    "ccm.access.log": {"action_open_record": {"manager", "auditor"}},
    "ccm.activity": {
        "action_answer": {"nurse", "manager"},  # one's own time, and a manager anybody's
        "action_ask": {"nurse", "manager"},
        "action_correct": TEAM,
        "action_describe": {"nurse", "manager"},
        "action_log_shared": TEAM,
        "action_pause_timer": {"nurse", "manager"},
        "action_resume_timer": {"nurse"},
        "action_save_draft": {"nurse", "manager"},
        "action_start_timer": TEAM,
        "action_stop_timer": {"nurse", "manager"},
        "action_void": TEAM,
        "get_timer_state": SHARED_TEAM,  # of oneself
    },
    "ccm.activity.answer": {"action_apply": {"nurse", "manager"}},
    "ccm.activity.correct": {"action_apply": {"nurse", "manager"}},
    "ccm.activity.share": {"action_apply": TEAM},
    "ccm.activity.void": {"action_apply": {"nurse", "manager"}},
    "ccm.attempt": {"action_log": TEAM},
    "ccm.audit": {
        "action_run": {"manager"},
        "action_view_findings": BILLING | {"auditor"},
        "action_view_to_mend": BILLING | {"auditor"},
    },
    "ccm.audit.finding": {
        "action_mend": BILLING | {"auditor"},
        "action_view_month": BILLING | {"auditor"},
    },
    "ccm.audit.packet": {
        "action_download": BILLING | {"auditor"},
        "action_make_again": BILLING | {"auditor"},
        "action_stop_making": BILLING | {"auditor"},
    },
    "ccm.care.plan": {
        "action_add_templates": TEAM,
        "action_approve": DOCTOR,
        "action_ask_approval": TEAM,
        "action_give_copy": TEAM,
        "action_new_version": TEAM,
        "action_open": READERS,
        "action_open_copy": READERS,
    },
    "ccm.care.plan.copy": {"action_confirm": TEAM},
    "ccm.care.plan.start": {"action_create": TEAM},
    "ccm.check.in.plan": {"action_open": TEAM | {"auditor"}},
    "ccm.check.in.send": {"action_ask": TEAM, "action_send": TEAM},
    "ccm.close": {
        "action_make_packets": BILLING | {"auditor"},
        "action_open_list": BILLING | {"auditor", "stranger"},  # of one's own practice
        "action_resume": BILLING,
        "action_run_batch": BILLING,
        "action_start": BILLING,
        "action_start_jobs": BILLING,
        "action_stop": BILLING,
        "action_view": BILLING | {"auditor"},
        "action_workbook": BILLING | {"auditor"},
        "get_progress": BILLING | {"auditor"},
    },
    "ccm.condition": {"action_confirm_chronic": DOCTOR, "action_open": READERS},
    "ccm.consent": {
        "action_give": TEAM,
        "action_guide": TEAM,
        "action_open": READERS,
        "action_revoke": TEAM,
    },
    "ccm.consent.guide": {"action_record": TEAM},
    "ccm.consent.revoke": {"action_confirm": TEAM},
    "ccm.consent.text": {"action_new_version": SHARED_MANAGER},
    "ccm.data.import": {"action_check": SHARED_MANAGER, "action_load": SHARED_MANAGER},
    "ccm.decision": {"action_check": DECISIONS},
    "ccm.denial.resolve": {"action_apply": BILLING},
    "ccm.eligibility": {
        "action_guide": TEAM,
        "action_open_patient": READERS,
        "action_start_enrollment": TEAM,
    },
    "ccm.emergency.access": {  # of the practice's managers; one's own a nurse opens herself
        "action_justified": {"manager"},
        "action_open_patient": {"auditor", "manager"},
        "action_unjustified": {"manager"},
    },
    "ccm.enrollment": {
        "action_activate": TEAM,
        "action_consider": TEAM,
        "action_contact": TEAM,
        "action_decline": TEAM,
        "action_end": TEAM,
        "action_enroll": TEAM,
        "action_guide": TEAM,
        "action_move": TEAM,
        "action_open": READERS,
    },
    "ccm.enrollment.close": {"action_confirm": TEAM},
    "ccm.handover": {"action_apply": TEAM, "action_hand_over": SHARED_TEAM},
    "ccm.month": {
        "action_assign": TEAM,
        "action_cancel": BILLING,
        "action_invoice": BILLING,
        "action_keep_bill": BILLING,
        "action_launch_plan": KEEPERS,
        "action_log_attempt": TEAM,
        "action_make_packets": BILLING | {"auditor"},
        "action_open_patient": READERS,
        "action_open_worklist": SHARED_KEEPERS | {"auditor"},
        "action_print_packet": BILLING | {"auditor"},
        "action_rebill": BILLING,
        "action_record_denial": BILLING,
        "action_refresh": KEEPERS,
        "action_reopen": BILLING,
        "action_schedule": KEEPERS,
        "action_start": TEAM,
        "action_undo_bill": BILLING,
        "action_view_decisions": DECISIONS,
        "action_view_move": BILLING | {"auditor"},
    },
    "ccm.month.blocker": {"action_mend": READERS, "action_view_month": READERS},
    "ccm.month.cancel": {"action_apply": BILLING},
    "ccm.month.denial": {"action_apply": BILLING},
    "ccm.month.keep": {"action_apply": BILLING},
    "ccm.month.undo": {"action_apply": BILLING},
    "ccm.other.service": {"action_open": READERS, "action_resolve_denial": BILLING},
    "ccm.reading": {"action_open": READERS},
    "ccm.reading.limit": {"action_open": READERS},
    "ccm.retest": {"action_test": BILLING | {"stranger"}},
    # of one's own test, which only it makes: see test_retest
    "ccm.retest.line": {"action_view_decision": set()},
    "ccm.seal": {"check_chain": {"auditor", "manager", "stranger"}},  # of one's own practice
    "ccm.seal.check": {  # of one's own practice
        "action_open_broken": {"auditor", "manager", "stranger"},
        "action_print": {"auditor", "manager", "stranger"},
        "action_run": {"auditor", "manager", "stranger"},
    },
    "ccm.setup.step": {"action_open": SHARED_MANAGER},
    "ccm.visit": {"action_open": READERS},
    "ccm.mend.mixin": {"action_mend": set(), "action_view_month": set()},
    "ccm.patient.mixin": {"action_open": set()},
    "res.partner": {
        "action_ccm_add_time": TEAM,
        "action_ccm_check_in": TEAM,
        "action_ccm_emergency": TEAM,
        "action_ccm_end": TEAM,
        "action_ccm_export": {"manager"},
        "action_ccm_guide": TEAM,
        "action_ccm_log_attempt": TEAM,
        "action_ccm_open": READERS,
        "action_ccm_resolve_denial": BILLING,
        "action_ccm_start_timer": TEAM,
        "action_view_ccm_invoices": BILLING | {"auditor"},
        "action_view_ccm_months": READERS,
    },
    "survey.survey": {"action_ccm_test": SHARED_TEAM | {"auditor"}},
    "survey.user_input": {
        "action_ccm_ask": TEAM,
        "action_ccm_open": TEAM | {"auditor"},
        "action_ccm_reviewed": TEAM,
        "action_ccm_start_timer": TEAM,
    },
}

# A method's arguments after the records, by which it would do its work: names of ``ReachCommon``.
ARGUMENTS = {
    ("ccm.activity", "action_answer"): lambda case: ["nothing"],
    ("ccm.activity", "action_describe"): lambda case: [
        case.target("ccm.activity.type").id,
        "Called",
    ],
    ("ccm.activity", "action_log_shared"): lambda case: [
        [case.patient.id, case.neighbor.id],
        "2026-07-14 14:00:00",
        "2026-07-14 14:20:00",
        case.target("ccm.activity.type").id,
        None,
        "On one call",
    ],
    ("ccm.activity", "action_resume_timer"): lambda case: [],
    ("ccm.activity", "action_save_draft"): lambda case: [{"note": "Called"}],
    ("ccm.activity", "action_start_timer"): lambda case: [case.patient.id],
    ("ccm.enrollment", "action_move"): lambda case: ["considering"],
}

# What our code looks for in the context, which any client can send, and the worst a client may say.
CONTEXT_KEYS = {
    "ccm_by_patient": True,  # how a month is called
    "ccm_call_chosen": True,  # whether an attempt plans the next call
    "ccm_no_refresh": True,  # for superusers alone
    "ccm_number_together": True,  # looks the last invoice number up once
    "ccm_partner_id": 1,  # whose problems a template is compared with, as far as the user may know
    "ccm_own_defaults": ["state"],  # a frozenset, which no client can send
    "ccm_private_post": True,  # an object of the server's own
    "ccm_service_date": "'; DROP TABLE ccm_diagnosis; --",  # a day
    "ccm_shown": "shown",  # a mark of the server's own, equal to no string
    "ccm_static_html": True,  # prints without scripts
    "ccm_whole": "shown",  # another of those marks
}
# What loosens something in Odoo itself, or offers values for what ours close.
LOOSE = {
    **dict.fromkeys(
        ("tracking_disable", "mail_notrack", "mail_create_nolog", "install_mode"), True
    ),
    **dict.fromkeys(("import_file", "no_recompute", "skip_invoice_sync", "bin_size", "su"), True),
    "active_test": False,
    "check_move_validity": False,
    "uid": 1,
    "force_company": 1,
    "default_state": "active",
    "default_company_id": 1,
    "default_user_id": 1,
}
