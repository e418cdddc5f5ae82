#!/bin/sh
# What the proof of the Terraform module needs beside .venv's packages, each at its pinned hash: the schema of the AWS
# provider, and checkov in an environment of its own. A second call finds the stamps and does nothing.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

uv="$PWD/.venv/bin/uv"
proof=.venv/proof

# made FOLDER LOCK: whether the folder was made from the lock as it is now
made() { [ -f "$1/.made-from" ] && [ "$(cat "$1/.made-from")" = "$(cksum < "$2")" ]; }
stamp() { cksum < "$2" > "$1/.made-from"; }

if ! made $proof/aws-provider tools/schema.lock; then
    say "installing the schema of the AWS provider"
    rm -rf $proof/aws-provider $proof/wheel
    "$uv" pip install --quiet --no-deps --require-hashes \
        --python .venv --target $proof/wheel --requirements tools/schema.lock
    mkdir $proof/aws-provider  # of the wheel, the archive is enough: the rest are 220 MB of Python classes
    mv $proof/wheel/cdktn_provider_aws/_jsii/*.tgz $proof/aws-provider
    rm -rf $proof/wheel
    stamp $proof/aws-provider tools/schema.lock
fi

if ! made $proof/checkov tools/checkov.lock; then
    say "installing checkov"
    rm -rf $proof/checkov
    "$uv" venv --quiet --python .venv/bin/python $proof/checkov
    VIRTUAL_ENV="$PWD/$proof/checkov" "$uv" pip sync --quiet --require-hashes tools/checkov.lock
    stamp $proof/checkov tools/checkov.lock
fi
