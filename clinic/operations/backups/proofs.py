"""When a backup or a drill was proved, where the doctor reads it."""

from django.db import connection, transaction

from clinic.models import Proof, ProofKind


@transaction.atomic
def keep(kind: ProofKind, *, about: str) -> None:
    with connection.cursor() as cursor:  # The role of the backup only reads, unless it says otherwise.
        cursor.execute("SET TRANSACTION READ WRITE")
    Proof.objects.create(kind=kind, about=about)
