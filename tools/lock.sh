#!/bin/sh
# Write all locks anew from pyproject.toml: every version pinned with its hashes, no address of an index in them.
# `tools/lock.sh --upgrade` takes the newest versions that pyproject.toml allows.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header "$@"; }
compile "$@" --all-extras --group dev pyproject.toml --output-file requirements.lock
compile "$@" --constraint requirements.lock tools/bootstrap.in --output-file tools/bootstrap.lock
compile "$@" --extra pooler --constraint requirements.lock pyproject.toml --output-file image/requirements.lock
compile "$@" --no-deps tools/schema.in --output-file tools/schema.lock
compile "$@" tools/checkov.in --output-file tools/checkov.lock
compile "$@" --constraint requirements.lock tools/peers.in --output-file tools/peers.lock
