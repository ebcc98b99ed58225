#!/usr/bin/env bash
# Containers that mean harm to a console that reads them: hostile compose names,
# labels and logs, in projects beside the sample platform's.
#
#   hostile.sh up     LINE_BYTES=N sets the long log line (default 64 MiB, at most 1 GiB)
#   hostile.sh down
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

LINE_BYTES="${LINE_BYTES:-$((64 * 1024 * 1024))}"
MARK=ytops.sample=hostile
SCRIPT='<script>alert(1)</script>'
IMG='"><img src=x onerror=alert(1)>'
SQL="'; DROP TABLE users; --"

# long COUNT: that many characters.
long() { printf "%0$1d" 0 | tr 0 A; }

# run NAME KIND PROJECT SERVICE [DOCKER-RUN-OPTION…]
run() {
    local name="$1" kind="$2" project="$3" service="$4"
    shift 4
    docker run -d --name "$name" --network none --memory 64m --memory-swap 64m --pids-limit 8 --cpus 0.5 \
        --label "$MARK" --label "com.docker.compose.project=$project" \
        --label "com.docker.compose.service=$service" --label com.docker.compose.oneoff=False \
        -e "LINE_BYTES=$LINE_BYTES" "$@" "$IMAGE_PREFIX/hostile:r1" "$kind" >/dev/null
    echo "$name"
}

up() {
    case "$LINE_BYTES" in '' | *[!0-9]*) die "LINE_BYTES=$LINE_BYTES must be a number of bytes" ;; esac
    [ "$LINE_BYTES" -le $((1024 * 1024 * 1024)) ] || die "LINE_BYTES=$LINE_BYTES is over 1 GiB"
    "$STACK_HOME/build-images.sh" >/dev/null
    down
    run hostile_markup markup hostile "$SCRIPT" --label "ytops.team=$IMG" \
        --label "$SCRIPT=$SCRIPT" -e "NAME_$SCRIPT=$IMG" --hostname x --label "com.docker.compose.container-number=$SCRIPT"
    run hostile_quotes quotes hostile "$SQL" --label "ytops.team=$SQL" --label "quotes=\"'\`\\\$(id)"
    run hostile_long_labels quotes hostile "$(long 4000)" --label "ytops.team=$(long 60000)" --label "$(long 60000)=x"
    run hostile_ansi ansi hostile $'\e[31mred\e[0m\n\r\tline\u202e' --label $'ytops.team=\e]0;title\a'
    # The json-file driver mends invalid UTF-8; the local driver hands it on.
    run hostile_invalid_utf8 invalid_utf8 hostile invalid_utf8 --log-driver local
    run hostile_odd_json odd_json hostile odd_json
    run hostile_long_line long_line hostile long_line
    run hostile_crash crash hostile crash --restart always
    # Labels that point a reader of compose files at what it must not read.
    run hostile_file_passwd quotes hostile-files passwd --label com.docker.compose.project.config_files=/etc/passwd \
        --label com.docker.compose.project.working_dir=/
    run hostile_file_endless quotes hostile-endless endless --label com.docker.compose.project.config_files=/dev/zero \
        --label com.docker.compose.project.working_dir=/dev
    run hostile_file_climb quotes hostile-climb climb --label com.docker.compose.project.config_files=../../../../etc/shadow,https://example.invalid/x \
        --label com.docker.compose.project.working_dir=../../..
    # Projects whose names are markup, a path, nothing.
    run hostile_project_markup markup "$IMG" web
    run hostile_project_path quotes "../../api/v1/users?x=%2e%2e%2f#" "a/b/../../c"
    run hostile_project_empty quotes "" ""
    # Two that claim to be the same one.
    run hostile_twin_a quotes hostile twin --label com.docker.compose.container-number=1
    run hostile_twin_b markup hostile twin --label com.docker.compose.container-number=1
}

down() {
    local ids
    ids="$(docker ps -aq --filter "label=$MARK")"
    # shellcheck disable=SC2086
    [ -z "$ids" ] || docker rm -f -v $ids >/dev/null
}

use_engine
case "${1:-}" in
    up | down) "$1" ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
