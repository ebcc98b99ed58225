#!/usr/bin/env bash
# Gives the sample platform a Docker Engine: one that already answers, else
# Debian's dockerd on a socket of its own.
#
#   engine.sh start    prints DOCKER_HOST=… once the engine answers
#   engine.sh stop     ends the engine that start began; containers live on
#   engine.sh status   exit 0 where an engine answers
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

START_TIMEOUT_S=60
STOP_TIMEOUT_S=40

# has_argument PID ARGUMENT: whether that process lives and was started so. A
# pidfile left by a killed process may name a stranger; a zombie has no arguments.
has_argument() {
    tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | grep -qxF -- "$2"
} 2>/dev/null

is_own_engine() { has_argument "$1" "--pidfile=$ENGINE_PIDFILE"; }

# own_pid: prints the pid of the dockerd that start began, if it lives.
own_pid() {
    local pid
    pid="$(cat "$ENGINE_PIDFILE" 2>/dev/null)" && [ -n "$pid" ] && is_own_engine "$pid" || return 1
    printf '%s\n' "$pid"
}

# clear_remains: what a killed engine leaves makes the next one wait in vain:
# its pidfile, whose number may now be anyone's, and that of its containerd.
clear_remains() {
    local pidfile="$STACK_RUN/containerd/containerd.pid" pid waited=0
    if pid="$(cat "$pidfile" 2>/dev/null)" && [ -n "$pid" ]; then
        while has_argument "$pid" "$STACK_RUN/containerd/containerd.toml"; do
            # The containers' shims live on without it, as at any engine stop.
            [ "$waited" -gt 0 ] || kill -TERM "$pid" 2>/dev/null || true
            [ $((waited += 1)) -lt 50 ] || kill -KILL "$pid" 2>/dev/null || true
            sleep 0.2
        done
    fi
    rm -f "$pidfile" "$ENGINE_PIDFILE" "$ENGINE_SOCKET"
}

