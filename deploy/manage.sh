#!/bin/sh
# manage.py as a role of the database, with the settings of docs/operating.md, "First install":
#   deploy/manage.sh owner migrate
# Started by root, it becomes the site's account: no file ends up as root's.
set -eu
[ -n "${2:-}" ] || { echo "usage: $0 owner|web|worker|backup COMMAND …" >&2; exit 2; }
role=$1; shift
cd "$(dirname "$0")/.."
folder=${SETTINGS:-/etc/clinic}
export ENV_FILE="$folder/site.env" DATABASE_URL_FILE="$folder/secrets/${role}_url"
as=
[ "$(id -u)" != 0 ] || as="runuser -u ${ACCOUNT:-clinic} --"
exec $as .venv/bin/python manage.py "$@"
