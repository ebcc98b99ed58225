#!/usr/bin/env bash
# Installs what is missing: install.sh build|run|demo|test|bench. Needs root or sudo for that; where
# it has neither it prints the line to run and ends with 1. With nothing missing it changes nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

purpose=${1:-run}
case $purpose in build | run | demo | test | bench) ;; *) die "usage: install.sh build|run|demo|test|bench" ;; esac

packages=()

has() { command -v "$1" >/dev/null 2>&1; }

# want COMMAND PACKAGE..: the packages are needed where the command is missing.
want() { has "$1" || packages+=("${@:2}"); }

# at_least WANTED FOUND: whether version FOUND is WANTED or later.
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -1) == "$1" ]]; }

check_rust() {
  local wanted found
  if ! has cargo || ! has rustc; then die "Rust is missing. Install it with rustup, then start again."; fi
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
  found=$(cd "$ROOT" && rustc --version | cut -d' ' -f2)
  at_least "$wanted" "$found" || die "Rust $found is too old, $wanted is needed: rustup update"
  if [[ $purpose == test || $purpose == bench ]]; then
    cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt || die "cargo fmt is missing: rustup component add rustfmt"
    cargo clippy --version >/dev/null 2>&1 || rustup component add clippy || die "cargo clippy is missing: rustup component add clippy"
  fi
}

# The wasm32 standard library: from rustup, or a second compiler of Debian's that brings its source.
want_wasm() {
  local target=wasm32-unknown-unknown
  [[ ${YTOPS_WASM_TOOLCHAIN:-} != web && -d $(cd "$ROOT" && rustc --print sysroot)/lib/rustlib/$target/lib ]] && return
  has_package rustc-web && has_package cargo-web && has_package rust-web-src && return
  if [[ ${YTOPS_WASM_TOOLCHAIN:-} != web ]] && has rustup; then
    say "installing the wasm target of Rust"
    (cd "$ROOT" && RUSTUP_MAX_RETRIES=1 timeout 180 rustup target add "$target" >&2) && return
    say "rustup could not; taking Debian's compiler for the web"
  fi
  packages+=(rustc-web cargo-web rust-web-src)
}

has_package() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# The version of Node that the scripts would use, or 0.
node_version() { node --version 2>/dev/null | tr -d v || echo 0; }

want_node() {
  at_least 18 "$(node_version)" || packages+=(nodejs)
  (PATH=$MACHINE_PATH && has npm) || packages+=(npm)
}

# The browser tests and the bench need a newer Node than Debian 12 has (18): their lock files say which. Where the
# machine's is older, npm's registry has one; it goes to the cache, and lib.sh puts it on the path of these steps alone.
want_newer_node() {
  local wanted
  wanted=$(sed -n 's/^ *"node": ">= *\([0-9.]*\)",\{0,1\}$/\1/p' "$ROOT"/end2end/package-lock.json "$ROOT"/end2end/bench/package-lock.json |
    sort --version-sort | tail -1)
  at_least "$wanted" "$(node_version)" && return
  say "fetching a newer Node: $wanted is needed, $(node_version) is here"
  npm_ci "$ROOT/deploy/node" "$NODE_RUNTIME" || die "npm could not fetch Node; install Node $wanted or later, then start again."
  mkdir -p "$NODE_RUNTIME/bin"
  ln -sf "$NODE_RUNTIME"/node_modules/node-linux-*/bin/node "$NODE_RUNTIME/bin/node"
  use_node_runtime
  at_least "$wanted" "$(node_version)" || die "Node $wanted or later is needed; there is none for this machine in npm's registry: install it, then start again."
}

want_postgres() {
  [[ -z $(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null) ]] || return 0
  if apt-cache show postgresql-15 >/dev/null 2>&1; then packages+=(postgresql-15); else packages+=(postgresql); fi
}

# What the console's backups are made with: restic, rclone for remote targets, and PostgreSQL's own programs, which must
# be of the version of the servers that are backed up, or later.
want_backups() {
  want restic restic
  want rclone rclone
  [[ -n $(find /usr/lib/postgresql -path '*/bin/pg_dump' 2>/dev/null) ]] || packages+=(postgresql-client)
}

want_platform() {
  want dockerd docker.io
  want iptables iptables
  want curl curl
  want docker-compose docker-compose
  want debootstrap debootstrap
  want busybox busybox-static
}

install_packages() {
  local sudo=() line unit fresh=()
  line="apt-get update && apt-get install --yes --no-install-recommends ${packages[*]}"
  has apt-get || die "These are missing, and there is no apt-get to install them with: ${packages[*]}"
  if [[ $(id -u) != 0 ]]; then
    may_sudo || die "Some packages are missing. As root, run:
  $line"
    sudo=(sudo)
  fi
  say "installing: ${packages[*]}"
  for unit in nginx.service redis-server.service prometheus-node-exporter.service docker.service docker.socket containerd.service netdata.service; do
    [[ -e /lib/systemd/system/$unit ]] || fresh+=("$unit")
  done
  # A package's service would take a port of this machine unasked; what is needed is started here.
  local had_clusters=yes policy=/usr/sbin/policy-rc.d
  [[ -n $(ls /etc/postgresql 2>/dev/null) ]] || had_clusters=no
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
    # shellcheck disable=SC2064
    trap "${sudo[*]} rm -f $policy" EXIT
  fi
  # --no-remove: better to fail than to take away what someone uses.
  "${sudo[@]}" apt-get update --quiet >&2 &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends --no-remove "${packages[@]}" >&2 ||
    die "The installation failed. The line was:
  $line"
  # The empty cluster that Debian's package makes would start with the machine, for nobody.
  if [[ $had_clusters == no ]] && has pg_lsclusters; then
    pg_lsclusters --no-header | while read -r version name _; do "${sudo[@]}" pg_dropcluster "$version" "$name"; done
  fi
  # Nor shall what came for the tests start with the machine.
  for unit in "${fresh[@]}"; do
    if [[ -e /lib/systemd/system/$unit ]] && has systemctl; then "${sudo[@]}" systemctl disable --quiet "$unit" || true; fi
  done
}

if [[ $purpose != demo ]]; then
  check_rust
  want cc gcc libc6-dev
  want_node
  want_wasm
fi
case $purpose in
  run)
    names_a_database || want_postgres
    want_backups
    ;;
  demo) want_platform ;;
  test | bench)
    want_postgres
    want_backups
    want_platform
    want chromium chromium fonts-dejavu-core
    want nginx nginx-light
    want redis-server redis-server
    want prometheus-node-exporter prometheus-node-exporter
    want openssl openssl
    want systemd-analyze systemd
    ;;
esac
if [[ $purpose == bench ]]; then
  want wrk wrk
  want netdata netdata
fi
if [[ ${#packages[@]} -gt 0 ]]; then install_packages; fi
if [[ $purpose == test || $purpose == bench ]]; then want_newer_node; fi
