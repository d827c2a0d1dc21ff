"""
Finding a caller: one box on every page of staff's. What is typed is posted, and stands in no address.

The session keeps the words of the last searches, each under a number that the address of its list has: the list can be
loaded again, and Back leads to it, for as long as its reader is signed in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from appointments.admin import wording
from appointments.admin.base import VIEW_INQUIRY, inbox_trail, page_context, record_access
from appointments.bookings import visits
from appointments.bookings.visits import Visits
from appointments.inquiries import contacts, search
from appointments.models import AccessAction, Appointment, AppointmentStatus, Inquiry, InquiryScreening
from clinic.accounts.session_store import SEARCHES
from clinic.sentences import moment
from clinic.typed_text import one_line

# So many searches are kept, of so many signs; a list shows so many people.
KEPT, LONGEST, SHOWN = 20, 200, 50


class Row(NamedTuple):
    """One inquiry that was found, its visits to come and the last of the others, and what the list says of them."""

    inquiry: Inquiry
    to_come: Sequence[str]
    last: str
    about: str
    reach: str
    state: str


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin) -> HttpResponse:
    """Show who was found; a POST looks for what was typed, and leads to the one desk that fits, or to the list."""
    if not request.user.has_perm(VIEW_INQUIRY):
        raise PermissionDenied
    if request.method == "POST":
        return _look(request)
    typed = _kept(request)
    found = search.find(typed or "")
    near = [] if found.ids else search.find_near(typed or "")
    ids = found.ids or near
    if typed is not None:
        record_access(request, AccessAction.SEARCHED, hits=len(ids))
    now = timezone.now()
    rows = _rows(ids, now, keeps_order=bool(near))
    context = {
        # The browser's history keeps the title: it says no word that was typed.
        **page_context(request, inquiry_admin, *inbox_trail(), here=gettext("Found")),
        "title": gettext("Found"),
        "searched": typed or "",
        "is_over": typed is None,
        "is_near": bool(near),
        "is_cut": found.is_cut,
        "more": len(ids) - len(rows),
        "rows": rows,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/find.html", context)


def _look(request: HttpRequest) -> HttpResponse:
    typed = one_line(request.POST.get("typed", "").replace("\0", "")).strip()[:LONGEST]
    found = search.find(typed)
    if len(found.ids) == 1 and not found.is_cut:
        record_access(request, AccessAction.SEARCHED, hits=1)
        return redirect("admin:appointments_inquiry_change", found.ids[0])
    kept = list(request.session.get(SEARCHES, {}).items())
    number = int(kept[-1][0]) + 1 if kept else 1
    if kept and kept[-1][1] == typed:
        number = int(kept[-1][0])
    request.session[SEARCHES] = dict([*kept, (str(number), typed)][-KEPT:])
    return redirect(f"{reverse('admin:appointments_inquiry_find')}?n={number}")


def _kept(request: HttpRequest) -> str | None:
    """The words of the search that the address names, or of the last one; None where they are kept no longer."""
    kept: dict[str, str] = request.session.get(SEARCHES, {})
    return kept.get(request.GET.get("n") or next(reversed(kept), ""))


def _rows(ids: Sequence[int], now: datetime, *, keeps_order: bool) -> list[Row]:
    """Those with a visit to come first, the soonest on top; then the newest. Names that are only near: the likest."""
    inquiries = Inquiry.objects.select_related("procedure", "assigned_to").in_bulk(ids)
    given = visits.given_to(ids)
    theirs = {pk: Visits.of(given[pk], now) for pk in inquiries}

    def order(pk: int) -> Any:
        to_come = theirs[pk].to_come
        return (not to_come, to_come[0].starts_at if to_come else now, -pk)

    first = [pk for pk in (ids if keeps_order else sorted(inquiries, key=order)) if pk in inquiries][:SHOWN]
    return [_row(inquiries[pk], theirs[pk]) for pk in first]


def _row(inquiry: Inquiry, theirs: Visits) -> Row:
    return Row(
        inquiry,
        [_to_come(each) for each in theirs.to_come],
        _last(theirs.last) if theirs.last else "",
        wording.about(inquiry),
        contacts.reach(inquiry),
        _state(inquiry),
    )


def _to_come(row: Appointment) -> str:
    words = f"{moment(row.starts_at)}, {row.practitioner.name}"
    return words if row.status == AppointmentStatus.BOOKED else f"{words}: {row.get_status_display()}"


def _last(row: Appointment) -> str:
    """The visit before, or one that was canceled: "Nov. 3, 2026: Done"."""
    became = gettext("not marked") if row.is_live else row.get_status_display()
    return f"{date_format(timezone.localtime(row.starts_at), 'N j, Y')}: {became}"


def _state(inquiry: Inquiry) -> str:
    is_passed = inquiry.screening == InquiryScreening.PASSED
    return wording.state(inquiry) if is_passed else str(InquiryScreening(inquiry.screening).label)
