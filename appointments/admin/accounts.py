"""The accounts of the staff with their open work, which the accounts' own app cannot know."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.actors import Actor
from appointments.admin.base import CHANGE_INQUIRY, with_inbox
from appointments.admin.desk.asking import unanswerable_come_back
from appointments.inquiries.open_work import give_back, open_work
from clinic.accounts.user_admin import AccountAdmin

# What may take the right to work on inquiries away from an account.
_OF_RIGHTS = {"is_active", "is_staff", "is_superuser", "groups", "user_permissions"}


class AccountWithWorkAdmin(AccountAdmin):
    """Who is stopped, or has another role, holds nothing back: what they had taken is everybody's again."""

    list_display = ("username", "email", "first_name", "last_name", "role", "is_active", "last_sign_in", "open_work")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        theirs = open_work().filter(assigned_to=OuterRef("pk")).order_by().values("assigned_to")
        number = Coalesce(Subquery(theirs.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField())
        rows: QuerySet = super().get_queryset(request).prefetch_related("groups")
        return rows.annotate(open_work_number=number)

    @admin.display(description=_("role"))
    def role(self, account: Any) -> str:
        return ", ".join(sorted(group.name for group in account.groups.all())) or "–"

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_sign_in(self, account: Any) -> str:
        if account.last_login is None:
            return gettext("never")
        return date_format(timezone.localtime(account.last_login), "D, N j, Y, P")

    @admin.display(description=_("open work"))
    def open_work(self, account: Any) -> str:
        number: int = account.open_work_number
        return ngettext("%d inquiry", "%d inquiries", number) % number if number else "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        unanswerable_come_back(request)
        if not change or _OF_RIGHTS.isdisjoint(form.changed_data):
            return
        # Read anew: what the account may do was asked before, and is kept in the object.
        account = type(form.instance)._default_manager.get(pk=form.instance.pk)
        if account.is_staff and account.has_perm(CHANGE_INQUIRY):
            return
        if number := give_back(of=account, by=Actor.staff(request.user)):
            words = ngettext("%d inquiry is in the queue again.", "%d inquiries are in the queue again.", number)
            messages.success(request, with_inbox(words % number))
