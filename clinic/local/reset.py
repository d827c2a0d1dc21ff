"""Throws away what this machine stores for this clone: its private database, the mails in a folder, the accounts."""

import fcntl
import shutil
import sys
from pathlib import Path

from clinic.local import localdb
from clinic.local.locks import lock_file, locks_alone


def reset(local: Path) -> None:
    """Exits with a sentence while a process uses the database."""
    cluster = localdb.Cluster(local / "postgres")
    if cluster.home.exists():
        with lock_file(cluster.home / "gate") as gate, lock_file(cluster.home / "users") as users:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not locks_alone(users):
                sys.exit("The site still runs here, or a command: end it first.")
            cluster.stop()  # Of users that were killed, one may be left.
            shutil.rmtree(cluster.home)
    shutil.rmtree(local / "outbox", ignore_errors=True)
    (local / "accounts.json").unlink(missing_ok=True)


if __name__ == "__main__":
    reset(localdb.ROOT / ".local")
    sys.stdout.write("The local database, its mails and its accounts are gone. The next start makes them anew.\n")
