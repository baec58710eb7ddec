#!/bin/sh
# Start the portal for development on this machine: sh tools/run.sh PORT
set -eu
cd "$(dirname "$0")/.."
port=$1
export PYTHON=.venv/bin/python

# Said before the work rather than after it.
"$PYTHON" tools/port_is_free.py "$port"
sh tools/prepare.sh

# Links to share name the address that is being served.
export SITE_URL="${SITE_URL:-http://127.0.0.1:$port}"
export DJANGO_RUNSERVER_HIDE_WARNING=true
echo
echo "The portal opens at http://127.0.0.1:$port/ (Ctrl-C ends it)."
exec "$PYTHON" manage.py runserver "127.0.0.1:$port"
