#!/usr/bin/env bash
# A private Postgres: postgres.sh start|stop|status|url|psql [run|test]
#
#   run   holds the console's data when DATABASE_URL is unset
#   test  is for tests: not crash-safe, many connections, a role that may create roles
#
# It listens on a Unix socket only and trusts whoever can open it; the folder that holds the socket
# is closed (0700) to all but the user that Postgres runs as, and root. Postgres refuses to run as
# root, so root runs it as the system user `postgres` in /var/lib/ytops-postgres: not below the
# console's own /var/lib/ytops, which the systemd unit gives to the unit's user with all that is in
# it. Below that folder root itself writes and removes nothing: whoever is `postgres` could lead it
# elsewhere by a link. Anyone else runs it as themselves below ~/.local/share/ytops. YTOPS_POSTGRES_DIR overrides the
# place (an absolute path; `-test` is appended for tests).
#
# `start` may be called at any time: it makes what is missing, and after a crash or a kill it
# recovers. `url` prints the DATABASE_URL, `psql` takes further arguments.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

verb=${1:-} kind=${2:-run}
case $kind in
  run) suffix= ;;
  test) suffix=-test ;;
  *) die "postgres.sh: $kind is neither run nor test" ;;
esac

if [[ $(id -u) == 0 ]]; then
  owner=postgres
  base=${YTOPS_POSTGRES_DIR:-/var/lib/ytops-postgres}$suffix
else
  owner=$(id -un)
  base=${YTOPS_POSTGRES_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/ytops/postgres}$suffix
