#!/bin/sh
# Make .venv hold the locked packages of the files named, checked against their hashes:
#   sh tools/venv.sh requirements.txt requirements-dev.txt
set -eu
cd "$(dirname "$0")/.."

# New enough, and able to make a virtual environment (Debian keeps that part in a package of its own).
# Asked by running it: a pyenv shim is on PATH even when the Python behind it is not installed.
usable() {
    "$1" -c 'import ensurepip, sqlite3, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

# The first usable Python: the one that PYTHON names, else under each usual name, wherever PATH has it.
find_python() {
    if [ -n "${PYTHON:-}" ] && usable "$PYTHON"; then
        echo "$PYTHON"
        return
    fi
    for name in python3 python3.13 python3.12 python3.14 python; do
        old_ifs=$IFS
        IFS=:
        for folder in $PATH; do
            if [ -x "$folder/$name" ] && usable "$folder/$name"; then
                echo "$folder/$name"
                return
            fi
        done
        IFS=$old_ifs
    done
    echo "No Python 3.12 or newer was found: install one with its venv module (on Debian or Ubuntu" \
        "python3 and python3-venv), or name yours: make PYTHON=/path/to/python3.13" >&2
    return 1
}

# What is left of an interrupted start, or of a Python that has gone since, is made anew.
if ! usable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making .venv with $("$python" --version) ($python)."
    "$python" -m venv --clear .venv
fi

if [ $# -gt 0 ]; then
    echo "Installing the packages that $* lists; the first time takes a minute or two."
    # The same file names, each after its option.
    for file in "$@"; do
        set -- "$@" --requirement "$file"
        shift
    done
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes "$@"
fi
