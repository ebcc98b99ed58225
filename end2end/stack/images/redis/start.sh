#!/bin/sh
# Starts Redis as its own user on the /data volume; arguments go to the server.
set -eu
chown redis:redis /data
exec setpriv --reuid=redis --regid=redis --init-groups \
    redis-server --bind 0.0.0.0 --protected-mode no --dir /data --save 60 1 "$@"
