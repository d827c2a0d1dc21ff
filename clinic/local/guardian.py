"""
Ends what the launcher started when the launcher was killed and could not: kill -9 leaves it no last word.

It reads the process groups that the launcher starts, a number a line, from a pipe that the kernel closes with the
launcher. A last line "done" says that the launcher has ended them itself.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from clinic.local import localdb

DONE = "done"
PATIENCE = 25  # seconds


class Guardian:
    """The launcher's side."""

    def __init__(self, cluster: Path | None):
        """`cluster` is the private Postgres, which the guardian uses, too: the last one out stops it."""
        command = [sys.executable, "-m", "clinic.local.guardian", *([str(cluster)] if cluster else [])]
        self.process = subprocess.Popen(
            command,
            cwd=localdb.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, child: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Know of one more process, which leads a group of its own."""
        self._say(str(child.pid))
        return child

    def dismiss(self) -> None:
        """End it; nothing is left to watch."""
        self._say(DONE)
        with suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait()

    def _say(self, line: str) -> None:
        with suppress(OSError):  # Somebody killed it: the site runs without.
            print(line, file=self.process.stdin, flush=True)


def main(cluster: str = "") -> None:
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, signal.SIG_IGN)  # It ends with its launcher, and stops the database then.
    if cluster:
        localdb.ensure(Path(cluster))
    lines = [line.strip() for line in sys.stdin]
    if DONE not in lines:
        _end({int(line) for line in lines})


def _end(groups: set[int]) -> None:
    """Ask them to end; make those end that have not after as long as the launcher itself would wait."""
    groups = {group for group in groups if _sent(signal.SIGTERM, group)}
    deadline = time.monotonic() + PATIENCE
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        groups = {group for group in groups if _sent(0, group)}
    for group in groups:
        _sent(signal.SIGKILL, group)


def _sent(how: int, group: int) -> bool:
    """Whether anybody of the group is there to hear it; 0 only asks."""
    try:
        os.killpg(group, how)
    except (ProcessLookupError, PermissionError):  # Ended, and its number may be somebody else's by now.
        return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
