from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic import practice as practice_module


def practice(request: HttpRequest) -> dict[str, object]:
    """Every template knows the practice; a page that does not show it does not ask the database."""
    return {"practice": SimpleLazyObject(practice_module.current)}
