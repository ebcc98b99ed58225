#!/usr/bin/env bash
# Starts the console: run.sh BINARY. Brings its own Postgres unless a database is named.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

binary=${1:?the ytops binary}
cd "$ROOT"
if [[ -z ${DATABASE_URL:-} ]] && ! grep --quiet --no-messages '^[[:space:]]*database_url[[:space:]]*=' ytops.toml; then
  deploy/scripts/postgres.sh start run
  DATABASE_URL=$(deploy/scripts/postgres.sh url run)
  export DATABASE_URL
fi
exec "$binary" serve
