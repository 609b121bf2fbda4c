"""Who may do what with which records: for a practice's privacy officer to read, and for
``test_access_matrix`` to try, each right for real.

C create · R read · W change · D delete · - nothing. A right is not all: a record may have reasons of
its own against a change (billed, signed, sealed), and then says so.

Columns are the roles as a user of the practice has them:

* ``auditor`` reads all and changes nothing; papers of proof are made at the auditor's word.
* ``nurse`` is the role Care team, ``doctor`` is Practitioner: that role, and the approvals.
* ``biller`` reads the record, closes months and makes bills.
* ``manager`` is care team and biller in one, and keeps the catalogues.
* ``elsewhere`` is manager and practitioner of ANOTHER practice in the same database, on this
  practice's records. A dialog is whoever opened it's own, and shows such a person nothing of a patient.

Three more have no right anywhere, and are tried everywhere all the same: the public, a patient in
the portal, and an employee without a role in Chronic Care.

Where a practice restricts patients to their care team, nurse and doctor have these rights on the
patients of their own (``test_team``). Amounts are closed to both everywhere (``test_money``).
Emergency accesses and covers: nurse and doctor have the rights on those of their own only.
"""

RIGHTS = {"C": "create", "R": "read", "W": "write", "D": "unlink"}
NOBODY = ("public", "portal", "employee")
COLUMNS = ("auditor", "nurse", "doctor", "biller", "manager", "elsewhere")
ROLES = (*COLUMNS, *NOBODY)

