#!/usr/bin/env bash
# Starts the console: run.sh BINARY. Brings its own Postgres unless the environment or the settings file names one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

binary=${1:?the ytops binary}
cd "$ROOT"
if ! names_a_database; then
  deploy/scripts/postgres.sh start run
  DATABASE_URL=$(deploy/scripts/postgres.sh url run)
  export DATABASE_URL
fi
exec "$binary" serve
