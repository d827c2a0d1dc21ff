"""
What staff typed when their session ended: kept under the user whose session it was, and given back to nobody else.

Nothing of it is done before that user has signed in again and pressed the button: then it goes to its address as if
it had just been typed, with a version or a key in it that says what its writer had before them.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext

from clinic.accounts import form_tokens, limits, refusals, second_step
from clinic.accounts.session_store import SessionStore
from clinic.busy import posted_fields, typed_words
from clinic.models import KeptPost
from clinic.server.http import was_sent_from_here

# In the session: that something waits; then that its user has seen so.
WAITS, IS_NEW, IS_KNOWN = "typed_waits", "new", "known"
# In the session: the digest of the secret that the forms of this user's session before were made with.
FORMS_BEFORE = "typed_forms_before"
# A field of the form that sends it again: which row.
ROW = "kept_post"


def keep_of_ended(request: HttpRequest, view: Any, at: dict[str, Any]) -> HttpResponse | None:
    """Keep a post of a browser whose session has ended, and lead to the sign-in; None where nothing is kept."""
    store: SessionStore = request.session  # type: ignore[assignment]
    model_admin = getattr(view, "model_admin", None)
    # Pages of no model are those of signing in and of one's own account: nobody writes there.
    if request.method != "POST" or model_admin is None or request.user.is_authenticated:
        return None
    if not (store.ended and store.ended.user and store.ended.user.is_active and was_sent_from_here(request)):
        return None
    # Signing in makes a new secret: a form that somebody else had open in this browser before is none of this user's.
    if not form_tokens.is_form_of_this_browser(request):
        return None
    if not _keep(request, store.ended.user, model_admin.opts.label, at):
        return None
    return redirect(f"{reverse('admin:login')}?{urlencode({'next': reverse('admin:typed')})}")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    Answer a post whose token is not right. Django calls it by a setting.

    It may be a form that was open in one tab while the same user, signed out meanwhile, signed in again in another.
    """
    match = request.resolver_match
    model_admin = getattr(match.func, "model_admin", None) if match else None
    if match and model_admin and request.user.is_authenticated and was_sent_from_here(request):
        is_own = form_tokens.is_form_of(request, request.session.get(FORMS_BEFORE, ""))
        if is_own and _keep(request, request.user, model_admin.opts.label, match.kwargs):
            request.session[WAITS] = IS_KNOWN
            return redirect("admin:typed")
    return refusals.not_from_here(request)


def _keep(request: HttpRequest, user: Any, model: str, at: dict[str, Any]) -> bool:
    fields = [(name, value) for name, value in posted_fields(request) if name != ROW]
    if not fields or sum(len(name) + len(value) for name, value in fields) > limits.TYPED_LENGTH:
        return False
    # Postgres has no zero byte in its texts.
    fields = [(name.replace("\0", ""), value.replace("\0", "")) for name, value in fields]
    named = str(at.get("pk", at.get("object_id", "")))
    row = int(named) if named.isdecimal() and len(named) < 18 else None
    path = request.get_full_path()
    # Who presses the button a second time has typed it once.
    KeptPost.objects.filter(user=user, path=path, fields=fields).delete()
    KeptPost.objects.create(user=user, path=path, fields=fields, had_files=bool(request.FILES), model=model, row=row)
    too_many = KeptPost.objects.of(user)[limits.TYPED_AT_MOST :]
    KeptPost.objects.filter(pk__in=too_many.values("pk")).delete()
    return True


def is_kept(request: HttpRequest) -> bool:
    """Whether something waits for who was signed in with this browser before their session ended."""
    store: SessionStore = request.session  # type: ignore[assignment]
    if request.user.is_authenticated or not (store.ended and store.ended.user):
        return False
    return KeptPost.objects.of(store.ended.user).exists()


def remember(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """
    Note in a new session that something waits, and which forms this user has open from the session before.

    Every way of signing in sends Django's signal.
    """
    if KeptPost.objects.of(user).exists():
        request.session[WAITS] = IS_NEW
    ended = getattr(request.session, "ended", None)
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    if secret and ended and ended.user_id == user.pk:
        request.session[FORMS_BEFORE] = form_tokens.digest(secret)


def lead_there(request: HttpRequest) -> HttpResponse | None:
    """Once, the first page that somebody opens after signing in leads to what they had typed."""
    if request.method != "GET" or request.session.get(WAITS) != IS_NEW:
        return None
    request.session[WAITS] = IS_KNOWN
    own = reverse("admin:typed")
    return None if request.path == own else redirect(f"{own}?{urlencode({'next': request.get_full_path()})}")


def forget_sent(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the row whose fields were sent again and read; what was refused, or met an error of ours, stays."""
    row = request.POST.get(ROW, "") if request.method == "POST" else ""
    if row.isdecimal() and len(row) < 18 and (response.status_code < 400 or response.status_code in (409, 422)):
        rows = KeptPost.objects.of(request.user)
        if rows.filter(pk=int(row)).delete()[0] and not rows.exists():
            request.session.pop(WAITS, None)


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show one what one typed; a POST throws one of it away."""
    rows = KeptPost.objects.of(request.user)
    if request.method == "POST":
        row = request.POST.get("throw_away", "")
        if row.isdecimal() and len(row) < 18 and rows.filter(pk=int(row)).delete()[0]:
            messages.success(request, gettext("Thrown away."))
        return redirect("admin:typed")
    kept = [(row, typed_words(row.fields)) for row in rows]
    if not kept:
        request.session.pop(WAITS, None)
    context = {
        **site.each_context(request),
        "title": gettext("What you typed"),
        "kept": kept,
        "row_field": ROW,
        "onward": second_step.next_address(request),
    }
    return TemplateResponse(request, "admin/typed.html", context)


def forget() -> None:
    """Delete what is given back no longer."""
    KeptPost.objects.over(timezone.now()).delete()
