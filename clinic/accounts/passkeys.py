"""Passkeys: made and asked for in the browser, checked here. Challenges stand in the session and are used once."""

from clinic.models import Clinic


def name_of_the_clinic(request: object) -> str:
    """What the browser's own window calls the site."""
    return Clinic.current().name
