#!/bin/bash
# Starts Postgres 15 on the data volume. At each start it makes sure that the
# roles and databases exist and that the passwords are the environment's, so a
# volume that outlived its .env keeps working.
set -euo pipefail

export PATH="/usr/lib/postgresql/15/bin:$PATH" PGDATA=/var/lib/postgresql/data LC_ALL=C.UTF-8 PGOPTIONS='-c client_min_messages=warning'
: "${POSTGRES_USER:?}" "${POSTGRES_PASSWORD:?}" "${POSTGRES_DB:?}"
N8N_USER=n8n N8N_DB=n8n

if [ "$(id -u)" -eq 0 ]; then
    install -d -o postgres -g postgres -m 2775 /run/postgresql
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

# A cluster is whole once its marker exists: a start killed half-way begins anew.
if [ ! -e "$PGDATA/initialised" ]; then
    find "$PGDATA" -mindepth 1 -delete
    initdb --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 >/dev/null
    cat >>"$PGDATA/postgresql.conf" <<'CONF'
listen_addresses = '*'
max_connections = 50
shared_buffers = 64MB
jit = off
log_min_duration_statement = 1000
CONF
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    touch "$PGDATA/initialised"
fi

# owner ROLE PASSWORD DATABASE: on the local socket only, before clients come.
owner() {
    psql -q -v ON_ERROR_STOP=1 -U postgres -d postgres -v role="$1" -v password="$2" -v database="$3" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SQL
}

pg_ctl --silent --wait --options="-c listen_addresses='' -c log_min_messages=fatal" start >/dev/null
owner "$POSTGRES_USER" "$POSTGRES_PASSWORD" "$POSTGRES_DB"
owner "$N8N_USER" "$POSTGRES_PASSWORD" "$N8N_DB"
# As in the image of the registry: whoever owns the platform's database may make others beside it, which a restore does.
psql -q -U postgres -d postgres -v role="$POSTGRES_USER" <<<'ALTER ROLE :"role" SUPERUSER;'
pg_ctl --silent --wait --mode=fast stop

exec postgres "$@"
