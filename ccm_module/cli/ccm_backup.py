"""``odoo ccm_backup``: a practice as it is at one moment, in one file, while people work in it.

The file is what Odoo's own ``db dump`` writes and ``db load`` reads. That one copies the files before the
database: what is signed in between would be missing. Here the list of files is of the database's moment.
"""

import json
import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

from odoo.cli import Command
from odoo.service.db import dump_db_manifest
from odoo.sql_db import db_connect
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ, find_pg_tool

CHUNK = 1 << 20


class CcmBackup(Command):
    """Back up a database and its files while people work in it."""

    name = "ccm_backup"

    def run(self, args):
        self.parser.add_argument("-c", "--config", help="Odoo's configuration file")
        self.parser.add_argument("database")
        self.parser.add_argument("file", type=Path, help="the backup to write; it must not exist")
        options = self.parser.parse_args(args)
        config.parse_config(["-c", options.config] if options.config else [], setup_logging=True)
        config["list_db"] = True  # this is no request from the web
        if options.file.exists():
            sys.exit(f"{options.file} exists already: name another file, or move it away.")
        part = options.file.with_name(options.file.name + ".part")
        try:
            missing = self._write(options.database, part)
            part.rename(options.file)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        if missing:
            sys.exit(
                f"{options.file} is written, but {len(missing)} files were lost from the filestore before:"
                f" {', '.join(missing[:5])}. Look for them in an older backup."
            )

    def _write(self, database, path):
        """Write the backup and return the files that the database speaks of and the disk does not have."""
        store = Path(config.filestore(database))
        with db_connect(database).cursor() as cr, path.open("xb") as stream:
            os.chmod(path, 0o600)
            # First of all: Odoo's collector of garbage waits for this lock, nobody else does
            cr.execute("LOCK TABLE ir_attachment IN ROW EXCLUSIVE MODE")
            cr.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cr.fetchone()
            cr.execute(
                "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
            )
            names = sorted(name for (name,) in cr.fetchall())
            missing = [name for name in names if not (store / name).is_file()]
            manifest = dump_db_manifest(cr) | {"missing": missing}
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("manifest.json", json.dumps(manifest, indent=4))
                with archive.open("dump.sql", "w", force_zip64=True) as dump:
                    self._dump(database, snapshot, dump)
                for name in names:
                    if name not in missing:
                        archive.write(store / name, f"filestore/{name}")
            stream.flush()
            os.fsync(stream.fileno())
        self._say(f"{database}: {len(names) - len(missing)} files, {path.stat().st_size} bytes")
        return missing

    @staticmethod
    def _dump(database, snapshot, stream):
        command = [find_pg_tool("pg_dump"), "--no-owner", "--no-privileges"]
        with subprocess.Popen(
            [*command, f"--snapshot={snapshot}", database],
            env=exec_pg_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        ) as process:
            while data := process.stdout.read(CHUNK):
                stream.write(data)
        if process.returncode:
            sys.exit("pg_dump failed: see above. No backup was written.")

    @staticmethod
    def _say(words):
        sys.stderr.write(words + "\n")
