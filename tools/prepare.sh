#!/bin/sh
# Bring the database to this release: its tables, the reference data and the curated catalogue. Safe to run again:
# what is there already stays, and what editors changed is not overwritten. `make run`, the container and CI use it.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}

"$python" manage.py migrate --noinput --verbosity 0
"$python" manage.py load_reference
"$python" manage.py load_measures practices/data/measures.json
