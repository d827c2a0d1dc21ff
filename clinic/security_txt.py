"""
Who to tell of a fault in the site's security: /.well-known/security.txt, for as long as somebody stands for it.

The operator sets the day until which the contact is good (SECURITY_EXPIRES) and renews it after a look: a day that
moved on by itself would promise that somebody reads there when nobody has looked for years.

Source: RFC 9116.
"""

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import Clinic

# Whoever runs the site hears of it so long before.
SOON = timedelta(days=30)


def text() -> str | None:
    """The file's lines; None while no day is set. Patients' languages do not count: it is read by engineers."""
    expires = settings.SECURITY_EXPIRES
    if expires is None:
        return None
    lines = [
        f"Contact: {settings.SECURITY_CONTACT or f'mailto:{Clinic.current().email}'}",
        f"Expires: {expires.isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    ]
    return "".join(f"{line}\n" for line in lines)


def problems(today: date | None = None) -> list[str]:
    """What is wrong with it, as sentences for whoever runs the site: it is not there, or ends within 30 days."""
    today, expires = today or timezone.now().date(), settings.SECURITY_EXPIRES
    if expires is None:
        return [_("The site has no security.txt, which says who to tell of a fault: set SECURITY_EXPIRES.")]
    if expires <= today:
        return [_("security.txt has expired: look whether its contact is right, and set SECURITY_EXPIRES anew.")]
    if expires - today <= SOON:
        days = (expires - today).days
        said = ngettext(
            "security.txt expires in %d day: look whether its contact is right, and set SECURITY_EXPIRES anew.",
            "security.txt expires in %d days: look whether its contact is right, and set SECURITY_EXPIRES anew.",
            days,
        )
        return [said % days]
    return []
