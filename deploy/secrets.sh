#!/bin/sh
# Draws the secrets of deploy/compose.yaml into deploy/secrets/, once: what is there stays as it is. Another folder may be
# named: docs/operating.md, "First install".
# The folder is its owner's alone. The files can be read, since a container reads them as another user.
set -eu
cd "$(dirname "$0")"
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

drawn() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
# Whole at once: a run that is cut off leaves no half a secret.
keep() { cat > "$folder/.$1" && chmod 0444 "$folder/.$1" && mv "$folder/.$1" "$folder/$1"; }

[ -e "$folder/secret_key" ] || drawn | keep secret_key
[ -e "$folder/metrics_token" ] || drawn | keep metrics_token
[ -e "$folder/postgres_password" ] || drawn | keep postgres_password
if [ ! -e "$folder/roles.sql" ]; then
  sql=''
  for role in owner web worker backup; do
    password=$(drawn)
    sql="${sql}CREATE ROLE clinic_$role LOGIN PASSWORD '$password';
"
    # A function of the owner's sets it; whoever creates the other roles may give them rights.
    [ $role != owner ] || sql="${sql}ALTER ROLE clinic_owner CREATEROLE;
GRANT SET ON PARAMETER clinic.erasing TO clinic_owner;
SET ROLE clinic_owner;
"
    echo "postgresql://clinic_$role:$password@/clinic?host=/var/run/postgresql" | keep "${role}_url"
  done
  # The backup compares a dump in a scratch database of its own.
  echo "${sql}RESET ROLE;
ALTER ROLE clinic_backup CREATEDB;
CREATE DATABASE clinic OWNER clinic_owner TEMPLATE template0 ENCODING 'UTF8';" | keep roles.sql
fi
# With a folder of its own, the site's settings say it.
if [ $# = 0 ] && [ ! -e "$folder/email_url" ]; then
  echo "Write the address of your mail server, like smtp+tls://user:password@mail.example:587, into deploy/$folder/email_url" >&2
fi
