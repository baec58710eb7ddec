#!/bin/sh
# Start the portal for development on this machine: sh tools/run.sh PORT
set -eu
cd "$(dirname "$0")/.."
port=$1
export PYTHON=.venv/bin/python

# Said before the work rather than after it.
"$PYTHON" tools/port_is_free.py "$port"
sh tools/prepare.sh

# The portal as its readers see it, on this machine alone. DEBUG=true is for those who change the code: it shows
# where an error came from, and takes up a change of a file at once.
[ -n "${DEBUG:-}" ] || grep -qs '^DEBUG=' .env || export DEBUG=false
export LOCAL=true
# Links to share name the address that is being served.
export SITE_URL="${SITE_URL:-http://127.0.0.1:$port}"
echo
echo "The portal opens at http://127.0.0.1:$port/ (Ctrl-C ends it)."
echo "To edit: .venv/bin/python manage.py createsuperuser makes you an account; then sign in at http://127.0.0.1:$port/admin/"
if [ "${DEBUG:-true}" = false ]; then
    # A key that nobody else knows, and that keeps editors signed in when the portal is started again.
    [ -s .secret-key ] || (umask 077 && "$PYTHON" -c 'import secrets; print(secrets.token_urlsafe(50))' >.secret-key)
    SECRET_KEY="${SECRET_KEY:-$(cat .secret-key)}"
    export SECRET_KEY
    sh tools/build_static.sh
    BIND="127.0.0.1:$port" exec "$PYTHON" -m gunicorn --log-level warning reg4covid.wsgi
fi
export DJANGO_RUNSERVER_HIDE_WARNING=true
exec "$PYTHON" manage.py runserver "127.0.0.1:$port"
