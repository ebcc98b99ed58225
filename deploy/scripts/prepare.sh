#!/usr/bin/env bash
# Refreshes .sqlx, what the compiler knows of the database while there is none: prepare.sh [--check]
#
# Applies the migrations to a scratch database, lets the compiler ask it about every query, and
# replaces .sqlx. With --check nothing is replaced; it ends with 1 where .sqlx is out of date.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
fresh=$(mktemp -d)
database=ytops_prepare_$$
finish() {
  rm -rf "$fresh"
  postgres psql test --quiet --command="DROP DATABASE IF EXISTS $database WITH (FORCE)"
}
postgres() { deploy/scripts/postgres.sh "$@"; }

postgres start test
trap finish EXIT
postgres psql test --quiet --command="CREATE DATABASE $database"
# The migrator's own table, which a query may read as well.
postgres psql test --quiet --dbname="$database" >/dev/null <<'SQL'
CREATE TABLE _sqlx_migrations (
    version bigint PRIMARY KEY,
    description text NOT NULL,
    installed_on timestamptz NOT NULL DEFAULT now(),
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
SQL
for migration in migrations/*.sql; do
  transaction=--single-transaction
  # The migrator's own mark for what can't run in one, CREATE INDEX CONCURRENTLY for instance.
  if head -1 "$migration" | grep --quiet '^-- no-transaction'; then transaction=--quiet; fi
  postgres psql test --quiet --set=ON_ERROR_STOP=1 --dbname="$database" "$transaction" <"$migration" >/dev/null || die "$migration failed"
done

url=$(postgres url test)
export DATABASE_URL=${url/\/ytops\?//$database?} SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$fresh
# The queries are looked up while their crate compiles, so it must compile; apart from the other
# builds, which would have to compile it again.
export CARGO_TARGET_DIR=$YTOPS_CACHE/target-prepare
cargo clean --quiet --package store
cargo check --quiet --package store --all-targets

if [[ ${1:-} == --check ]]; then
  diff --recursive --brief .sqlx "$fresh" >&2 || die ".sqlx is out of date: make prepare"
else
  mkdir -p .sqlx
  find .sqlx -name 'query-*.json' -delete
  find "$fresh" -name 'query-*.json' -exec cp -t .sqlx {} +
  say ".sqlx: $(find .sqlx -name 'query-*.json' | wc -l) queries"
fi
