"""The clinic's facts: entered and signed by a clinician, one by one; a changed fact waits for a new signature."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.began_with import BeganWith
from clinic.one_line import OneLineInput
from clinic.typed_text import isolated
from procedures import actions, wording
from procedures.models import Fact


class FactForm(forms.ModelForm):
    has_read = forms.BooleanField(
        label=_("I have read the sentence and its source, and sign them"),
        required=False,
        help_text=_("Not ticked: the fact is kept, and waits for a signature."),
    )
    signed_as = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=150,
        help_text=_("As it stands under what you sign, like “Jane Doe, MD”."),
        widget=OneLineInput,
    )
    # The digest of the fact that the form began with: what a colleague saved meanwhile is not overwritten unseen.
    began_with = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Fact
        fields = ["procedure", "key", "sentence", "source"]
        widgets = {"sentence": forms.Textarea(attrs={"rows": 3, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.shown = Fact.objects.get(pk=self.instance.pk) if self.instance.pk else None
        if self.shown:
            self.initial["began_with"] = self.shown.digest

    def clean_sentence(self) -> str:
        return " ".join(self.cleaned_data["sentence"].split())

    def clean_began_with(self) -> str:
        began_with = self.cleaned_data["began_with"]
        if self.shown and began_with != self.shown.digest:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("began_with")] = self.shown.digest  # type: ignore[index]
            raise forms.ValidationError(
                _("A colleague changed this fact while you were writing: “%(now)s” Save again to keep yours."),
                params={"now": isolated(self.shown.sentence)},
            )
        return began_with

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        if said.get("has_read") and not said.get("signed_as"):
            self.add_error("signed_as", _("Enter the name that you sign with."))
        return said


class IsSigned(admin.SimpleListFilter):
    title = _("signature")
    parameter_name = "signed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Waits for a signature"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Fact]:
        return queryset.unsigned() if self.value() == "no" else queryset


class FactAdmin(BeganWith):
    form = FactForm
    list_display = ["key", "sentence", "procedure", "signature"]
    list_filter = ["procedure", IsSigned]
    list_select_related = ["procedure"]
    search_fields = ["key", "sentence"]
    readonly_fields = ["signature"]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Fact | None = None) -> Any:
        """Those who only read see what is stored; what a form asks beside it is for those who sign."""
        stored = ["signature", "procedure", "key", "sentence", "source"]
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [*stored, "has_read", "signed_as", "began_with"] if may else stored

    def get_readonly_fields(self, request: HttpRequest, obj: Fact | None = None) -> list[str]:
        """A fact keeps its id: pages name it, and a clinician signed them."""
        return [*self.readonly_fields, *(["procedure", "key"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        """Versions of pages name it, also those that visitors no longer see."""
        return False

    @admin.display(description=_("signature"))
    def signature(self, fact: Fact) -> str:
        return wording.signature(fact) if fact.pk else "–"

    def save_model(self, request: HttpRequest, obj: Fact, form: FactForm, change: bool) -> None:
        if {"sentence", "source"} & set(form.changed_data):
            obj.changed_at, obj.source_digest = timezone.now(), ""
        super().save_model(request, obj, form, change)
        if form.cleaned_data["has_read"]:
            obj.refresh_from_db()
            name, today = form.cleaned_data["signed_as"], timezone.localdate()
            actions.sign_fact(fact=obj, read_digest=obj.digest, signed_by=name, signed_on=today)
