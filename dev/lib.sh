# Shared by every script in dev/: where things are, and the few steps more than one script takes.
# Sourced by bash, never run.
# shellcheck shell=bash disable=SC2034

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=${CCM_STATE:-$ROOT/.state} # everything this checkout makes: environment, clusters, logs
ADDONS=(ccm_module ccm_survey) # the first stands alone, the others build on it
LOG=$STATE/log
VENV=$STATE/venv
PYTHON=$VENV/bin/python

# CI may run without HOME; the download cache then stays in the checkout.
CACHE=${XDG_CACHE_HOME:-${HOME:-$STATE}/.cache}/ccm-odoo
export HOME=${HOME:-$STATE}

mkdir -p "$STATE" "$LOG"
cd "$ROOT"

# joined ITEM...: with commas between them, as Odoo takes several addons.
joined() {
    local IFS=,
    printf '%s\n' "$*"
}

say() { printf '%s\n' "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# step TITLE COMMAND...: run a long command with its output in a log, and show that it is alive.
step() {
    local title=$1 log started=$SECONDS pid next rc=0
    shift
    log=$LOG/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9_' '-').$$.log
    say "-- $title"
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    next=$((SECONDS + 10))
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [ "$SECONDS" -ge "$next" ]; then
            say "   … $((SECONDS - started)) s"
            next=$((SECONDS + 10))
        fi
    done
    wait "$pid" || rc=$?
    if [ "$rc" -ne 0 ]; then
        tail -n 40 "$log" >&2
        say "error: '$title' failed (exit $rc); the whole log: $log"
        return "$rc"
    fi
    say "   done in $((SECONDS - started)) s"
}

# with_lock NAME COMMAND...: several people may work in one checkout; a daemon that is started
# under a lock has to close descriptor 9, or it would keep the lock for as long as it lives.
with_lock() {
    local name=$1
    shift
    (
        flock -n 9 || {
            say "-- waiting for another run to finish ($name)"
            flock 9
        }
        "$@"
    ) 9>"$STATE/$name.lock"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root (or sudo) for: $*"
    fi
}

# hash_files PATH...: one hash for the files below the paths, whatever their dates.
hash_files() {
    find "$@" -type f ! -name '*.py[co]' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
}

# ---------------------------------------------------------------------------------- PostgreSQL
# Two private clusters, reached by a unix socket only: `test` gives up durability for speed,
# `demo` keeps its data through a crash.

pg_bin() {
    local dir
    dir=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$dir" ] || die "PostgreSQL is not installed; run dev/setup"
    printf '%s\n' "$dir"
}

# The server refuses to run as root, so root hands over to the user that Debian's package made.
pg_user() { if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi; }
as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && HOME=/ setpriv --reuid=postgres --regid=postgres --init-groups "$@")
    else
        "$@"
    fi
}

checkout_id() { printf '%s' "$STATE" | sha256sum | cut -c1-12; }

# A home folder is often closed to other users, the server's among them: then the data go where
# Debian keeps such data.
pg_dir() {
    if [ "$(id -u)" != 0 ] || as_pg test -x "$STATE" 2>/dev/null; then
        printf '%s\n' "$STATE/pg-$1"
    else
        printf '%s\n' "/var/lib/postgresql/ccm-$(checkout_id)/pg-$1"
    fi
}

