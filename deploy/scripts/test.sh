#!/usr/bin/env bash
# All tests, from nothing: test.sh. Ends with a line of its own, "N passed, N failed, N skipped", and
# with 1 where anything failed; a step that is no test (formatting, clippy, a build) counts as one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$ROOT"
work=$(mktemp -d)
passed=0 failed=0 skipped=0

step() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then return 0; fi
  printf '== %s: failed\n' "$name"
  failed=$((failed + 1))
  return 1
}

# Adds up cargo's "test result:" lines.
count_rust() {
  local p f s
  read -r p f s < <(awk '/^test result:/ { for (i = 1; i < NF; i++) { if ($(i+1) == "passed;") p += $i; if ($(i+1) == "failed;") f += $i; if ($(i+1) == "ignored;") s += $i } }
    END { print p + 0, f + 0, s + 0 }' "$1")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  [[ $f == 0 ]]
}

rust_tests() {
  local status=0
  # What can't be tried on this machine is told here by the tests, a line each.
  export YTOPS_PASSED_OVER=$work/passed-over
  : >"$YTOPS_PASSED_OVER"
  cargo test --locked --workspace --exclude frontend --no-fail-fast 2>&1 | tee "$work/rust.log" || status=$?
  if [[ -s $YTOPS_PASSED_OVER ]]; then
    sed 's/^/== skipped: /' "$YTOPS_PASSED_OVER"
    skipped=$((skipped + $(wc -l <"$YTOPS_PASSED_OVER")))
  fi
  # Failed tests are counted one by one; what did not compile, or died, left no line to count.
  if count_rust "$work/rust.log" && [[ $status != 0 ]]; then return 1; fi
  return 0
}

# Some Rust tests drive a real engine, the one that the sample platform of the browser tests then runs on.
test_engine() {
  local said
  # It outlives this run, so it must not hold the run's lock.
  said=$(end2end/stack/engine.sh start 8>&-) || return 1
  export YTOPS_TEST_DOCKER=${said#DOCKER_HOST=}
}

# Browser tests' packages, outside the checkout like all that is built or fetched.
node_modules() {
  if [[ -d end2end/node_modules && ! -L end2end/node_modules ]]; then return 0; fi
  local modules
  modules=$YTOPS_CACHE/node/end2end-$(sha256sum <end2end/package-lock.json | cut -c1-12)
  npm_ci end2end "$modules" || return 1
  ln -sfn "$modules/node_modules" end2end/node_modules
}

browser_tests() {
  local status=0 p f s
  node_modules || return 1
  (cd end2end && PLAYWRIGHT_JSON_OUTPUT_NAME=$work/browser.json node_modules/.bin/playwright test --reporter=list,json) || status=$?
  # What passed only when tried again counts as failed.
  read -r p f s < <(node -e 'const s = JSON.parse(require("fs").readFileSync(process.argv[1])).stats; console.log(s.expected, s.unexpected + s.flaky, s.skipped)' "$work/browser.json") || return 1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  [[ $status == 0 || $f != 0 ]]
}

finish() {
  [[ -z $keeper ]] || kill "$keeper" 2>/dev/null || true
  # Only what was started here, and only when no other run of tests is in it.
  if [[ $started == yes ]] && flock --nonblock 8; then deploy/scripts/postgres.sh stop test; fi
  rm -rf "$work"
}

deploy/scripts/install.sh test
use_node_runtime

# What needs root comes first, while there may be somebody to type a password.
engine=$(end2end/stack/engine.sh start)
export YTOPS_TEST_DOCKER=${engine#DOCKER_HOST=}
end2end/stack/base-image.sh >/dev/null
# The tests stop and start the engine later: sudo shall not have forgotten by then.
keep_sudo() { while sleep 60 && sudo --non-interactive --validate 2>/dev/null; do :; done; }
keeper=
if [[ $(id -u) != 0 ]]; then keep_sudo & keeper=$!; fi

started=no
deploy/scripts/postgres.sh status test >/dev/null || started=yes
mkdir -p "$YTOPS_CACHE" "$BUILD/dev/site"
exec 8>"$YTOPS_CACHE/test.lock"
flock --shared 8
trap finish EXIT
deploy/scripts/postgres.sh start test 8>&-
DATABASE_URL=$(deploy/scripts/postgres.sh url test)
# Tests talk to the database; the compiler takes what it must know of it from .sqlx.
export DATABASE_URL SQLX_OFFLINE=true YTOPS_SITE_DIR=$BUILD/dev/site

step "formatting" cargo fmt --check || true
# Apart: with both in one build, `app` would be compiled for server and browser at once.
step "clippy" cargo clippy --locked --workspace --exclude frontend --all-targets --no-deps -- -D warnings || true
step "clippy, browser" cargo clippy --locked --package frontend --no-deps -- -D warnings || true
step "query cache" deploy/scripts/prepare.sh --check || true
step "Docker Engine" test_engine || true
# Before the Rust tests: those that start the console find the site of this commit, not an older one's.
site=yes
step "site" make --no-print-directory dev-build || site=no
step "Rust tests" rust_tests || true
if [[ $site == yes && -f end2end/package.json ]]; then
  export YTOPS_BIN=$BUILD/dev/ytops
  step "browser tests" browser_tests || true
fi

printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[[ $failed == 0 ]]