fi
data=$base/data
# Postgres rejects socket paths beyond 107 bytes.
sockets=$base/run
[[ ${#sockets} -le 85 ]] || die "postgres.sh: $sockets is too long for a socket; set YTOPS_POSTGRES_DIR to a shorter path"

# As the owner, and from a folder that the owner can enter.
as_owner() {
  if [[ $(id -un) == "$owner" ]]; then (cd / && "$@"); else (cd / && runuser -u "$owner" -- "$@"); fi
}

# The programs of the cluster's own major version, or of the newest installed.
bin_folder() {
  local version=
  if [[ -f $data/PG_VERSION ]]; then
    version=$(<"$data/PG_VERSION")
    [[ -x /usr/lib/postgresql/$version/bin/postgres ]] || die "postgres.sh: $data needs Postgres $version: apt-get install postgresql-$version"
  else
    version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -1)
    [[ -n $version ]] || die "postgres.sh: Postgres is not installed: deploy/scripts/install.sh run"
  fi
  echo "/usr/lib/postgresql/$version/bin"
}

url() {
  local host=${sockets//%/%25}
  echo "postgres://ytops@localhost/ytops?host=${host// /%20}"
}

# Whether the process that the cluster names works in it. pg_ctl asks only whether there is such a
# process, which a killed one that nobody has reaped still is.
is_running() {
  local pid
  pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [[ $(readlink "/proc/$pid/cwd") == "$data" ]]
}

psql_as() { as_owner "$bin/psql" --no-psqlrc --host="$sockets" --username="$1" "${@:2}"; }

settings() {
  cat <<CONF
listen_addresses = ''
unix_socket_directories = '$sockets'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '$base/log'
log_filename = 'postgres-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
jit = off
CONF
  if [[ $kind == test ]]; then
    cat <<CONF
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
CONF
  fi
}

create() {
  say "postgres.sh: making a cluster in $data"
  as_owner rm -rf "$data.new"
  as_owner "$bin/initdb" --pgdata="$data.new" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --data-checksums >/dev/null
  as_owner tee "$data.new/pg_hba.conf" >/dev/null <<<'local all all trust'
  as_owner tee -a "$data.new/postgresql.conf" >/dev/null <<<"include = 'ytops.conf'"
  # Only a finished cluster bears the name.
  as_owner mv "$data.new" "$data"
}

# After a kill -9 the files naming the old process stay. Postgres sees through them unless there is
# still a process of that number: another program, as happens soon in a container, or a dead one that
# nobody has reaped.
forget_dead_server() {
  local pid file
  # What the old server left running ends by itself once it notices; a new one refuses until then.
  for _ in $(seq 100); do
    [[ -n $(servers) ]] || break
    sleep 0.1
  done
  [[ -z $(servers) ]] || die "postgres.sh: processes $(servers | tr '\n' ' ')still use $data"
  for file in "$data/postmaster.pid" "$sockets/.s.PGSQL.5432.lock"; do
    pid=$(head -1 "$file" 2>/dev/null) || continue
    if [[ $pid =~ ^[0-9]+$ && -d /proc/$pid ]]; then
      say "postgres.sh: removing $file: process $pid is not the server that wrote it"
      as_owner rm -f "$file"
    fi
  done
}

# Processes that work in the cluster's folder.
servers() {
  local link
  for link in /proc/[0-9]*/cwd; do
    if [[ $(readlink "$link" 2>/dev/null) == "$data" ]]; then link=${link#/proc/} && echo "${link%/cwd}"; fi
  done
}

start() {
  local lock=$base/start.lock
  if [[ $owner == postgres && $(id -u) == 0 ]]; then
    id postgres >/dev/null 2>&1 || die "postgres.sh: there is no system user postgres: deploy/scripts/install.sh run"
    # The owner must get through, whatever root's umask.
    (umask 022 && mkdir -p "$(dirname "$base")")
  fi
  install -d -m 0700 -o "$owner" "$base"
  as_owner install -d -m 0700 "$sockets" "$base/log"
  if [[ $(id -u) == 0 ]]; then
    install -d -m 0700 /run/ytops-postgres
    lock=/run/ytops-postgres/$(printf %s "$base" | sha256sum | cut -c1-12).lock
  fi
  # Two calls at once: the second waits and finds it running. The descriptor must not reach the
  # server, which would hold the lock as long as it lives.
  exec 9>"$lock"
  flock 9
  bin=$(bin_folder)
  if ! is_running 9>&-; then
    [[ -f $data/PG_VERSION ]] || create 9>&-
    settings | as_owner tee "$data/ytops.conf" >/dev/null
    forget_dead_server
    as_owner "$bin/pg_ctl" --pgdata="$data" --log="$base/log/start.log" --wait --timeout=120 --silent start 9>&- >&2 ||
      die "postgres.sh: it did not start; $base/log says why"
  fi
  prepare 9>&-
  flock -u 9
}

# The role and the database, where missing.
prepare() {
  # A backup is drilled, and restored, into a database beside the live one.
  local options='LOGIN CREATEDB'
  # Tests make roles to look through.
  [[ $kind == test ]] && options+=' CREATEROLE'
  psql_as postgres --dbname=postgres --quiet --set=ON_ERROR_STOP=1 >/dev/null <<SQL
SELECT 'CREATE ROLE ytops $options' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ytops') \gexec
ALTER ROLE ytops $options;
-- Where the data lies, so that the console can tell how much room is left there.
GRANT pg_read_all_settings TO ytops;
SELECT 'CREATE DATABASE ytops OWNER ytops' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ytops') \gexec
SQL
}

case $verb in
  start) start ;;
  stop)
    bin=$(bin_folder)
    if [[ -d $data ]] && is_running; then as_owner "$bin/pg_ctl" --pgdata="$data" --mode=fast --wait --silent stop >&2; fi
    ;;
  status)
    bin=$(bin_folder)
    if [[ -d $data ]] && is_running; then echo "running: $(url)"; else echo stopped && exit 3; fi
    ;;
  url) url ;;
  psql)
    bin=$(bin_folder)
    psql_as ytops --dbname=ytops "${@:3}"
    ;;
  *) die "usage: postgres.sh start|stop|status|url|psql [run|test]" ;;
esac
