from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.models import Schedule
from appointments.scheduling.free_times import PARAMETERS, find
from clinic import practice
from clinic.server.http import for_seconds


@for_seconds
@require_safe
def times(request: HttpRequest) -> HttpResponse:
    """Free times for everyone: each leads to the form, with the time in its address. Four statements."""
    asked = {name: request.GET[name] for name in PARAMETERS if name in request.GET}
    if sum(len(values) for _, values in request.GET.lists()) > len(asked):
        # One address for one page: whatever else machines add to it, they come to an end.
        return redirect(f"{request.path}?{urlencode(asked)}" if asked else request.path, permanent=True)
    practice.current()  # The page shows it anyway, and the clinic with its clock comes along.
    found = find(list(Schedule.objects.online()), asked, now=timezone.now())
    return render(request, "appointments/times.html", {"free": found})