TABLE = """
model                         auditor nurse doctor biller manager elsewhere what it holds

# The record of care: of one patient, and of the practice that keeps it
ccm.condition                 R       CRW   CRW    R      CRWD    -         Patient's condition
ccm.consent                   R       CRWD  CRWD   R      CRWD    -         CCM consent
ccm.enrollment                R       CRWD  CRWD   R      CRWD    -         Enrollment
ccm.enrollment.step           R       R     R      R      R       -         Step of an enrollment
ccm.enrollment.report         R       R     R      R      R       -         Enrollment by month
ccm.eligibility               R       R     R      R      R       -         Eligibility for Chronic Care
ccm.visit                     R       CRW   CRW    R      CRWD    -         Visit
ccm.care.plan                 R       CRWD  CRWD   R      CRWD    -         Care Plan
ccm.care.plan.goal            R       CRWD  CRWD   R      CRWD    -         Care plan goal
ccm.care.plan.intervention    R       CRWD  CRWD   R      CRWD    -         Care plan intervention
ccm.care.plan.medication      R       CRWD  CRWD   R      CRWD    -         Care plan medicine
ccm.care.plan.member          R       CRWD  CRWD   R      CRWD    -         Care team member
ccm.care.plan.service         R       CRWD  CRWD   R      CRWD    -         Care plan community service
ccm.other.service             R       CRW   CRW    R      CRWD    -         Other Care
ccm.reading                   R       CRW   CRW    R      CRWD    -         Reading
ccm.reading.limit             R       CRWD  CRWD   R      CRWD    -         Limits of a Patient's Readings
ccm.check.in.plan             R       CRWD  CRWD   -      CRWD    -         Check-in Schedule

# Time
ccm.activity                  R       CRW   CR     R      CRW     -         Care Activity
ccm.activity.revision         R       R     R      R      R       -         Correction of Time
ccm.cover                     R       CR    CR     R      CRWD    -         Cover of a Care Coordinator

# Months and bills; amounts in them are the biller's, the manager's and the auditor's (test_money)
ccm.month                     R       R     RW     R      R       -         Patient's CCM Month
ccm.month.line                R       R     R      R      R       -         Code of a Patient's Month
ccm.month.blocker             R       R     R      R      R       -         Why a Patient's Month Is Not Billed
ccm.close                     R       -     -      R      R       -         Month Close
ccm.close.batch               R       -     -      R      R       -         Batch of a Month Close
ccm.decision                  R       -     R      R      R       -         Decision Record

# Proof
ccm.access.log                R       -     -      -      R       -         Access Log
ccm.partner.merge             R       -     -      -      R       -         Merged Patients
ccm.audit                     R       -     -      R      CRWD    C         Mock Audit
ccm.audit.finding             R       -     -      R      R       -         Finding of a Mock Audit
ccm.audit.packet              R       -     -      R      R       -         Audit Packets
ccm.audit.packet.line         R       -     -      R      R       -         Month of Audit Packets
ccm.emergency.access          R       C     C      -      CR      -         Emergency Access
ccm.seal                      R       -     -      R      R       -         Link of the Seal
ccm.seal.head                 R       -     -      -      R       -         End of the Seal's Chain

# Catalogues: every practice's of this database, and no patient's
ccm.activity.type             R       R     R      R      CRWD    CRWD      Kind of Care Activity
ccm.care.plan.template        R       R     R      R      CRWD    CRWD      Care plan template
ccm.care.plan.template.row    R       R     R      R      CRWD    CRWD      Row of a care plan template
ccm.consent.text              R       R     R      R      CRWD    CRWD      Consent text
ccm.data.release              R       R     R      R      R       R         Loaded Reference Data
ccm.diagnosis                 R       R     R      R      CRW     CRW       Diagnosis (ICD-10-CM)
ccm.enrollment.reason         R       R     R      R      CRWD    CRWD      Reason to decline or end
ccm.fee.rvu                   R       -     -      R      CRWD    CRWD      Relative Values of a Code
ccm.fee.schedule              R       -     -      R      CRWD    CRWD      Medicare Fee Schedule
ccm.locality                  R       R     R      R      CRWD    CRWD      Medicare Locality
ccm.locality.gpci             R       -     -      R      CRWD    CRWD      Medicare Locality Indices
ccm.program                   R       R     R      R      CRWD    CRWD      Care Management Program
ccm.reading.type              R       R     R      R      CRWD    CRWD      Kind of Reading
ccm.service.code              R       R     R      R      CRWD    CRWD      Care Management Code
ccm.setup.step                -       -     -      -      R       R         Set-up Step

# Dialogs: each of whoever opened it
ccm.activity.answer           -       CRWD  CRWD   -      CRWD    -         What Really Happened
ccm.activity.correct          -       CRWD  CRWD   -      CRWD    -         Correct Time
ccm.activity.share            -       CRWD  CRWD   -      CRWD    CWD       Log Time for Several Patients
ccm.activity.void             -       CRWD  CRWD   -      CRWD    -         Void Time
ccm.attempt                   -       CRWD  CRWD   -      CRWD    -         Log an Attempt to Reach a Patient
ccm.care.plan.copy            -       CRWD  CRWD   -      CRWD    -         Give a copy of a care plan
ccm.care.plan.start           -       CRWD  CRWD   -      CRWD    -         Fill a care plan from templates
ccm.check.in.send             -       CRWD  CRWD   -      CRWD    -         Check-in
ccm.consent.guide             -       CRWD  CRWD   -      CRWD    -         Get Consent
ccm.consent.revoke            -       CRWD  CRWD   -      CRWD    -         Revoke Consent
ccm.data.import               -       -     -      -      CRWD    CRWD      Load a Published File
ccm.denial.resolve            -       -     -      CRWD   CRWD    -         Resolve a Denial
ccm.enrollment.close          -       CRWD  CRWD   -      CRWD    -         Decline or end an enrollment
ccm.handover                  -       CRWD  CRWD   -      CRWD    -         Hand Over Patients
ccm.month.cancel              -       -     -      CRWD   CRWD    -         Do Not Bill a Patient's Month
ccm.month.denial              -       -     -      CRWD   CRWD    -         Another Practitioner Is Paid
ccm.month.keep                -       -     -      CRWD   CRWD    -         Keep the Bill of a Patient's Month
ccm.month.undo                -       -     -      CRWD   CRWD    -         Undo the Bill of a Patient's Month
ccm.retest                    -       -     -      CRWD   CRWD    CRWD      Re-test of Past Bills
ccm.retest.line               -       -     -      CRWD   CRWD    -         Bill That Would Differ
ccm.seal.check                CRWD    -     -      -      CRWD    CRWD      Check of the Seal
"""


def _read(table):
    """Return ``{model: {role: rights}}``."""
    rows = [line.split(maxsplit=7) for line in table.splitlines() if line.startswith("ccm.")]
    return {
        model: dict(zip(COLUMNS, (cell.strip("-") for cell in cells[:6]), strict=True))
        for model, *cells in rows
    }


ACCESS = _read(TABLE)
