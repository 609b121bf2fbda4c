"""``odoo ccm_restore``: a backup in a new database, whole or not at all.

Odoo's own ``db load`` goes on after an error and says nothing of it; and its copy can send mail before it
is neutralized. Here the database appears at once: complete, checked, and neutralized where that is asked.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from odoo.cli import Command
from odoo.modules import initialize_sys_path
from odoo.modules.neutralize import get_neutralization_queries
from odoo.release import major_version
from odoo.service.db import DatabaseExists, _create_empty_database, exp_drop
from odoo.sql_db import db_connect
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

CHUNK = 1 << 20
# what Odoo calls a file: the SHA-1 of what is in it
FILE = re.compile(r"filestore/([0-9a-f]{2})/(\1[0-9a-f]{38})")
NEW_IDENTITY = (
    "UPDATE ir_config_parameter SET value = gen_random_uuid()::text WHERE key = 'database.uuid'"
)


class Damaged(Exception):
    pass


class CcmRestore(Command):
    """Restore a backup into a new database."""

    name = "ccm_restore"

    def run(self, args):
        self.parser.add_argument("-c", "--config", help="Odoo's configuration file")
        self.parser.add_argument(
            "--neutralize",
            action="store_true",
            help="for a copy to try things on: it sends no mail and runs no scheduled job",
        )
        self.parser.add_argument("file", type=Path)
        self.parser.add_argument("database", help="its name; it must not exist")
        options = self.parser.parse_args(args)
        config.parse_config(["-c", options.config] if options.config else [], setup_logging=True)
        config["list_db"] = True  # this is no request from the web
        try:
            self._restore(options)
        except (Damaged, zipfile.BadZipFile, EOFError) as error:
            sys.exit(
                f"{options.file} is damaged: {error}\nNothing was restored; take another backup."
            )
        except OSError as error:
            sys.exit(f"{error.filename or options.file}: {error.strerror}. Nothing was restored.")

    def _restore(self, options):
        store = Path(config.filestore(options.database))
        if store.exists():
            sys.exit(f"{store} holds files of that name already: name another database.")
        if not zipfile.is_zipfile(options.file):
            raise Damaged("it is no backup, or its end is missing.")
        with zipfile.ZipFile(options.file) as archive:
            manifest, files = self._check(archive)
            try:
                _create_empty_database(options.database)
            except DatabaseExists:
                sys.exit(f"The database {options.database} exists already: name another.")
            try:
                # files first: whoever sees the database has them
                for file in files:
                    self._extract(archive, file, store.parent / options.database)
                self._load(archive, options, manifest)
                self._compare(options.database, store, manifest)
            except BaseException:
                exp_drop(options.database)
                shutil.rmtree(store, ignore_errors=True)
                raise
        kind = "neutralized copy" if options.neutralize else "restored"
        sys.stderr.write(f"{options.database}: {kind}, {len(files)} files\n")

    @staticmethod
    def _check(archive):
        """Return the manifest and the names of the files, once every byte was read."""
        names = set(archive.namelist())
        if not {"manifest.json", "dump.sql"} <= names:
            raise Damaged("it is no backup of Odoo: manifest.json or dump.sql is missing.")
        if broken := archive.testzip():
            raise Damaged(f"{broken} is not what was written.")
        manifest = json.loads(archive.read("manifest.json"))
        if manifest["major_version"] != major_version:
            sys.exit(
                f"This is a backup of Odoo {manifest['major_version']}, and here is {major_version}:"
                " restore it with that version, then update."
            )
        return manifest, sorted(name for name in names if FILE.fullmatch(name))

    @staticmethod
    def _extract(archive, name, store):
        content = archive.read(name)
        if hashlib.sha1(content).hexdigest() != name.rpartition("/")[2]:
            raise Damaged(f"{name} is not what was stored.")
        path = store / name.removeprefix("filestore/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    @staticmethod
    def _load(archive, options, manifest):
        """Load the database in one transaction, neutralization included."""
        initialize_sys_path()
        queries = [*get_neutralization_queries(manifest["modules"]), NEW_IDENTITY]
        command = [find_pg_tool("psql"), "-qX", "--single-transaction", "-v", "ON_ERROR_STOP=1"]
        with subprocess.Popen(
            [*command, "-d", options.database, "-f", "-"],
            env=exec_pg_environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as process:
            try:
                with archive.open("dump.sql") as dump:
                    shutil.copyfileobj(dump, process.stdin, CHUNK)
                if options.neutralize:
                    # the dump leaves no schema to look names up in
                    process.stdin.write(b"\nSET search_path = public;\n")
                    process.stdin.write(";\n".join([*queries, ""]).encode())
                process.stdin.close()
            except BrokenPipeError:
                pass  # psql ended: it says why
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise Damaged("PostgreSQL refused a statement of it: see above.")

    @staticmethod
    def _compare(database, store, manifest):
        with db_connect(database).cursor() as cr:
            cr.execute(
                "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
            )
            wanted = {name for (name,) in cr.fetchall()} - set(manifest.get("missing", ()))
        lost = sorted(name for name in wanted if not (store / name).is_file())
        if lost:
            raise Damaged(f"{len(lost)} files are not in it, {lost[0]} among them.")
