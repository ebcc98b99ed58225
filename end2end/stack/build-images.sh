#!/usr/bin/env bash
# Builds the sample platform's images on the engine. Nothing is pulled: all
# stand on the base image of base-image.sh and share its layer.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

# recipe FOLDER WORD…: a digest of all that goes into an image.
recipe() {
    local folder="$1"
    shift
    {
        printf '%s\n' "$@"
        cd "$folder"
        find . -type f -printf '%p %m\n' | LC_ALL=C sort
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -c1-64
}

# build TAG FOLDER [DOCKER-BUILD-OPTION…]: unless the image is of this recipe
# already. The builder's own cache won't do: it differs between clients, and a
# new image makes compose recreate the container.
build() {
    local tag="$IMAGE_PREFIX/$1" folder="$STACK_HOME/images/$2" label log
    shift 2
    label="$(recipe "$folder" "$base" "$@")"
    if [ "$(docker image inspect -f '{{index .Config.Labels "ytops.sample.recipe"}}' "$tag" 2>/dev/null)" != "$label" ]; then
        log="$(docker build -q --label "ytops.sample.recipe=$label" --build-arg "BASE=$base" -t "$tag" "$@" "$folder" 2>&1)" ||
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
