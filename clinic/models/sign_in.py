from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models
from django.utils import timezone


class WrongPasswordsQuerySet(models.QuerySet["WrongPasswords"]):
    def count_one(self, name: str, *, most: int, period: timedelta) -> tuple[int, datetime]:
        """
        Count one more under this name, in one statement: what it has come to, and when it begins anew.

        Each of the first `most` puts that moment off; what comes after them does not.
        """
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO clinic_wrongpasswords AS old (name, until, number) VALUES (%(name)s, %(until)s, 1)"
                " ON CONFLICT (name) DO UPDATE SET"
                " number = CASE WHEN old.until <= %(now)s THEN 1 ELSE old.number + 1 END,"
                " until = CASE WHEN old.until <= %(now)s OR old.number < %(most)s THEN excluded.until"
                " ELSE old.until END"
                " RETURNING number, until",
                {"name": name, "until": now + period, "now": now, "most": most},
            )
            return cursor.fetchone()

    def over(self, now: datetime) -> Self:
        """Those that count no longer."""
        return self.filter(until__lte=now)


class WrongPasswords(models.Model):
    """How many wrong passwords somebody typed. Its name is a hash of who and from where: it tells nobody's name."""

    name = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    number = models.PositiveIntegerField()

    objects = WrongPasswordsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "wrong passwords"
        indexes = [models.Index(fields=["until"], name="wrong_passwords_by_their_end")]

    def __str__(self):
        return f"{self.number} until {self.until:%Y-%m-%d %H:%M}"
