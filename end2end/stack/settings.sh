# Where the sample platform keeps its things, and how it reaches the Docker
# Engine. Sourced by the scripts beside it; does nothing by itself.
# shellcheck shell=bash disable=SC2034 # the variables are for those who source it

STACK_HOME="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
# Everything that is large or secret to a machine stays outside the checkout.
STACK_DIR="${YTOPS_STACK_DIR:-/var/lib/ytops-stack}"
# Sockets and runtime state of the engine; lost at reboot, as they must be.
STACK_RUN="${YTOPS_STACK_RUN:-/run/ytops-stack}"
ENGINE_SOCKET="$STACK_DIR/docker.sock"
ENGINE_PIDFILE="$STACK_DIR/docker.pid"
ENGINE_LOG="$STACK_DIR/dockerd.log"
CACHE_DIR="$STACK_DIR/cache"
PROJECT=ytempire
SERVICES=(postgres redis backend frontend n8n nginx)
IMAGE_PREFIX=ytops-sample

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# may_sudo: whether sudo lets this user through; asks where there is somebody to ask.
may_sudo() {
    command -v sudo >/dev/null 2>&1 || return 1
    if [ -t 0 ]; then sudo --validate; else sudo --non-interactive true 2>/dev/null; fi
}

# as_root SCRIPT ARGUMENT…: runs one of these scripts as root. The engine it
# starts serves the caller: the socket becomes theirs.
as_root() {
    local settings=("YTOPS_STACK_USER=$(id -un)" "YTOPS_STACK_DIR=$STACK_DIR" "YTOPS_STACK_RUN=$STACK_RUN") name
    may_sudo || die "an engine and its base image need root, and sudo doesn't let you through. As root, run:
  export YTOPS_STACK_USER=$(id -un); $STACK_HOME/engine.sh start && $STACK_HOME/base-image.sh"
    for name in DOCKER_HOST YTOPS_DEBIAN_MIRROR YTOPS_STACK_STORAGE_DRIVER; do
        [ -z "${!name:-}" ] || settings+=("$name=${!name}")
    done
    sudo env "${settings[@]}" "$STACK_HOME/$1" "${@:2}"
}

# engine_answers URL: true where a Docker Engine replies to a ping within 3 s.
engine_answers() {
    local url="$1" reply
    case "$url" in
        unix://*) reply="$(curl -sf -m 3 --unix-socket "${url#unix://}" http://engine/_ping 2>/dev/null)" ;;
        tcp://*) reply="$(curl -sf -m 3 "http://${url#tcp://}/_ping" 2>/dev/null)" ;;
        *) return 1 ;;
    esac
    [ "$reply" = OK ]
}

# engine_find: prints the address of an engine that answers, the caller's
# choice first, then the one that engine.sh starts, then the system's.
engine_find() {
    local url
    for url in "${DOCKER_HOST:-}" "unix://$ENGINE_SOCKET" unix:///var/run/docker.sock; do
        if [ -n "$url" ] && engine_answers "$url"; then
            printf '%s\n' "$url"
            return 0
        fi
    done
    return 1
}

# use_engine: exports DOCKER_HOST, or ends the script where no engine answers.
use_engine() {
    DOCKER_HOST="$(engine_find)" || die "no Docker Engine answers; start one: $STACK_HOME/engine.sh start"
    export DOCKER_HOST
    # The classic builder needs no plugin and is in every engine to date.
    export DOCKER_BUILDKIT=0
}

# install_missing COMMAND=PACKAGE…: installs the packages whose command lacks.
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null 2>&1 || packages+=("${pair#*=}")
    done
    [ ${#packages[@]} -eq 0 ] && return 0
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q)
    if [ "$(id -u)" -ne 0 ]; then
        may_sudo || die "missing packages. As root, run: apt-get install -y --no-install-recommends ${packages[*]}"
        apt=(sudo "${apt[@]}")
    fi
    say "installing ${packages[*]}"
    "${apt[@]}" install -y --no-install-recommends "${packages[@]}" >&2 && return 0
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "${packages[@]}" >&2
}

# load_env: reads .env (made from .env.example at first use), leaving what the
# caller's environment already sets, as compose does.
load_env() {
    local line name
    make_env_file
    while IFS= read -r line; do
        case "$line" in '' | '#'*) continue ;; esac
        name="${line%%=*}"
        [ -n "${!name+set}" ] || export "$name=${line#*=}"
    done <"$STACK_HOME/.env"
}

# make_env_file: copies .env.example with a random value for each CHANGE_ME.
make_env_file() {
    local target="$STACK_HOME/.env" draft line
    [ -e "$target" ] && return 0
    draft="$(umask 077 && mktemp "$target.XXXXXX")"
    while IFS= read -r line; do
        case "$line" in
            *CHANGE_ME) line="${line%CHANGE_ME}$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" ;;
        esac
        printf '%s\n' "$line"
    done <"$STACK_HOME/.env.example" >"$draft"
    # A link, not a move: of two first runs at once, one wins and both agree.
    ln "$draft" "$target" 2>/dev/null || true
    rm -f "$draft"
}

# compose ARGUMENT…: compose v2 where the client has it, else docker-compose 1.29.
compose() {
    local program=(docker-compose)
    docker compose version >/dev/null 2>&1 && program=(docker compose)
    "${program[@]}" --project-directory "$STACK_HOME" --env-file "$STACK_HOME/.env" \
        -f "$STACK_HOME/compose.yaml" -p "$PROJECT" "$@"
}
