"""Digests of words, made by the database: a sign-off holds for exactly the words it was given for."""

from django.db.models import Func, TextField


class SHA256(Func):
    """
    The SHA-256 of a text in UTF-8, as 64 hexadecimal signs.

    Django's own needs pgcrypto. A generated column takes no function that depends on a setting, so the text becomes
    bytes by a cast, for which each backslash is doubled: hashlib.sha256(text.encode()) gives the same.
    """

    template = r"encode(sha256(replace(%(expressions)s, '\', '\\')::bytea), 'hex')"
    arity = 1
    output_field = TextField()
