#!/usr/bin/env bash
# Builds the sample platform's images on the engine. Nothing is pulled: all
# stand on the base image of base-image.sh and share its layer.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

# build TAG FOLDER [DOCKER-BUILD-OPTION…]
build() {
    local tag="$IMAGE_PREFIX/$1" folder="$STACK_HOME/images/$2" log
    shift 2
    if ! log="$(docker build -q --build-arg "BASE=$base" -t "$tag" "$@" "$folder" 2>&1)"; then
        die "building $tag failed: $log"
    fi
    echo "$tag"
}

install_missing curl=curl docker=docker.io
use_engine
base="$("$STACK_HOME/base-image.sh")"
build postgres:15 postgres
build redis:7 redis
build nginx:1 nginx
for standin in backend frontend n8n; do
    build "$standin:r1" standins --build-arg "STANDIN=$standin"
done
build hostile:r1 hostile
