from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.models import Schedule
from appointments.scheduling.free_times import find
from clinic import practice
from clinic.server.http import for_seconds


@for_seconds
@require_safe
def times(request: HttpRequest) -> HttpResponse:
    """Free times for everyone: each leads to the form, with the time in its address. Four statements."""
    practice.current()  # The page shows it anyway, and the clinic with its clock comes along.
    found = find(list(Schedule.objects.online()), request.GET.dict(), now=timezone.now())
    return render(request, "appointments/times.html", {"free": found})
