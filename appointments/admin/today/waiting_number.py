"""One number for a script: how many inquiries that wait for us have come since the page was opened."""

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from appointments.admin.today import stamps
from appointments.models import Inquiry
from clinic.accounts.sessions import no_activity


@no_activity
@require_safe
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The number that came after `since`, and the words for it: one statement."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    since = stamps.read(request.GET.get("since", "")) or timezone.now()
    number = Inquiry.objects.waiting_for_us().filter(created_at__gt=since).count()
    said = {"number": number, "at": date_format(timezone.localtime(since), "P")}
    words = ngettext("%(number)d new since %(at)s: show", "%(number)d new since %(at)s: show", number) % said
    return JsonResponse({"number": number, "words": words if number else ""})
