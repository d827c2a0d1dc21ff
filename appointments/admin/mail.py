"""Mails on their way, the calls in their place, and the clinic's own words for each kind of mail."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csp import csp_override

from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.inquiries import contacts
from appointments.models import CallTask, Email, MailKind, MailText
from appointments.notifications import compose, corrections, texts
from appointments.notifications.notify import complete_calls
from appointments.notifications.status_line import email_line


def as_key(object_id: str) -> int:
    """What stands in an address as a row's id; one that no row has, if it is none."""
    return int(object_id) if object_id.isdecimal() and len(object_id) < 18 else 0


def _built(email: Email) -> EmailMultiAlternatives | None:
    """The mail as it would go out; None where there is nothing to put in for one of its placeholders."""
    try:
        return compose.build(email)
    except ValueError:
        return None


class WorkedOnly(admin.ModelAdmin):
    """Rows that the site writes: looked at and worked, never added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TroubleFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("trouble", _("In trouble: failed, come back or late"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_trouble(timezone.now()) if self.value() == "trouble" else queryset


class EmailAdmin(WorkedOnly):
    list_display = ["kind", "to", "about", "state", "due_at", "attempts", "last_error"]
    list_filter = [TroubleFilter, "state", "kind"]
    list_select_related = ["inquiry"]
    list_per_page = 50
    show_full_result_count = False
    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": gettext("Mails"), **(extra_context or {})})

    @admin.display(description=_("inquiry"))
    def about(self, email: Email) -> SafeString | str:
        if email.inquiry is None:
            return "–"
        address = reverse("admin:appointments_inquiry_change", args=[email.inquiry_id])
        return format_html('<a href="{}">{}</a>', address, email.inquiry)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("list", "state__exact", "kind__exact")

    def get_urls(self) -> list[Any]:
        def shown(request: HttpRequest, pk: int) -> HttpResponse:
            return self.as_it_arrives(request, pk)

        def done(request: HttpRequest, pk: int) -> HttpResponse:
            return self.work(request, pk)

        # A mail brings its own styles: only this page may have them.
        policy = csp_override({"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE]})
        return [
            path("<int:pk>/as-it-arrives/", policy(self.admin_site.admin_view(shown)), name="appointments_email_html"),
            path("<int:pk>/work/", self.admin_site.admin_view(done), name="appointments_email_work"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        email = self._seen(request, as_key(object_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": email.get_kind_display(),
            "email": email,
            "said": email_line(email),
            "mail": _built(email),
            "message_id": compose.message_id(email),
            "steps": corrections.offered(email) if self.has_change_permission(request, email) else {},
        }
        return TemplateResponse(request, "admin/appointments/email/mail.html", context)

    def _seen(self, request: HttpRequest, pk: int) -> Email:
        email = get_object_or_404(Email.objects.select_related("inquiry", "message", "appointment"), pk=pk)
        if not self.has_view_permission(request, email):
            raise PermissionDenied
        return email

    def as_it_arrives(self, request: HttpRequest, pk: int) -> HttpResponse:
        mail = _built(self._seen(request, pk))
        if mail is None:
            raise Http404
        return HttpResponse(str(mail.alternatives[0][0]))

    def work(self, request: HttpRequest, pk: int) -> HttpResponse:
        email = self._seen(request, pk)
        if request.method != "POST":
            return redirect("admin:appointments_email_change", pk)
        if not self.has_change_permission(request, email):
            raise PermissionDenied
        if request.POST.get("do") not in corrections.STEPS:
            raise BadRequest("not a step of a mail")
        seen = request.POST.get("seen", "")
        try:
            if seen != f"{email.state} {email.attempts}":
                raise NotPossible(seen)
            corrections.STEPS[request.POST["do"]].act(email, by=Actor.staff(request.user))
        except NotPossible:
            messages.warning(request, gettext("This mail has changed, or is being sent now. Look again."))
        return redirect("admin:appointments_email_change", pk)


class OpenFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("done", _("Done")), ("all", _("All"))]

    def choices(self, changelist: Any):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": gettext("To be made"),
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.exclude(done_at=None) if self.value() == "done" else queryset.open()


class CallTaskAdmin(WorkedOnly):
    """Who is to be phoned; a click on one leads to the inquiry's desk, where the call is logged."""

    list_display = ["who", "number", "what", "due_at", "done"]
    list_display_links = None
    list_filter = [OpenFilter]
    list_select_related = ["inquiry", "message", "done_by"]
    actions = ["mark_done"]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": gettext("Calls to be made"), **(extra_context or {})})

    @admin.display(description=_("who"))
    def who(self, task: CallTask) -> SafeString:
        address = reverse("admin:appointments_inquiry_change", args=[task.inquiry_id])
        return format_html('<a href="{}">{}</a>', address, task.inquiry)

    @admin.display(description=_("how to reach"))
    def number(self, task: CallTask) -> SafeString:
        return format_html("{} <strong>{}</strong>", contacts.numbers(task.inquiry), task.inquiry.reach_note)

    @admin.display(description=_("what about"))
    def what(self, task: CallTask) -> str:
        return str(task.get_kind_display())

    @admin.display(description=_("done"), boolean=True)
    def done(self, task: CallTask) -> bool:
        return task.done_at is not None

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def mark_done(self, request: HttpRequest, queryset: Any) -> None:
        complete_calls(queryset.filter(done_at=None), request.user)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.tomorrow)
        return [path("tomorrow/", view, name="appointments_calltask_tomorrow"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        task = get_object_or_404(CallTask, pk=as_key(object_id))
        if not self.has_view_permission(request, task):
            raise PermissionDenied
        return redirect("admin:appointments_inquiry_change", task.inquiry_id)

    def tomorrow(self, request: HttpRequest) -> HttpResponse:
        """The reminder calls that are due by the end of tomorrow, on paper."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        until = datetime.combine(timezone.localdate() + timedelta(days=2), time(), timezone.get_current_timezone())
        tasks = CallTask.objects.open().filter(due_at__lt=until, kind=MailKind.REMINDER).select_related("inquiry")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Reminder calls for tomorrow"),
            "rows": [
                (task, contacts.numbers(task.inquiry), contacts.wants_no_voicemail(task.inquiry)) for task in tasks
            ],
        }
        return TemplateResponse(request, "admin/appointments/calltask/tomorrow.html", context)


class MailTextForm(forms.ModelForm):
    class Meta:
        model = MailText
        fields = ["kind", "language", "subject", "body"]

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        if {"kind", "subject", "body"} <= said.keys() and (
            problem := texts.problem(said["kind"], said["subject"], said["body"])
        ):
            self.add_error("body", problem)
        return said


class MailTextAdmin(admin.ModelAdmin):
    """The clinic's own words; without them the site's are used."""

    form = MailTextForm
    list_display = ["kind", "language", "subject"]
    readonly_fields = ["preview", "sites_words"]
    fields = ["kind", "language", "subject", "body", "preview", "sites_words"]

    @admin.display(description=_("as it reads"))
    def preview(self, text: MailText) -> SafeString | str:
        if not text.pk:
            return "–"
        filled = [texts.fill(words, texts.PLACEHOLDERS) for words in (text.subject, text.body)]
        return format_html('<strong>{}</strong><pre class="mail-text">{}</pre>', *filled)

    @admin.display(description=_("the site’s words"))
    def sites_words(self, text: MailText) -> SafeString | str:
        kinds = [MailKind(text.kind)] if text.pk else list(MailKind)
        parts = [(kind.label, *texts.default(kind)) for kind in kinds]
        return SafeString(
            "".join(
                format_html('<p><strong>{}</strong>: {}</p><pre class="mail-text">{}</pre>', *part) for part in parts
            )
        )
