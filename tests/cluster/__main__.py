"""
`make cluster`: the machine dies at noon.

Three Postgres under Patroni, two web groups, two workers, HAProxy and nginx, with the configurations of deploy/ and as
plain processes of this machine. Under load, one of them after another is taken away; a table says what that cost.
Then what a pooler in transaction mode breaks. It takes about ten minutes; nothing is left running.
"""

import os
import signal
import sys
from types import FrameType

import django

from tests.cluster import machines, missing, network

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    if words := missing.sentence():
        sys.exit(words)
    network.enter()
    for how in ENDINGS:
        signal.signal(how, leave)
    os.environ |= machines.SITE | {"DATABASE_URL": machines.database_url(machines.BY_HOSTS)}
    django.setup()
    from tests.cluster import noon  # noqa: PLC0415  (needs Django's settings)

    noon.run()


def leave(how: int, frame: FrameType | None) -> None:
    """The first Ctrl-C takes everything down; a second one must not leave half of it running."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit("Stopping.")


if __name__ == "__main__":
    main()