check_place() {
    case "$STACK_DIR" in
        /home/* | /root | /root/*) die "YTOPS_STACK_DIR=$STACK_DIR is under a home directory, which service users can't enter; choose one such as /var/lib/ytops-stack" ;;
        /*) ;;
        *) die "YTOPS_STACK_DIR=$STACK_DIR must be an absolute path" ;;
    esac
}

# Memory limits, and so OOM kills, need a cgroup hierarchy.
ensure_cgroups() {
    [ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] && return 0
    say "no cgroup hierarchy is mounted; mounting cgroup2"
    mount -t cgroup2 cgroup2 /sys/fs/cgroup || say "warning: limits will not work"
}

# storage_driver: overlay2 where the file system under the data allows it.
storage_driver() {
    if [ -n "${YTOPS_STACK_STORAGE_DRIVER:-}" ]; then
        printf '%s\n' "$YTOPS_STACK_STORAGE_DRIVER"
        return
    fi
    local probe
    probe="$(mktemp -d "$STACK_DIR/probe.XXXXXX")"
    mkdir "$probe"/{lower,upper,work,merged}
    if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/merged" 2>/dev/null; then
        umount "$probe/merged"
        echo overlay2
    else
        say "overlay mounts don't work on $STACK_DIR; using vfs (slower, larger)"
        echo vfs
    fi
    rm -rf "$probe"
}

# network_options: without packet filter the engine still serves published
# ports on loopback through its userland proxy.
network_options() {
    iptables -t nat -S >/dev/null 2>&1 && return 0
    say "iptables doesn't work here; published ports go through the proxy only"
    printf '%s\n' --iptables=false --ip6tables=false --ip-masq=false
}

launch() {
    local options
    mkdir -p "$STACK_DIR" "$STACK_RUN"
    chmod 711 "$STACK_DIR"
    ensure_cgroups
    mapfile -t options < <(network_options)
    clear_remains
    [ -e "$ENGINE_LOG" ] && mv -f "$ENGINE_LOG" "$ENGINE_LOG.1"
    # Live restore: containers outlive the engine, as on a server whose Docker
    # is upgraded. A session of its own: Ctrl-C at the caller must not reach it.
    # The lock's descriptor stays behind.
    setsid dockerd --host="unix://$ENGINE_SOCKET" --pidfile="$ENGINE_PIDFILE" \
        --data-root="$STACK_DIR/data" --exec-root="$STACK_RUN" \
        --storage-driver="$(storage_driver)" --live-restore --shutdown-timeout=15 \
        "${options[@]}" </dev/null >"$ENGINE_LOG" 2>&1 9>&- &
    local child=$! waited=0
    until engine_answers "unix://$ENGINE_SOCKET"; do
        if ! kill -0 "$child" 2>/dev/null || [ $((waited += 1)) -gt $((START_TIMEOUT_S * 5)) ]; then
            tail -n 20 "$ENGINE_LOG" >&2
            die "dockerd did not come up; its log: $ENGINE_LOG"
        fi
        sleep 0.2
    done
}

# hand_over URL: Dockerd makes its socket root's and the group docker's; that of
# the scripts' own engine becomes the caller's, where root works for somebody.
hand_over() {
    local user="${YTOPS_STACK_USER:-${SUDO_USER:-}}"
    if [ "$(id -u)" -eq 0 ] && [ -n "$user" ] && [ "$1" = "unix://$ENGINE_SOCKET" ]; then
        chown "$user" "$ENGINE_SOCKET"
    fi
}

start_as_root() {
    local said
    said="$(as_root engine.sh start)" || exit 1
    engine_answers "${said#DOCKER_HOST=}" ||
        die "the engine at ${said#DOCKER_HOST=} isn't open to $(id -un). As root, run: usermod --append --groups docker $(id -un); then sign in anew"
    printf '%s\n' "$said"
}

start() {
    local url
    install_missing curl=curl
    if ! url="$(engine_find)"; then
        check_place
        install_missing dockerd=docker.io iptables=iptables
        if [ "$(id -u)" -ne 0 ]; then
            start_as_root
            return
        fi
        mkdir -p "$STACK_DIR"
        exec 9>"$STACK_DIR/engine.lock"
        flock 9
        # Another start may have won the lock, or the package started a service.
        if ! url="$(engine_find)"; then
            launch
            url="unix://$ENGINE_SOCKET"
        fi
        exec 9>&-
    fi
    hand_over "$url"
    if [ -n "${DOCKER_HOST:-}" ] && [ "$url" != "$DOCKER_HOST" ]; then
        say "DOCKER_HOST=$DOCKER_HOST doesn't answer; using $url"
    fi
    printf 'DOCKER_HOST=%s\n' "$url"
}

stop() {
    local pid waited=0
    if ! pid="$(own_pid)"; then
        say "no engine started by this script is running"
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        as_root engine.sh stop
        return
    fi
    kill -TERM "$pid" || die "can't signal dockerd (pid $pid)"
    while is_own_engine "$pid"; do
        if [ $((waited += 1)) -eq $((STOP_TIMEOUT_S * 5)) ]; then
            say "dockerd (pid $pid) did not end within $STOP_TIMEOUT_S s; killing it"
            kill -KILL "$pid" 2>/dev/null || true
        fi
        [ "$waited" -gt $(((STOP_TIMEOUT_S + 5) * 5)) ] && die "dockerd (pid $pid) does not end"
        sleep 0.2
    done
    rm -f "$ENGINE_PIDFILE" "$ENGINE_SOCKET"
    say "engine stopped; containers keep running until it is started again"
}

status() {
    local url pid
    url="$(engine_find)" || { echo "no engine answers"; return 1; }
    printf 'DOCKER_HOST=%s\n' "$url"
    if [ "$url" = "unix://$ENGINE_SOCKET" ] && pid="$(own_pid)"; then
        echo "started by this script, pid $pid, log $ENGINE_LOG"
    else
        echo "not started by this script"
    fi
}

case "${1:-}" in
    start | stop | status) "$1" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
