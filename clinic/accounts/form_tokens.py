"""Which secret the token in a posted form was made with: Django has no public way to ask."""

from contextlib import suppress
from hashlib import sha256

from django.http import HttpRequest
from django.middleware import csrf
from django.utils.crypto import constant_time_compare


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def is_form_of(request: HttpRequest, its_digest: str) -> bool:
    """Whether the posted token was made with the secret of this digest."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    with suppress(csrf.InvalidTokenFormat):
        csrf._check_token_format(token)  # type: ignore[attr-defined]
        if len(token) == csrf.CSRF_TOKEN_LENGTH:
            token = csrf._unmask_cipher_token(token)  # type: ignore[attr-defined]
        return constant_time_compare(digest(token), its_digest)
    return False


def is_form_of_this_browser(request: HttpRequest) -> bool:
    """Whether a form that this browser got of us made the post."""
    return is_form_of(request, digest(request.META.get("CSRF_COOKIE", "")))
