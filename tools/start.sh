#!/bin/sh
# Start the portal in production, as the container does. Several containers on one database: set
# PREPARE_ON_START=false and run tools/prepare.sh once for each release.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}

if [ "${PREPARE_ON_START:-true}" != false ]; then
    sh tools/prepare.sh
fi
exec "$python" -m gunicorn reg4covid.wsgi
