"""Emergency access: reading everything for a while. It ends in the question for the permission itself, by no job."""

import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import Permission
from django.utils import timezone

from clinic.made_once import Statement
from clinic.models import EmergencyAccess
from clinic.server.security_log import Event, record

logger = logging.getLogger(__name__)
# Asked for each page of those who may not see all that it offers.
_live = Statement(
    lambda user, now: EmergencyAccess.objects.live(now).filter(user_id=user).values("pk")[:1].query.sql_with_params()
)


class EmergencyBackend(BaseBackend):
    """Gives the permission to view whatever there is, and no other, while an emergency access of the user's is live."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        codename = perm.partition(".")[2]
        return obj is None and codename.startswith("view_") and user_obj.is_active and is_live(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Django's admin asks it before it lists an app."""
        return bool(user_obj.is_active and is_live(user_obj))

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None or not (user_obj.is_active and is_live(user_obj)):
            return set()
        names = Permission.objects.filter(codename__startswith="view_")
        return {f"{label}.{name}" for label, name in names.values_list("content_type__app_label", "codename")}


def is_live(user: Any) -> bool:
    """Asked once for each request, whose user this object is."""
    if user.is_anonymous:
        return False
    if not hasattr(user, "_has_emergency_access"):
        user._has_emergency_access = bool(_live.ask(user=user.pk, now=timezone.now()))
    return user._has_emergency_access


def begin(*, user: Any, minutes: int, why: str) -> EmergencyAccess:
    """Let somebody read everything for so many minutes. The log gets ids only: what happened may be about a patient."""
    access = EmergencyAccess(user=user, why=why)
    access.ends_at = access.begins_at + timedelta(minutes=minutes)
    access.save()
    logger.warning("Emergency access %s of user %s for %s minutes", access.pk, user.pk, minutes)
    record(Event.EMERGENCY_ACCESS, None, user=user.pk, access=access.pk, minutes=minutes)
    return access
