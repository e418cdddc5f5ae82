#!/bin/sh
# Make .venv: a Python that the tier's programs can run too, every package at its pinned hash, candlefish itself.
# A second call finds the stamp and does nothing.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

stamp=.venv/.made-from
made_from() { cat requirements.lock tools/bootstrap.lock pyproject.toml "$0" | cksum; }
if [ -x .venv/bin/candlefish ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(made_from)" ]; then exit 0; fi

# As root, PostgreSQL and its keepers run as another user, so a Python below /root would be of no use to them.
usable() {
    set -- "$1" -c 'import sys, os; sys.exit(not (sys.version_info >= (3, 11) and os.path.isdir(sys.base_prefix)))'
    if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
        set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    fi
    "$@" >/dev/null 2>&1
}

python=""
for candidate in /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3 \
    /usr/bin/python3.14 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 \
    "$(command -v python3.13 || true)" "$(command -v python3.12 || true)" "$(command -v python3.11 || true)" \
    "$(command -v python3 || true)"; do
    if [ -x "$candidate" ] && usable "$candidate"; then python=$candidate; break; fi
done

root=""
if [ "$(id -u)" != 0 ]; then root="sudo -n"; fi
apt() {
    if command -v apt-get >/dev/null && { [ -z "$root" ] || $root true 2>/dev/null; }; then
        say "installing $*"
        $root apt-get update -qq
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
            -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >/dev/null
    else
        say "candlefish: $* is missing, and it may not be installed from here"
        if command -v brew >/dev/null; then say "hint: brew install python@3.13"
        else say "hint: sudo apt-get update && sudo apt-get install --no-install-recommends $*"; fi
        exit 3
    fi
}

if [ -z "$python" ]; then
    apt python3 python3-venv
    python=/usr/bin/python3
    if ! usable "$python"; then
        say "candlefish: $("$python" --version) is too old, 3.11 or later is needed"
        exit 3
    fi
fi
# Debian keeps ensurepip, which venv needs, in a package of its own
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    apt "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi

works() { .venv/bin/python -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null; }
if ! works || ! { [ -x .venv/bin/uv ] || [ -x .venv/bin/pip ]; }; then
    say "making .venv with $("$python" --version) of $python"
    "$python" -m venv --clear .venv
fi
say "installing the Python packages"
export VIRTUAL_ENV="$PWD/.venv"
if [ -x .venv/bin/uv ]; then  # pip itself is not in the lock: the first sync takes it away
    .venv/bin/uv pip install --quiet --require-hashes --requirements tools/bootstrap.lock
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement tools/bootstrap.lock
fi
.venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes --no-build-isolation requirements.lock
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
made_from > "$stamp"
