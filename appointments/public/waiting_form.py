"""What a patient who waits for a time says on the inquiry's own page: for what, with whom, on which half-days."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.bookings import wishes
from appointments.models import Practitioner, VisitType, WaitingListWish


class _Kinds(forms.ModelChoiceField):
    def label_from_instance(self, visit_type: VisitType) -> str:
        return visit_type.choice


class _People(forms.ModelChoiceField):
    def label_from_instance(self, practitioner: Practitioner) -> str:
        return practitioner.name


class _Names(forms.Select):
    """Names that browsers leave as they are; "Anyone" is no name."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"attrs": option["attrs"] | ({"translate": "no"} if value else {})}


class WaitingForm(forms.Form):
    """Three questions; of who has a time already, it is known what for."""

    use_required_attribute = False

    visit_type = _Kinds(
        label=_("What do you need?"), queryset=VisitType.objects.none(), widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": _("Choose what you need"), "invalid_choice": _("Choose one of these")},
    )  # fmt: skip
    practitioner = _People(
        label=_("Who would you like to see?"), queryset=Practitioner.objects.none(), required=False,
        empty_label=_("Anyone"), widget=_Names, error_messages={"invalid_choice": _("Choose one of these")},
    )  # fmt: skip
    half_days = forms.TypedMultipleChoiceField(
        label=_("Which half-days suit you?"), help_text=_("Tick all that suit you. Tick nothing if any day suits you."),
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose half-days from this list")},
    )  # fmt: skip

    def __init__(self, data: Any, *, known: VisitType | None, wish: WaitingListWish | None, likely: VisitType | None):
        initial: dict[str, Any] = {"visit_type": wish.visit_type_id if wish else likely}
        if wish:
            initial |= {"practitioner": wish.practitioner_id, "half_days": wish.half_days}
        super().__init__(data, initial=initial)
        kinds = VisitType.objects.for_patients().filter(pk__in=wishes.kinds().values("pk"))
        offered = kinds if kinds.exists() else wishes.kinds()
        kept = [wish.visit_type_id] if wish else []
        self.fields["visit_type"].queryset = offered | VisitType.objects.filter(pk__in=kept)  # type: ignore[attr-defined]
        self.fields["practitioner"].queryset = wishes.people()  # type: ignore[attr-defined]
        self.fields["half_days"].choices = wishes.half_days()  # type: ignore[attr-defined]
        self.known = known
        if known:
            del self.fields["visit_type"]

    def clean(self) -> None:
        said = self.cleaned_data
        said["visit_type"] = self.known or said.get("visit_type")
        who = said.get("practitioner")
        if said["visit_type"] and who and not wishes.is_offered(said["visit_type"], who):
            self.add_error("practitioner", _("They see nobody for that. Choose somebody else, or anybody"))
