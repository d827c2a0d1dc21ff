"""
Who may do what: each role is a group that holds exactly these permissions.

Applied after every migrate, and again on each: a right taken from this table is taken from the group.
"""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.conf import settings
from django.db.models import Q

FRONT_DESK = "Front desk"
CLINICIAN = "Clinician"
CONTENT_EDITOR = "Content editor"
MANAGER = "Manager"

_WORK_INQUIRIES = (
    "appointments.view_inquiry",
    "appointments.change_inquiry",
    "appointments.add_note",
    "appointments.add_call",
    # The doctor is ill at seven: who is there first closes the day.
    "appointments.view_closure",
    "appointments.add_closure",
    "appointments.change_closure",
    "appointments.view_practitioner",
    "appointments.view_visittype",
    "appointments.view_appointment",
    "appointments.change_appointment",
    "appointments.add_message",
    "appointments.view_email",
    "appointments.change_email",
    "appointments.view_calltask",
    "appointments.change_calltask",
    "appointments.add_doctorquestion",
    "appointments.change_daynote",
)

_READ_PAGES = (
    "procedures.view_procedure",
    "procedures.view_page",
    "procedures.view_revision",
    "procedures.view_signoff",
    "procedures.view_fact",
    "procedures.view_drawing",
)

ROLES: dict[str, tuple[str, ...]] = {
    FRONT_DESK: _WORK_INQUIRIES,
    CLINICIAN: (
        *_READ_PAGES,
        "procedures.add_signoff",
        "procedures.add_fact",
        "procedures.change_fact",
        "procedures.record_paper_signoff",
        "appointments.view_visittype",
        "appointments.add_preparationsignoff",
        # Their own day, what they are asked, and their own absence: of no other patient and no other practitioner.
        "appointments.view_doctorquestion",
        "appointments.change_doctorquestion",
    ),
    CONTENT_EDITOR: (
        *_READ_PAGES,
        "procedures.add_procedure",
        "procedures.change_procedure",
        "procedures.add_page",
        "procedures.change_page",
        "procedures.add_drawing",
        "procedures.delete_drawing",
    ),
    MANAGER: (
        *_WORK_INQUIRIES,
        *_READ_PAGES,
        "procedures.record_paper_signoff",
        "appointments.delete_closure",
        # Existing appointments that come in from another calendar.
        "appointments.add_appointment",
        "appointments.overbook",
        "appointments.add_visittype",
        "appointments.change_visittype",
        "appointments.erase_inquiry",
        # Who of us saw which patient's record; and lists as files.
        "appointments.view_accesslog",
        "appointments.export_lists",
        "appointments.view_reports",
        "appointments.view_mailtext",
        "appointments.add_mailtext",
        "appointments.change_mailtext",
        "appointments.delete_mailtext",
        "appointments.view_cannedreply",
        "appointments.add_cannedreply",
        "appointments.change_cannedreply",
        "appointments.delete_cannedreply",
        "appointments.add_practitioner",
        "appointments.change_practitioner",
        # Accounts of others: invited, stopped, given roles (clinic/accounts/user_admin.py says whose).
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "clinic.reset_secondfactor",
        "clinic.view_clinic",
        "clinic.change_clinic",
        "clinic.view_notice",
        "clinic.change_notice",
        *(
            f"appointments.{verb}_{model}"
            for model in ("schedule", "workinghours", "busyblock")
            for verb in ("view", "add", "change", "delete")
        ),
        *(
            f"clinic.{verb}_{model}"
            for model in ("openinghours", "sociallink", "languageline", "announcement")
            for verb in ("view", "add", "change", "delete")
        ),
    ),
}


def apply(apps: Apps = global_apps) -> None:
    """Make the groups hold exactly their permissions; those of tables not migrated yet wait for the next run."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for role, names in ROLES.items():
        query = Q(pk__in=[])
        for name in names:
            app_label, codename = name.split(".")
            query |= Q(content_type__app_label=app_label, codename=codename)
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(query))


def apply_after_the_last_app(sender: AppConfig, apps: Apps = global_apps, **kwargs: Any) -> None:
    """Permissions are made app by app after a migrate: only after the last app are they all there."""
    if sender.name == settings.INSTALLED_APPS[-1] and "group" in apps.all_models["auth"]:
        apply(apps)
