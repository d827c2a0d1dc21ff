from collections.abc import Callable

from django.http import HttpRequest

from clinic import practice as practice_module
from clinic.practice import Practice


def practice(request: HttpRequest) -> dict[str, Callable[[], Practice]]:
    """
    Every template knows the practice; a page that does not show it does not ask the database.

    It is a function, which templates call by themselves: through a lazy object each of its fields would cost more.
    """
    return {"practice": practice_module.current}
