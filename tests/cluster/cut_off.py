"""
The primary's machine without its cable, and clients on it who go on writing: to the last primary that they know.

Where its Patroni lives, it makes a standby of that within seconds, since etcd is away. Where it hangs, nobody does:
then nothing but the missing answer of the synchronous standby keeps what is lost later from being acknowledged.
"""

import itertools
import signal
import threading
import time

import psycopg
from django.db import connection

from clinic import database_limits
from tests.cluster.machines import PASSWORDS, Machine

CLIENTS, BEFORE = 4, 2


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE cut_off (machine text, number int)")


class CutOff:
    """A machine that is cut off, with `hangs` its Patroni stopped, too; its clients write from now on."""

    def __init__(self, machine: Machine, *, hangs: bool = False):
        self.machine, self.hangs = machine, hangs
        self.began = self.ended = float("inf")
        # The number of each row that a client was told is stored, and when.
        self.told: list[tuple[float, int]] = []
        self.gone = threading.Event()
        self.numbers = itertools.count(1)
        self.clients = [threading.Thread(target=self._write, daemon=True) for _ in range(CLIENTS)]
        for each in self.clients:
            each.start()
        time.sleep(BEFORE)

    def begin(self) -> None:
        self.machine.place.cut()
        if self.hangs:
            self.machine.running["patroni"].send_signal(signal.SIGSTOP)
        self.began = time.monotonic()

    def end(self) -> None:
        self.ended = time.monotonic()
        self.machine.running["patroni"].send_signal(signal.SIGCONT)
        self.machine.place.join()
        self.gone.set()  # Who waits for an answer goes on with it.

    def sentence(self) -> str:
        """What clients were told, and what of that is not there."""
        for each in self.clients:
            each.join(60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM cut_off WHERE machine = %s", [self.machine.name])
            stored = {number for (number,) in cursor.fetchall()}
        before = sum(at < self.began for at, _ in self.told)
        meanwhile = sum(self.began <= at < self.ended for at, _ in self.told)
        return (
            f"Clients on machine {self.machine.name} were told that {before} rows are stored before it was cut off, "
            f"{meanwhile} meanwhile. Lost of these: {sum(number not in stored for _, number in self.told)}."
        )

    def _write(self) -> None:
        options = database_limits.options(database_limits.WEB, {})["options"]
        where = {"host": self.machine.address, "user": "clinic", "password": PASSWORDS["SITE_PASSWORD"]}
        with self.machine.place.entered():
            while not self.gone.is_set():
                try:
                    with psycopg.connect(**where, dbname="clinic", options=options, autocommit=True) as session:
                        self._write_by(session)
                except psycopg.Error:  # Its Postgres ended, or is a standby.
                    time.sleep(0.5)

    def _write_by(self, session: psycopg.Connection[tuple[object, ...]]) -> None:
        while not self.gone.is_set():
            number = next(self.numbers)
            session.execute("INSERT INTO cut_off VALUES (%s, %s)", [self.machine.name, number])
            self.told.append((time.monotonic(), number))
            time.sleep(0.05)
