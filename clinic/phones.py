"""Telephone numbers as people type them."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

# The country whose numbers need no country code here.
REGION = "US"


def parse(typed: str) -> phonenumbers.PhoneNumber | None:
    """
    The number in what was typed: spaces, brackets, dots, dashes and extensions are all fine.

    None when it cannot be dialed from elsewhere, for example because the area code is missing. Numbers that no
    carrier has given out yet pass: the front desk would rather try one.
    """
    try:
        found = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(found)
    return found if possible == phonenumbers.ValidationResult.IS_POSSIBLE else None


def link(typed: str) -> str:
    """What a tel: link dials, with the extension: "+12125550123;ext=4". Empty when there is no number."""
    found = parse(typed)
    if found is None:
        return ""
    uri = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.RFC3966)
    return uri.removeprefix("tel:").replace("-", "")


# Each page links to the clinic's numbers, some five times.
@lru_cache(maxsize=16)
def dialed(typed: str) -> str:
    """What a tel: link dials for the clinic's own number: also a short one, like 911, gets a link."""
    return link(typed) or "".join(sign for sign in typed if sign in "0123456789")


def e164(typed: str) -> str:
    """The number to dial, like +12125550123, without its extension; empty when the text has no number."""
    found = parse(typed)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164) if found else ""


def last_four(typed: str) -> str:
    """The last four digits of the number, without its extension; empty where there are not so many."""
    found = parse(typed)
    digits = str(found.national_number) if found else _digits(typed)
    return digits[-4:] if len(digits) >= 4 else ""


def _digits(typed: str) -> str:
    """The digits in what was typed, whatever their script."""
    return "".join(str(unicodedata.decimal(sign)) for sign in typed if sign.isdecimal())


def found_in(words: str) -> Iterator[str]:
    """The numbers in a text, as they stand there. The search ends after ten that only look like numbers."""
    return (match.raw_string for match in phonenumbers.PhoneNumberMatcher(words, REGION, max_tries=10))
