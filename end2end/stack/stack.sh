#!/usr/bin/env bash
# The sample platform, with one command each:
#
#   stack.sh up              engine, images, containers; returns once all are healthy
#   stack.sh down [--volumes] removes the containers (and their data); the engine stays
#   stack.sh status          state of each service; exit 0 where all are healthy
#   stack.sh logs [SERVICE…] follows the logs
#   stack.sh fail crash|hang|leak|errors|cost [--stay-down]
#                            a failure of the backend; with --stay-down the engine
#                            doesn't restart it after a crash or kill
#   stack.sh fail reset      ends the failure, starts what stayed down
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

HEALTHY_TIMEOUT_S="${HEALTHY_TIMEOUT_S:-120}"
BACKEND=ytempire_backend

# state SERVICE: e.g. "running healthy", or "absent".
state() {
    local now
    now="$(docker inspect -f '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "ytempire_$1" 2>/dev/null)" || now=absent
    echo "$now"
}

# wait_healthy SERVICE…: bounded; on failure shows the last log lines.
wait_healthy() {
    local deadline=$((SECONDS + HEALTHY_TIMEOUT_S)) service
    for service in "$@"; do
        until [ "$(state "$service")" = "running healthy" ]; do
            if [ "$SECONDS" -ge "$deadline" ]; then
                say "--- last lines of $service ---"
                docker logs --tail 20 "ytempire_$service" >&2 || true
                die "$service is $(state "$service") after $HEALTHY_TIMEOUT_S s"
            fi
            sleep 0.3
        done
    done
}

addresses() {
    cat <<TEXT
DOCKER_HOST=$DOCKER_HOST
postgres  127.0.0.1:$POSTGRES_PORT (database and user ytempire; password: DB_PASSWORD in $STACK_HOME/.env)
redis     127.0.0.1:$REDIS_PORT
backend   http://127.0.0.1:$BACKEND_PORT
frontend  http://127.0.0.1:$FRONTEND_PORT
n8n       http://127.0.0.1:$N8N_PORT
nginx     http://127.0.0.1:$NGINX_PORT
TEXT
}

up() {
    local engine
    engine="$("$STACK_HOME/engine.sh" start)"
    export "${engine?}"
    install_missing docker-compose=docker-compose
    # Two at once from one checkout would make each other's containers anew.
    exec 9<"$STACK_HOME/compose.yaml"
    flock 9
    "$STACK_HOME/build-images.sh" 9>&- >/dev/null
    compose up -d --remove-orphans 9>&- >&2
    exec 9>&-
    wait_healthy "${SERVICES[@]}"
    addresses
}

down() {
    compose down --remove-orphans "$@"
}

status() {
    local service now bad=0
    for service in "${SERVICES[@]}"; do
        now="$(state "$service")"
        [ "$now" = "running healthy" ] || bad=1
        printf '%-9s %s\n' "$service" "$now"
    done
    return "$bad"
}

# request KIND: asks the backend for a failure; one that is just starting
# refuses for a moment, and that is no news.
request() {
    local url="http://127.0.0.1:$BACKEND_PORT/fail/$1"
    curl -sf -m 5 --retry 15 --retry-delay 1 --retry-all-errors -X POST "$url" || die "the backend doesn't answer $url"
    echo
}

# wait_until_gone STARTED_AT: until the run of the backend that began then is over.
wait_until_gone() {
    local deadline=$((SECONDS + 10))
    while [ "$(docker inspect -f '{{.State.Running}} {{.State.StartedAt}}' "$BACKEND")" = "true $1" ]; do
        [ "$SECONDS" -lt "$deadline" ] || die "the backend did not end"
        sleep 0.1
    done
}

fail() {
    local kind="${1:-}" started
    case "$kind" in
        crash | hang | leak | errors | cost)
            [ "${2:-}" = --stay-down ] && docker update --restart=no "$BACKEND" >/dev/null
            started="$(docker inspect -f '{{.State.StartedAt}}' "$BACKEND")"
            request "$kind"
            [ "$kind" != crash ] || wait_until_gone "$started"
            ;;
        reset)
            docker update --restart=always "$BACKEND" >/dev/null
            docker start "$BACKEND" >/dev/null
            request reset
            wait_healthy backend
            ;;
        *) usage ;;
    esac
}

usage() {
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

command="${1:-}"
[ $# -eq 0 ] || shift
case "$command" in up | down | status | logs | fail) ;; *) usage ;; esac
load_env
[ "$command" = up ] || use_engine
case "$command" in
    logs) compose logs -f --tail 100 "$@" ;;
    *) "$command" "$@" ;;
esac
