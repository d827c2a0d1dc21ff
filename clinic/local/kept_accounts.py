import json

from django.conf import settings

ACCOUNTS = settings.LOCAL_DIR / "accounts.json"


def kept() -> dict[str, str]:
    """The passwords of the local accounts, by name."""
    return json.loads(ACCOUNTS.read_text()) if ACCOUNTS.exists() else {}
