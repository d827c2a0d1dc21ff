"""The forms by which a calendar is brought in: its file, and what the file does not say."""

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import BadRequest
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import limits
from appointments.bookings.imports import dates, files
from appointments.bookings.imports.dates import Order
from appointments.bookings.imports.files import Reading
from appointments.bookings.imports.rows import plain
from appointments.models import Practitioner, VisitType
from clinic.models import Clinic

SALT = "appointments.admin.bring_in"


class FileForm(forms.Form):
    """A file, or the one that was uploaded with an earlier step: its page carries it along, and nothing is stored."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A calendar (.ics) or a table (.csv), or a .zip with one of them: at most 20 MB, and 6,000 rows to come."
        ),
        required=False,
    )
    content = forms.CharField(strip=False, required=False, widget=forms.HiddenInput)

    name = ""

    def clean_content(self) -> tuple[str, bytes] | None:
        try:
            name, text = signing.loads(kept, salt=SALT) if (kept := self.cleaned_data["content"]) else ("", "")
        except signing.BadSignature as error:
            raise BadRequest("not from our dry run") from error
        self.fields["file"].label = _("Another file in its place (optional)") if text else self.fields["file"].label
        self.name = name
        return (name, text.encode("utf-8", "surrogateescape")) if text else None

    def clean(self) -> None:
        file, kept = self.cleaned_data.get("file"), self.cleaned_data.get("content")
        if file:
            # One byte too many is enough to be refused.
            name, self.read_content = plain(file.name)[:60], file.read(limits.IMPORT_BYTES + 1)
        elif kept:
            name, self.read_content = kept
        else:
            if "file" not in self.errors:
                self.add_error("file", self.fields["file"].error_messages["required"])
            return
        self.reading = files.read(self.read_content, Clinic.current().zone)
        if self.reading.problem:
            self.add_error("file", self.reading.problem)
        else:
            self.name, self.read_content = name, self.reading.kept

    def read_by(self, order: str) -> None:
        """Read the file again, with the month or the day first in its dates, as somebody has answered it."""
        self.read_content = b"dates=%s\n" % order.encode() + self.read_content
        self.reading = files.read(self.read_content, Clinic.current().zone)
        if self.reading.problem:
            self.add_error("file", self.reading.problem)

    def kept(self) -> str:
        """The file as the next page carries it along."""
        # A broken letter goes along as it is.
        text = self.read_content.decode("utf-8", "surrogateescape")
        # Signed: a compressed text that we did not make could unfold to any size.
        return signing.dumps([self.name, text], salt=SALT, compress=True)


class OrderForm(forms.Form):
    """What stands first in the dates of a table, where none of them says it."""

    use_required_attribute = False

    dates = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, unsure: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        days = ((order, dates.a_day(unsure, order)) for order in (Order.MONTH, Order.DAY))
        field: Any = self.fields["dates"]
        field.label = gettext("“%s” in this file is") % unsure
        field.choices = [(order.value, date_format(day, "F j, Y")) for order, day in days]


class ChoiceForm(forms.Form):
    """With whom and what for, each only where rows of the file do not say it."""

    use_required_attribute = False

    practitioner = forms.ModelChoiceField(Practitioner.objects.active(), label=_("Practitioner"))
    visit_type = forms.ModelChoiceField(VisitType.objects.active(), label=_("Kind of visit"))

    def __init__(self, *args: Any, reading: Reading, **kwargs: Any):
        super().__init__(*args, **kwargs)
        helps = {
            "practitioner": _("Of %(rows)d rows, %(silent)d do not say it."),
            "visit_type": _(
                "Of %(rows)d rows, %(silent)d do not say it. It says how long a visit takes, and its pause."
            ),
        }
        for field, words in helps.items():
            if silent := reading.silent_on(field):
                self.fields[field].help_text = words % {"rows": len(reading.rows), "silent": silent}
            else:
                del self.fields[field]

    @property
    def said(self) -> dict[str, Any]:
        return {"practitioner": None, "visit_type": None} | self.cleaned_data
