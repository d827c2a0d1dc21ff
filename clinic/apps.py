from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = _("The clinic")

    def ready(self):
        from clinic import checks  # noqa: F401, PLC0415  (checks register themselves, once models may be read)
        from clinic.accounts import roles, sign_in_log, typed  # noqa: PLC0415  (no models before Django is ready)
        from clinic.operations import database_roles  # noqa: PLC0415  (the same)

        post_migrate.connect(roles.apply_after_the_last_app, dispatch_uid="clinic.accounts.roles")
        post_migrate.connect(database_roles.grant_after_the_last_app, dispatch_uid="clinic.operations.database_roles")
        sign_in_log.connect()
        user_logged_in.connect(typed.remember, dispatch_uid="clinic.accounts.typed")


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic.admin_site.ClinicAdminSite"
