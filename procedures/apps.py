from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = _("Procedures")

    def ready(self):
        from procedures import checks  # noqa: F401, PLC0415  (checks register themselves, once models may be read)
