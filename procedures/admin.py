from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from procedures import markdown
from procedures.models import Page, Procedure, Revision, Words


class PageForm(forms.ModelForm):
    """A page together with the words of its live revision."""

    title = forms.CharField(label=_("Title"), max_length=150, widget=forms.TextInput(attrs={"size": 80}))
    lead = forms.CharField(
        label=_("Lead"),
        max_length=300,
        help_text=_("One sentence that says what the page is about."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
    )
    body = forms.CharField(
        label=_("Body"),
        max_length=50_000,
        help_text=_(
            'Markdown: ## begins a heading, - an item of a list. A line like {fact="R8"} names the clinical fact '
            "that the next block tells; keep it there."
        ),
        widget=forms.Textarea(attrs={"rows": 30, "cols": 80}),
    )

    class Meta:
        model = Page
        fields = ["procedure", "slug", "label", "position"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.live = self.instance.live_revision() if self.instance.pk else None
        if self.live:
            self.initial.update(title=self.live.title, lead=self.live.lead, body=self.live.body)

    def clean_body(self) -> str:
        body = self.cleaned_data["body"].replace("\r\n", "\n") + "\n"
        if problem := markdown.problem(body):
            raise forms.ValidationError(problem)
        return body

    def words(self) -> Words:
        return Words(self.cleaned_data["title"], self.cleaned_data["lead"], self.cleaned_data["body"])


class RevisionInline(admin.TabularInline):
    model = Revision
    verbose_name_plural = _("earlier and live versions, newest first")
    fields = readonly_fields = ("published_at", "title", "written_by")
    ordering = ["-published_at", "-pk"]
    extra = max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("created_by", "page__procedure")

    @admin.display(description=_("by"))
    def written_by(self, revision: Revision) -> str:
        if revision.created_by:
            return str(revision.created_by)
        return str(_("the file it was loaded from") if revision.source_digest else _("somebody whose account is gone"))


@admin.register(Procedure)
class ProcedureAdmin(admin.ModelAdmin):
    list_display = ["name", "is_published", "position"]
    prepopulated_fields = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Procedure | None = None) -> bool:
        """Inquiries keep what they are about: a procedure that is no longer offered is hidden instead."""
        return False


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    form = PageForm
    inlines = [RevisionInline]
    list_display = ["__str__", "review", "position"]
    list_filter = ["procedure"]
    list_select_related = ["procedure"]
    readonly_fields = ["review"]
    fields = ["review", "procedure", "slug", "label", "position", "title", "lead", "body"]

    @admin.display(description=_("review"))
    def review(self, page: Page) -> str:
        return str(_("Not yet reviewed by a clinician"))

    def save_model(self, request: HttpRequest, obj: Page, form: PageForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not form.live or form.words() != form.live.words:
            obj.publish(form.words(), by=request.user)
