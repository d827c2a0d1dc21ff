"""Where the agenda stands: right below /admin/, beside the lists."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import register_converter

from appointments.admin.agenda import views
from appointments.admin.agenda.addresses import DayConverter

register_converter(DayConverter, "day")

# The address below /admin/, the view, and its name: "admin:agenda_day".
PAGES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("agenda/", views.lead_there, "agenda"),
    ("agenda/<day:day>/", views.day, "agenda_day"),
    ("agenda/<day:day>/week/", views.week, "agenda_week"),
]
