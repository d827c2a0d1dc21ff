#!/bin/sh
# Make .venv from the hashed requirements, or leave it alone when it already fits them. `./bootstrap.sh local` leaves out
# what only tests and checks need: a browser's driver and the like, two thirds of all.
# Needs Python 3.12 or newer with venv; PYTHON=/path/to/python chooses one.
set -eu
cd "$(dirname "$0")"

fits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; }

if ! (mkdir -p .venv .local && touch .local/writable) 2>/dev/null; then
  echo "Cannot write to $(pwd): make the folder writable, or clone into one that is." >&2
  exit 1
fi

python=
if [ -n "${PYTHON:-}" ]; then
  # Asked for by name: another one instead would surprise.
  fits "$PYTHON" && python=$PYTHON
else
  # Without HOME, as cron and services may start it, the system still knows where this account's Pythons are.
  pyenv="${PYENV_ROOT:-${HOME:-$(eval "echo ~$(id -un)")}/.pyenv}/versions"
  for candidate in python3.13 python3.14 python3.12 "$pyenv"/3.13.*/bin/python3 "$pyenv"/3.1[2-9].*/bin/python3 \
      python3 /opt/homebrew/bin/python3.1[2-9] /usr/local/bin/python3.1[2-9] /usr/bin/python3.1[2-9]; do
    if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ]; then
  echo "The site needs Python 3.12 or newer with venv${PYTHON:+, and $PYTHON is not}. Ubuntu 24.04 or newer: apt install python3-venv; macOS: brew install python@3.13; or: make run PYTHON=/path/to/python" >&2
  exit 1
fi

started=$(date +%s)
stamp=$(cat .venv/.stamp 2>/dev/null || true)
needed=${1:-dev}
# Who has run the tests here keeps what they need.
case $stamp in "" | local*) ;; *) needed=dev ;; esac
want="$needed $(cat requirements*.txt | cksum) $("$python" -V)"
has_it_all() { [ -x .venv/bin/python ] && [ "$(cat .venv/.stamp 2>/dev/null)" = "$want" ]; }
has_it_all && exit 0

# One at a time: two would install into each other. The kernel drops the lock of one that was killed, once what it
# started has ended, too.
locked() { "$python" -c 'import fcntl, sys; fcntl.flock(9, fcntl.LOCK_EX | int(sys.argv[1]))' "$1"; }
exec 9>>.local/installing
locked 4 2>/dev/null || { echo "Another start installs the packages here: waiting for it." >&2; locked 0; }
has_it_all && exit 0

# Where pip and uv keep what they have fetched, if there is no home to keep it in.
cache=${XDG_CACHE_HOME:-${HOME:-/dev/null}/.cache}
if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
  export XDG_CACHE_HOME="$PWD/.local/cache"
  mkdir -p "$XDG_CACHE_HOME"
fi

# A clinic's network may have an authority of its own, which the system knows: pip asks the system, and so does uv then.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"

# Without a stamp it is what a start left that was cut off, or the disk full: whole packages cannot be told from halves.
[ -e .venv/.stamp ] && [ "$(.venv/bin/python -V 2>/dev/null)" = "$("$python" -V)" ] && .venv/bin/python -c 'import pip' 2>/dev/null || { rm -rf .venv; "$python" -m venv .venv; }
rm -f .venv/.stamp
.venv/bin/python -c 'import uv' 2>/dev/null || .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-uv.txt
.venv/bin/python -m uv pip sync -q --require-hashes "requirements-$needed.txt"
printf '%s\n' "$want" > .venv/.stamp
printf '%-44s %5s s\n' "Python packages installed" "$(($(date +%s) - started))"
