"""The fictional clinic itself: its name, its hours, its people. Nothing of it is real."""

from datetime import time
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from appointments.demo import week
from appointments.models import Practitioner
from clinic.accounts import roles
from clinic.models import Clinic

CLINIC = {
    "name": "Linden Hill Spine Clinic",
    "phone": "(212) 555-0142",
    "after_hours_phone": "(212) 555-0188",
    "email": "frontdesk@linden-hill.example",
    "directions": "From the subway, walk two blocks along Linden Hill Road. We are on the ground floor, on your left.",
    "parking": "You can park behind the building. The side door has a ramp and opens by a button.",
    "what_to_bring": "Your glasses, a list of what you take, and somebody to keep you company if you like.",
    "costs": "Our front desk tells you before your visit what your plan pays for.",
}
ADDRESS = {"street": "4 Linden Hill Road", "city": "New York", "state": "NY", "postal_code": "10099"}
SPANISH = {
    "words": "Hablamos español.",
    "emergency_words": "Emergencia: llame al 911.",
    "translator": "Marta Ruiz, a person of fiction",
}
SOCIAL = {
    "Facebook": "https://example.com/facebook/linden-hill",
    "Instagram": "https://example.com/instagram/linden-hill",
    "TikTok": "https://example.com/tiktok/linden-hill",
}


def enter_clinic() -> None:
    """Replace what is still shipped fiction; what somebody entered stays."""
    clinic = Clinic.stored()
    shipped = Clinic()
    fiction = {name: words for name, words in CLINIC.items() if getattr(clinic, name) == getattr(shipped, name)}
    if clinic.address == shipped.address:
        fiction |= ADDRESS
    for name, words in fiction.items():
        setattr(clinic, name, words)
    # Of a clinic that somebody entered they confirm it themselves.
    clinic.time_zone_confirmed |= clinic.name == CLINIC["name"]
    clinic.save()
    if clinic.name != CLINIC["name"]:
        return
    if not clinic.opening_hours.exists():
        for weekday in range(5):
            closes = time(13) if weekday == 4 else time(17)
            clinic.opening_hours.create(weekday=weekday, opens=time(8, 30), closes=closes)
    for name, url in SOCIAL.items():
        link, _ = clinic.social_links.get_or_create(name=name)
        clinic.social_links.filter(pk=link.pk, url="").update(url=url)
    week.enter_practitioners()
    enter_doctors_account()
    clinic.language_lines.get_or_create(language="es", defaults=SPANISH)


def enter_doctors_account() -> None:
    """Let the clinician's account of this machine be the first doctor's, where it is nobody's yet."""
    account = get_user_model().objects.filter(username="clinician", practitioner=None).first()
    if account:
        Practitioner.objects.filter(name=next(iter(week.PRACTITIONERS)), account=None).update(account=account)


def colleague() -> Any:
    """Ann of the front desk, who cannot sign in: so that taken inquiries have a name."""
    ann, is_new = get_user_model().objects.get_or_create(
        username="ann", defaults={"first_name": "Ann", "last_name": "Reyes", "is_staff": True}
    )
    if is_new:
        ann.set_unusable_password()
        ann.save()
        ann.groups.set(Group.objects.filter(name=roles.FRONT_DESK))
    return ann
