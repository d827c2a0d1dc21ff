"""Drawings that an editor uploads: cleaned, shown with what was left out, and never changed afterwards."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.admin_site import ShownOnTheSite
from procedures import figures, svg
from procedures.models import Drawing, Revision

# So much of what was left out is named.
NAMED = 8


class DrawingForm(forms.ModelForm):
    file = forms.FileField(
        label=_("SVG file"),
        help_text=_("At most 100 kB. What could run, or ask another site for something, is left out, and named."),
        widget=forms.FileInput(attrs={"accept": ".svg,image/svg+xml"}),
    )
    cleaned: svg.Clean | None = None

    class Meta:
        model = Drawing
        fields = ["slug", "alt"]
        widgets = {"alt": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if figures.svg(slug) or slug.startswith("mark-"):
            raise forms.ValidationError(_("A drawing of ours has this name, or would: choose another."))
        return slug

    def clean_alt(self) -> str:
        return " ".join(self.cleaned_data["alt"].split())

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            self.cleaned = svg.clean(file.read(svg.MOST_BYTES + 1))
        except svg.Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return file


class DrawingAdmin(ShownOnTheSite):
    form = DrawingForm
    list_display = ["slug", "alt", "uploaded_at"]
    readonly_fields = ["picture", "how", "uploaded_at", "uploaded_by"]
    actions = None

    def get_fields(self, request: HttpRequest, obj: Drawing | None = None) -> Any:
        return ["picture", "how", "slug", "alt", "uploaded_at", "uploaded_by"] if obj else ["slug", "alt", "file"]

    def get_form(self, request: HttpRequest, obj: Drawing | None = None, change: bool = False, **kwargs: Any) -> Any:
        # What is only looked at has no file to choose.
        return super().get_form(request, obj, change, **({"form": forms.ModelForm} if obj else {}), **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Drawing | None = None) -> bool:
        """Words that name it were signed with it: what is better is another drawing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Drawing | None = None) -> bool:
        """Only one that no version of a page shows."""
        named = obj and Revision.objects.filter(body__regex=rf":::+ *drawing +{obj.slug}(\s|$)").exists()
        return super().has_delete_permission(request, obj) and not named

    @admin.display(description=_("drawing"))
    def picture(self, drawing: Drawing) -> SafeString:
        return format_html(
            '<img class="uploaded" src="{}" alt="{}" width="{}" height="{}">',
            drawing.get_absolute_url(), drawing.alt, drawing.width, drawing.height,
        )  # fmt: skip

    @admin.display(description=_("on a page"))
    def how(self, drawing: Drawing) -> SafeString:
        caption = gettext("What one sees in it, in a sentence.")
        return format_html("<pre>::: drawing {}\n{}\n:::</pre>", drawing.slug, caption)

    def save_model(self, request: HttpRequest, obj: Drawing, form: DrawingForm, change: bool) -> None:
        assert form.cleaned  # noqa: S101  (the form is valid)
        obj.svg, obj.width, obj.height = form.cleaned.svg, form.cleaned.width, form.cleaned.height
        obj.uploaded_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if removed := form.cleaned.removed:
            named = ", ".join([*removed[:NAMED], *(["…"] if removed[NAMED:] else [])])
            words = gettext("The drawing was cleaned. Left out: %s. Look whether it still shows what you mean.")
            messages.warning(request, words % named)

    def response_add(self, request: HttpRequest, obj: Drawing, post_url_continue: str | None = None) -> HttpResponse:
        """To the drawing itself: its editor looks at what became of the file."""
        messages.success(request, gettext("Stored: %s. A page shows it with the lines below.") % obj.slug)
        return redirect("admin:procedures_drawing_change", obj.pk)