# The path of a unix socket may be no longer than 107 bytes.
pg_socket() {
    local dir
    dir=$(pg_dir "$1")/socket
    if [ ${#dir} -gt 85 ]; then
        dir=/tmp/ccm-pg-$(id -u)-$(checkout_id)-$1
    fi
    printf '%s\n' "$dir"
}

pg_running() { as_pg "$(pg_bin)/pg_ctl" -s -D "$(pg_dir "$1")/data" status >/dev/null 2>&1; }

pg_create() {
    local name=$1 dir
    dir=$(pg_dir "$name")
    mkdir -p "$(dirname "$dir")"
    rm -rf "$dir"
    command install -d -m 700 -o "$(pg_user)" "$dir"
    as_pg "$(pg_bin)/initdb" -D "$dir/data" -U odoo -A trust -E UTF8 --locale=C.UTF-8 >"$LOG/initdb-$name.log" 2>&1 ||
        die "initdb failed, see $LOG/initdb-$name.log"
    {
        echo "listen_addresses = ''"
        echo "max_connections = 200"
        echo "shared_buffers = 256MB"
        echo "work_mem = 16MB"
        echo "log_min_messages = fatal"
        if [ "$name" = test ]; then
            printf '%s = off\n' fsync synchronous_commit full_page_writes
            echo "wal_level = minimal"
            echo "max_wal_senders = 0"
        fi
    } | as_pg tee -a "$dir/data/postgresql.conf" >/dev/null
}

ensure_cluster() { pg_running "$1" || with_lock "pg-$1" start_cluster "$1"; }

start_cluster() {
    local name=$1 dir socket
    pg_running "$name" && return
    dir=$(pg_dir "$name")
    [ -e "$dir/data/postgresql.conf" ] || pg_create "$name"
    socket=$(pg_socket "$name")
    [ -d "$socket" ] || command install -d -m 700 -o "$(pg_user)" "$socket"
    as_pg "$(pg_bin)/pg_ctl" -s -w -t 60 -D "$dir/data" -l "$dir/server.log" \
        -o "-k '$socket'" start >/dev/null 9>&- || die "PostgreSQL did not start, see $dir/server.log"
}

stop_cluster() {
    pg_running "$1" || return 0
    as_pg "$(pg_bin)/pg_ctl" -s -w -m fast -D "$(pg_dir "$1")/data" stop
}

# pg CLUSTER PROGRAM ARGUMENTS...: a PostgreSQL client program on one of the two clusters.
pg() {
    local name=$1 program=$2
    shift 2
    PGHOST=$(pg_socket "$name") PGUSER=odoo PGPORT=5432 PGOPTIONS='-c client_min_messages=error' \
        "$(pg_bin)/$program" "$@"
}

db_exists() { [ "$(pg "$1" psql -d postgres -AtXqc "SELECT 1 FROM pg_database WHERE datname = '$2'")" = 1 ]; }

# ---------------------------------------------------------------------------------------- Odoo

# write_conf CLUSTER: the configuration is written anew each time, so that it cannot grow stale.
write_conf() {
    local name=$1 conf=$STATE/$1.conf
    cat >"$conf.$$" <<CONF
[options]
addons_path = $(cat "$STATE/odoo-addons"),$ROOT
data_dir = $STATE/data-$name
db_host = $(pg_socket "$name")
db_port = 5432
db_user = odoo
db_maxconn = 32
http_interface = 127.0.0.1
max_cron_threads = 0
list_db = False
admin_passwd = $(checkout_id)
CONF
    mv "$conf.$$" "$conf"
    printf '%s\n' "$conf"
}

# odoo_on CLUSTER ARGUMENTS...: Odoo with this checkout's configuration on one of the clusters.
odoo_on() {
    local conf
    conf=$(write_conf "$1")
    shift
    ODOO_RC=$conf "$PYTHON" -m odoo "$@"
}

# make_bundles CLUSTER DATABASE BUNDLE...: else the first page that needs one waits for it. Odoo makes a
# bundle again when a file in it changed, so this can only save time.
make_bundles() {
    local cluster=$1 db=$2
    shift 2
    odoo_on "$cluster" shell -d "$db" --no-http --log-level=warn <<PY
for name in """$*""".split():
    bundle = env["ir.qweb"]._get_asset_bundle(name, assets_params={})
    bundle.js()
    bundle.css()
env.cr.commit()
PY
}
PAGE_BUNDLES="web.assets_web web.assets_web_print web.assets_frontend web.assets_frontend_minimal
    web.assets_frontend_lazy web.report_assets_common web.report_assets_pdf"

# Only a process that still runs with this checkout's configuration is the one we started.
demo_server_pid() {
    local pid
    pid=$(cat "$STATE/demo.pid" 2>/dev/null) || return 1
    grep -qF -- "$STATE/demo.conf" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

stop_demo_server() {
    local pid
    pid=$(demo_server_pid) || return 0
    kill "$pid"
    for _ in $(seq 50); do
        demo_server_pid >/dev/null || return 0
        sleep 0.2
    done
    kill -9 "$pid"
}
