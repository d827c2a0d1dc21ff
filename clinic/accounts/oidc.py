"""
Sign-in with a clinic's own Microsoft or Google account (OpenID Connect), by mozilla-django-oidc; off without OIDC_URL.

The provider says who somebody is; who may come in stays ours: an account that is here and active. The first time it is
found by the verified address, from then on by the provider's own name for it (`sub`): an address may become somebody
else's. None is made. What the library leaves open is closed here: it reads neither issuer nor audience.
"""

import logging
import threading
import time
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from clinic.accounts import known_browsers, second_step
from clinic.accounts.lockout import counted
from clinic.models import ClinicAccount
from clinic.server.client_address import client_address

logger = logging.getLogger(__name__)

_TIMEOUT = 5  # seconds for each question to the provider
_KEPT_FOR = 3600  # seconds that its own description is kept
_NOT_ASKED_FOR = 10  # seconds after it did not answer
_TURN = 0.5  # seconds that a thread waits for another one's question
# When it was read, and the description; nothing where there was no answer.
_read: dict[str, tuple[float, dict[str, Any]]] = {}
_asking = threading.Lock()


class Refused(Exception):
    """The provider, or we, did not let somebody in."""


def provider() -> dict[str, Any]:
    """
    What the provider says of itself. Source: OpenID Connect Discovery 1.0.

    Anybody may press the button: while it does not answer, one thread waits for it, and the others serve the site.
    """
    url = settings.OIDC_URL
    if said := _kept(url):
        return said
    if not _asking.acquire(timeout=_TURN):
        raise Refused
    try:
        return _kept(url) or _ask_provider(url)
    finally:
        _asking.release()


def _kept(url: str) -> dict[str, Any]:
    read_at, said = _read.get(url, (float("-inf"), {}))
    age = time.monotonic() - read_at
    if not said and age < _NOT_ASKED_FOR:
        raise Refused
    return said if age < _KEPT_FOR else {}


def _ask_provider(url: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    try:
        answer = requests.get(f"{url}/.well-known/openid-configuration", timeout=_TIMEOUT)
        answer.raise_for_status()
        described = answer.json()
        if described["issuer"].rstrip("/") != url:
            raise ValueError("OIDC_URL is not the issuer that the provider names")
        said = described
    finally:
        _read[url] = time.monotonic(), said
    return said


def _setting(name: str, *default: Any) -> Any:
    """The library's settings: ours, and the rest from the provider."""
    if name in _ENDPOINTS:
        return provider().get(_ENDPOINTS[name], *default)
    ours = {
        "OIDC_RP_CLIENT_ID": settings.OIDC_CLIENT_ID,
        "OIDC_RP_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_CREATE_USER": False,
        "OIDC_USE_PKCE": True,
        "OIDC_TIMEOUT": _TIMEOUT,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "admin:oidc_callback",
    }
    return ours[name] if name in ours else default[0]


_ENDPOINTS = {
    "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
    "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
    "OIDC_OP_USER_ENDPOINT": "userinfo_endpoint",
    "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
}


class ClinicAccountBackend(OIDCAuthenticationBackend):
    """Finds the account that an ID token is about."""

    get_settings = staticmethod(_setting)

    def __init__(self) -> None:
        """The library's own asks for its settings here, and so the provider: at each sign-in with a password, too."""
        self.UserModel = get_user_model()

    def authenticate(self, request: HttpRequest | None, nonce: str, code_verifier: str) -> Any:
        """By these names Django tells this sign-in from one with a password. Raises Refused."""
        super().__init__()
        user = super().authenticate(request, nonce=nonce, code_verifier=code_verifier) if nonce else None
        if user is None:
            raise Refused
        return user

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """The token's claims, once signature, issuer, audience and times are right. OpenID Connect Core, 3.1.3.7."""
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=provider()["issuer"],
            audience=settings.OIDC_CLIENT_ID,
            leeway=30,
            options={"require": ["iss", "aud", "exp", "iat", "sub"]},
        )
        if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise jwt.InvalidAudienceError("The token was made for somebody else")
        return claims

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The signed token has all that is asked for."""
        return payload

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Google says `email_verified`; Microsoft `xms_edov`, where the clinic's administrator added that claim."""
        is_verified = any(claims.get(name) in (True, 1, "1", "true") for name in ("email_verified", "xms_edov"))
        return bool(claims.get("email")) and is_verified

    def filter_users_by_claims(self, claims: dict[str, Any]) -> list[Any]:
        """Whose clinic account it is; where it is nobody's yet, who has its address and no other clinic account."""
        users = get_user_model().objects.filter(is_active=True, is_staff=True)
        if not settings.OIDC_SUPERUSERS:
            users = users.filter(is_superuser=False)
        account = {"issuer": claims["iss"], "subject": claims["sub"]}
        if ClinicAccount.objects.filter(**account).exists():
            return list(users.filter(**{f"clinic_accounts__{name}": value for name, value in account.items()}))
        others = ClinicAccount.objects.filter(issuer=claims["iss"]).values("user")
        address = claims["email"].casefold()
        found = users.filter(email__iexact=claims["email"]).exclude(pk__in=others)
        # The database takes some letters of other alphabets for the same.
        return [user for user in found if user.email.casefold() == address]

    def update_user(self, user: Any, claims: dict[str, Any]) -> Any:
        """
        Keep whose clinic account it is. Of the rest nothing is taken over but for this sign-in: whether the provider
        asked for a second factor. RFC 8176.
        """
        ClinicAccount.objects.get_or_create(user=user, issuer=claims["iss"], subject=claims["sub"])
        methods = claims.get("amr")
        user.gave_second_factor = isinstance(methods, list) and "mfa" in methods
        return user


class _Begin(OIDCAuthenticationRequestView):
    get_settings = staticmethod(_setting)


class _Callback(OIDCAuthenticationCallbackView):
    get_settings = staticmethod(_setting)

    def login_success(self) -> HttpResponse:
        request, user = self.request, self.user
        store: Any = request.session  # The library has read it anew.
        store.address, store.browser = client_address(request), request.headers.get("User-Agent", "")
        wanted = request.session.get("oidc_login_next") or ""
        auth.login(request, user)
        if user.gave_second_factor:
            second_step.let_in_by_provider(request)
        if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
            wanted = reverse("admin:index")
        response = HttpResponseRedirect(wanted)
        known_browsers.remember(request, response, user.get_username())
        return response

    def login_failure(self) -> HttpResponse:
        raise Refused


def begin(request: HttpRequest) -> HttpResponse:
    return _Begin.as_view()(request)


def end(request: HttpRequest) -> HttpResponse:
    """
    Each answer that lets nobody in counts, as a wrong password does, where this browser has asked for one.

    What it has not asked for is not counted, and signs nobody out: a page of any other site may lead here.
    """
    if request.GET.get("state") not in request.session.get("oidc_states", {}):
        raise Refused
    address = client_address(request)
    if not address:
        return _Callback.as_view()(request)
    with counted("clinic account", address) as right:
        right.append(_Callback.as_view()(request))
    return right[0]
