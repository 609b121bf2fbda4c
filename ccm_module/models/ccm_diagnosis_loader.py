import csv
import hashlib
import io
import lzma
from datetime import date

from odoo import api, models
from odoo.tools import SQL, file_open
from odoo.tools.sql import drop_index

# What dev/build_diagnoses writes, and what it was made from.
SHIPPED_FILE = "ccm_module/data/icd10cm_fy2026.csv.xz"
SHIPPED_FLAGS = "CCIR v2023-1"
SHIPPED = (
    # kind, release, first day, source
    ("icd10cm", "FY2026", date(2025, 10, 1), "CDC/NCHS, ICD-10-CM FY2026 with April 2026 addenda"),
    ("ccir", SHIPPED_FLAGS, date(2022, 10, 1), "AHRQ HCUP, Chronic Condition Indicator Refined"),
)
# Released codes, valid so far, that the staged release no longer has.
MISSING = SQL(
    """d.release IS NOT NULL AND d.date_to IS NULL
       AND NOT EXISTS (SELECT FROM ccm_diagnosis_stage s WHERE s.code = d.code)"""
)


class CcmDiagnosisLoader(models.AbstractModel):
    """Loads a release of diagnoses, or of their chronic flags, by COPY and one statement.

    A release has some 75,000 codes: the ORM would take minutes. What the practice changed itself
    (``customized``) keeps its description and its flag.
    """

    _name = "ccm.diagnosis.loader"
    _description = "Loader of Diagnosis Releases"

    # === HELPERS === #

    @api.model
    def _load_shipped(self):
        """Load the list that comes with the addon, unless it or a newer one has been loaded.

        Called at each install and update, so it has to cost nothing the second time.
        """
        with file_open(SHIPPED_FILE, "rb") as file:
            content = file.read()
        checksum = hashlib.sha256(content).hexdigest()
        releases = self.env["ccm.data.release"].sudo()
        wanted = [
            (kind, name, effective, source)
            for kind, name, effective, source in SHIPPED
            if not releases.search_count([("kind", "=", kind), ("checksum", "=", checksum)])
            and (releases._newest(kind).effective_date or date.min) <= effective
        ]
        if not wanted:
            return
        self._stage_file(io.BytesIO(lzma.decompress(content)))
        for kind, name, effective, source in wanted:
            counts = self._load_staged(kind, name, effective, SHIPPED_FLAGS)
            releases._log(kind, name, effective, counts, source=source, checksum=checksum)

    @api.model
    def _stage(self, rows):
        """Put rows of (code without dot, flag or None, name or None) into the staging table."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(("code", "flag", "name"))
        writer.writerows(rows)
        file.seek(0)
        self._stage_file(file)

    @api.model
    def _stage_file(self, file):
        """Fill the staging table, of this transaction only, from a CSV file with a header line."""
        self.env["ccm.diagnosis"].flush_model()
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS ccm_diagnosis_stage")
        cr.execute("""
            CREATE TEMPORARY TABLE ccm_diagnosis_stage (
                plain varchar NOT NULL,
                flag varchar,
                name varchar,
                code varchar GENERATED ALWAYS AS (
                    CASE WHEN length(plain) > 3
                        THEN left(plain, 3) || '.' || substr(plain, 4) ELSE plain END
                ) STORED,
                chronicity varchar GENERATED ALWAYS AS (
                    CASE flag
                        WHEN '1' THEN 'chronic' WHEN '0' THEN 'acute' WHEN '9' THEN 'undetermined'
                    END
                ) STORED
            ) ON COMMIT DROP
        """)
        cr.copy_expert(
            "COPY ccm_diagnosis_stage (plain, flag, name) FROM STDIN WITH (FORMAT csv, HEADER)",
            file,
        )
        cr.execute("ANALYZE ccm_diagnosis_stage")

    @api.model
    def _preview_staged(self, kind, effective_date):
        """Count what loading the staged rows would do.

        Returns a dict of numbers: rows (staged), added, changed, ended, kept (would change, but
        the practice changed them itself), unknown (flags of codes that are not in the list),
        valid (codes that are valid today in the list).
        """
        changes = (
            SQL("s.chronicity IS NOT NULL AND s.chronicity IS DISTINCT FROM d.chronicity")
            if kind == "ccir"
            else SQL("s.name IS DISTINCT FROM d.name OR d.date_to < %s", effective_date)
        )
        ended = SQL("SELECT count(*) FROM ccm_diagnosis d WHERE %s", MISSING)
        [counts] = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) AS rows,
                       count(*) FILTER (WHERE d.id IS NULL) AS unknown,
                       count(*) FILTER (WHERE NOT d.customized AND (%(changes)s)) AS changed,
                       count(*) FILTER (WHERE d.customized AND (%(changes)s)) AS kept,
                       (%(ended)s) AS ended,
                       (SELECT count(*) FROM ccm_diagnosis
                         WHERE release IS NOT NULL AND date_to IS NULL) AS valid
                  FROM ccm_diagnosis_stage s LEFT JOIN ccm_diagnosis d ON d.code = s.code
                """,
                changes=changes,
                ended=SQL("0") if kind == "ccir" else ended,
            )
        )
        counts["added"] = 0 if kind == "ccir" else counts["unknown"]
        return counts

    @api.model
    def _load_staged(self, kind, release, effective_date, flag_release=None):
        """Bring the diagnoses up to the staged release; return the counts of the preview.

        ``flag_release`` names the chronic flags among the staged rows of a list of codes: they
        count for new codes only.
        """
        counts = self._preview_staged(kind, effective_date)
        if kind == "ccir":
            self._load_staged_flags(release)
        else:
            self._load_staged_codes(release, effective_date, flag_release)
        self.env["ccm.diagnosis"].invalidate_model()
        # the planner must know the new size at once: search as you type comes next
        self.env.cr.execute("ANALYZE ccm_diagnosis")
        return counts

    @api.model
    def _load_staged_codes(self, release, effective_date, flag_release):
        diagnoses = self.env["ccm.diagnosis"].with_context(active_test=False)
        names = diagnoses._table_objects["ccm_diagnosis_name_trigram_idx"]
        if is_first := not diagnoses.search_count([], limit=1):
            # to index all the names at once takes a fraction of the time
            drop_index(self.env.cr, names.full_name(diagnoses), diagnoses._table)
        values = {
            "release": release,
            "date_from": effective_date,
            # Most codes of the first release loaded are older than it: how old is not known here.
            "since": None if is_first else effective_date,
            "flag_release": flag_release,
            "uid": self.env.uid,
            "now": self.env.cr.now(),
        }
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ccm_diagnosis AS d (
                    code, name, chronicity, release, chronicity_release, date_from,
                    active, customized, create_uid, create_date, write_uid, write_date
                )
                SELECT code, name, COALESCE(chronicity, 'undetermined'), %(release)s,
                       CASE WHEN chronicity IS NOT NULL THEN %(flag_release)s END, %(since)s::date,
                       true, false, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM ccm_diagnosis_stage
                 ORDER BY code
                ON CONFLICT (code) DO UPDATE SET
                    name = CASE WHEN d.customized THEN d.name ELSE excluded.name END,
                    release = excluded.release,
                    -- a code that comes back after a gap begins anew
                    date_from = CASE WHEN d.date_to < %(date_from)s - 1
                                     THEN %(date_from)s ELSE d.date_from END,
                    date_to = NULL,
                    write_uid = excluded.write_uid,
                    write_date = excluded.write_date
                """,
                **values,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE ccm_diagnosis d
                       -- one that only this release had, before it was corrected, keeps one day
                   SET date_to = GREATEST(%(date_from)s - 1, date_from),
                       write_uid = %(uid)s, write_date = %(now)s
                 WHERE %(missing)s
                """,
                missing=MISSING,
                **values,
            )
        )
        if is_first:
            names.apply_to_database(diagnoses)

    @api.model
    def _load_staged_flags(self, release):
        self.env.cr.execute(
            SQL(
                """
                UPDATE ccm_diagnosis d
                   SET chronicity = s.chronicity, chronicity_release = %(release)s,
                       write_uid = %(uid)s, write_date = %(now)s
                  FROM ccm_diagnosis_stage s
                 WHERE s.code = d.code AND s.chronicity IS NOT NULL AND NOT d.customized
                   AND (d.chronicity, d.chronicity_release)
                       IS DISTINCT FROM (s.chronicity, %(release)s)
                """,
                release=release,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
