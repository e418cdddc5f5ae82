#!/bin/sh
# PostgreSQL in the major versions that the distribution does not have, each at its pinned hash: the client is tested
# against all of them (tests/live/client/versions). A second call finds the stamp and does nothing.
# After a change of tools/postgres/package.json:
#     cd tools/postgres && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

folder=.venv/postgres
lock=tools/postgres/package-lock.json

if [ "$(cat $folder/.made-from 2>/dev/null)" = "$(cksum < $lock)" ]; then exit 0; fi

skipped="the client is not tested against the versions of PostgreSQL that the distribution lacks"
if ! command -v npm >/dev/null; then
    say "npm is not on this machine: $skipped"
    exit 1
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    say "their packages are for Linux on x86_64: $skipped"
    exit 1
fi

say "installing more versions of PostgreSQL"
rm -rf $folder
mkdir $folder
cp tools/postgres/package.json $lock $folder
(
    cd $folder
    npm ci --loglevel=error --ignore-scripts --no-audit --no-fund >/dev/null
    for package in node_modules/*; do  # a package can't carry symbolic links: this makes those of its libraries
        (cd "$package" && node scripts/hydrate-symlinks.js)
    done
)
cksum < $lock > $folder/.made-from
