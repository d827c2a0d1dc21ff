"""
That somebody has shown an inquiry's own page to be theirs, remembered by a cookie of this page alone.

The cookie is signed, is good for limits.PROVED_FOR, and belongs to the link's key and to the digits that were proved:
with another key or another phone number it is worth nothing. SameSite=Lax, since Strict would leave it at home when
somebody comes from the link in a mail.
"""

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from appointments import limits
from appointments.models import Inquiry

# How it was proved: by having sent the form from this browser, or by the digits of the phone number, or of the code.
SENT, PHONE, CODE = "sent", "phone", "code"


def cookie() -> str:
    """The cookie's name: by its beginning a browser takes it over https only."""
    return "__Secure-proof" if settings.HTTPS else "proof"


def by_digits(inquiry: Inquiry) -> str:
    """How the digits of this inquiry prove it."""
    return CODE if inquiry.shown_code else PHONE


def remembered(request: HttpRequest, inquiry: Inquiry) -> str:
    """How it was proved from this browser not long ago; empty where it was not."""
    try:
        return _signer(inquiry).unsign(request.COOKIES.get(cookie(), ""), max_age=limits.PROVED_FOR)
    except BadSignature:
        return ""


def remember(response: HttpResponse, inquiry: Inquiry, proof: str) -> None:
    response.set_cookie(
        cookie(), signed(inquiry, proof), max_age=limits.PROVED_FOR, path=inquiry.own_page_url(),
        secure=settings.HTTPS, httponly=True, samesite="Lax",
    )  # fmt: skip


def signed(inquiry: Inquiry, proof: str) -> str:
    return _signer(inquiry).sign(proof)


def _signer(inquiry: Inquiry) -> TimestampSigner:
    return TimestampSigner(salt=f"appointments.proof {inquiry.key} {inquiry.proof_digits}")
