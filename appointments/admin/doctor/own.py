"""Whose pages these are: of patients, an account sees what was handed to its practitioner, and their own days."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from appointments.models import Practitioner


def practitioner_of(request: HttpRequest, model_admin: ModelAdmin) -> Practitioner:
    """The practitioner that who asks is. Raises PermissionDenied for everybody else."""
    user: Any = request.user
    found = Practitioner.objects.whose_account(user) if model_admin.has_view_permission(request) else None
    if found is None:
        raise PermissionDenied
    return found
