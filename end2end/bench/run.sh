#!/usr/bin/env bash
# Measures the release binary: run.sh [--write] [FIGURE..]
#
#   --write  also writes the table to docs/figures.md
#   FIGURE   only these: event deployment sign-in first-load lighthouse axe memory resources-rest resources-bytes
#            resources-charts resources-streams resources-pixel resources-agents backups backups-memory
#
# The first time resources-bytes records this machine for 65 minutes; the recording is kept in YTOPS_CACHE.
#
# Needs what `deploy/scripts/install.sh bench` installs, and root, sudo or the group docker for the engine
# (see end2end/stack/README.md). It measures what the machine gives: leave the machine alone meanwhile. YTOPS_BIN
# (with YTOPS_SITE, its site folder) measures another binary than the checkout's.
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/scripts/lib.sh"

cd "$ROOT"
if [[ -z ${YTOPS_BIN:-} ]]; then
  make --no-print-directory "$BUILD/release/ytops"
  export YTOPS_BIN=$BUILD/release/ytops
fi
export YTOPS_SITE=${YTOPS_SITE:-$BUILD/release/site}

# Packages stand outside the checkout, once for each committed lock file.
modules=$YTOPS_CACHE/node/bench-$(sha256sum <end2end/bench/package-lock.json | cut -c1-12)
npm_ci end2end/bench "$modules"
ln -sfn "$modules/node_modules" end2end/bench/node_modules

# A cluster of its own with the settings of a real one: the tests' is not crash-safe, which flatters.
if [[ $(id -u) == 0 ]]; then
  export YTOPS_POSTGRES_DIR=/var/lib/ytops-postgres-bench
else
  export YTOPS_POSTGRES_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/ytops/bench-postgres
fi
had_postgres=yes
deploy/scripts/postgres.sh status run >/dev/null || had_postgres=no
deploy/scripts/postgres.sh start run
DATABASE_URL=$(deploy/scripts/postgres.sh url run)
export DATABASE_URL

finish() {
  if [[ $had_postgres == no ]]; then deploy/scripts/postgres.sh stop run; fi
}
trap finish EXIT

# One that runs already is measured as it is: `up` would make it anew where another checkout started it.
running_services() {
  (source end2end/stack/settings.sh && use_engine && docker ps --quiet --filter "label=com.docker.compose.project=$PROJECT" | wc -l) 2>/dev/null || echo 0
}
[[ $(running_services) -ge 6 ]] || end2end/stack/stack.sh up
# shellcheck source=../stack/settings.sh
DOCKER_HOST=$(source end2end/stack/settings.sh && engine_find)
export DOCKER_HOST
node end2end/bench/main.mjs "$@"
