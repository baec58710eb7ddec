#!/bin/sh
# Collect the static files as production serves them: names that carry a hash, and brotli and gzip beside each.
# The image's build and CI use it. The settings are asked for at every start; no value given here stays anywhere.
set -eu
cd "$(dirname "$0")/.."

DEBUG=false SECRET_KEY=build ALLOWED_HOSTS=build SITE_URL=http://build OPERATOR_NAME=build CONTACT_EMAIL=build \
    "${PYTHON:-python}" manage.py collectstatic --noinput --clear --verbosity 0
