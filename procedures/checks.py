from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.utils import timezone

from clinic.models import Clinic
from procedures import links
from procedures.models import Page


@register(Tags.database, deploy=True)
def live_words_are_signed_off_and_lead_somewhere(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asked with `manage.py check --deploy --database default`: nobody should read what no clinician has read."""
    if not databases:
        return []
    today = timezone.localdate(timezone=Clinic.current().zone)
    found: list[CheckMessage] = [
        Warning(
            f"No clinician has signed off what “{page}” says."
            if page.signed_on is None
            else f"The review of “{page}” was due {page.review_due}.",
            hint="A clinician reads and signs it in the admin, under Pages.",
            id="procedures.W001",
        )
        for page in Page.objects.without_valid_sign_off(today).select_related("procedure")
    ]
    for page in Page.objects.live().select_related("procedure"):
        if (revision := page.live_revision()) and (said := links.problem(revision.body)):
            found.append(Warning(f"“{page}”: {said}", hint="Edit the page in the admin.", id="procedures.W002"))
    return found
