#!/usr/bin/env bash
# Makes the base image that all sample images share: a minimal Debian bookworm
# with Postgres 15, Redis 7, nginx and Python, bootstrapped from Debian packages
# and kept as a tarball. Prints the image's name. Needs root, or sudo, where the
# engine lacks the image. YTOPS_DEBIAN_MIRROR names a mirror where apt's own is not Debian's.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

SUITE=bookworm
PACKAGES=(postgresql-15 redis-server nginx-light python3 python3-psycopg2 python3-redis busybox)
# What no sample image uses; LLVM alone (for Postgres' JIT) is a third of it.
LEAVE_OUT=('./proc/*' './sys/*' './dev/*' './run/*' './tmp/*' './var/cache/apt/*' './var/lib/apt/lists/*'
    './var/log/bootstrap.log' './var/log/dpkg.log' './var/log/apt/*'
    './etc/apt/sources.list' './etc/apt/apt.conf.d/90host' './etc/resolv.conf'
    './usr/share/doc/*' './usr/share/man/*' './usr/share/locale/*'
    './usr/lib/x86_64-linux-gnu/libLLVM*' './usr/lib/postgresql/15/lib/bitcode' './usr/lib/postgresql/15/lib/llvmjit*')

# mirror CODENAME: the address that this machine's apt uses for that suite.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(CODENAME) $(SITE)' 'Identifier: Packages' 2>/dev/null |
        awk -v suite="$1" '$1 == suite { print $2; exit }'
}

bootstrap() {
    local main security work root
    install_missing debootstrap=debootstrap
    main="${YTOPS_DEBIAN_MIRROR:-$(mirror "$SUITE")}"
    security="$(mirror "$SUITE-security")"
    [ -n "$main" ] || die "apt knows no mirror for Debian $SUITE; set YTOPS_DEBIAN_MIRROR"
    work="$(mktemp -d "$CACHE_DIR/bootstrap.XXXXXX")"
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    root="$work/root"
    say "bootstrapping Debian $SUITE (about a minute; log: $CACHE_DIR/bootstrap.log)"
    {
        debootstrap --variant=minbase "$SUITE" "$root" "$main" &&
            prepare_root "$root" "$main" "$security" &&
            install_packages "$root"
    } >"$CACHE_DIR/bootstrap.log" 2>&1 || { tail -n 20 "$CACHE_DIR/bootstrap.log" >&2; die "bootstrap failed"; }
    tar -C "$root" --numeric-owner "${LEAVE_OUT[@]/#/--exclude=}" -cf "$tarball.part" .
    mv "$tarball.part" "$tarball"
    find "$CACHE_DIR" -name 'base-*.tar' ! -path "$tarball" -delete
}

# prepare_root ROOT MIRROR SECURITY: apt like the host's, no service started by
# an installation (Postgres would take the host's port), no documentation.
prepare_root() {
    local root="$1"
    echo "deb $2 $SUITE main" >"$root/etc/apt/sources.list"
    [ -z "$3" ] || echo "deb $3 $SUITE-security main" >>"$root/etc/apt/sources.list"
    apt-config dump Acquire::http Acquire::https >"$root/etc/apt/apt.conf.d/90host" 2>/dev/null || true
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    mkdir -p "$root/etc/postgresql-common"
    echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
        'path-exclude=/usr/share/locale/*' >"$root/etc/dpkg/dpkg.cfg.d/90sample"
}

# install_packages ROOT: in a mount namespace of its own, so that /proc is gone
# from the root however the installation ends.
install_packages() {
    # shellcheck disable=SC2016 # the inner shell expands these
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 unshare --mount sh -ec '
        root="$1"
        shift
        mount -t proc proc "$root/proc"
        chroot "$root" apt-get update -q
        chroot "$root" apt-get install -y -q --no-install-recommends "$@"' sh "$1" "${PACKAGES[@]}"
}

# The name changes with the recipe, so an old tarball is never taken for new.
recipe="$({ declare -p SUITE PACKAGES LEAVE_OUT; declare -f bootstrap prepare_root install_packages; } | sha256sum | cut -c1-12)"
image="$IMAGE_PREFIX/base:$recipe"
tarball="$CACHE_DIR/base-$SUITE-$recipe.tar"

use_engine
if ! docker image inspect "$image" >/dev/null 2>&1; then
    if [ "$(id -u)" -ne 0 ]; then
        as_root base-image.sh
        exit
    fi
    mkdir -p "$CACHE_DIR"
    exec 9>"$CACHE_DIR/base.lock"
    flock 9
    [ -e "$tarball" ] || bootstrap
    docker import "$tarball" "$image" >/dev/null
fi
echo "$image"
