"""What staff's pages say on top: what went wrong, in one summary that has the focus, and what was done."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import template
from django.contrib.messages import WARNING
from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _

register = template.Library()


class Problem(NamedTuple):
    """A sentence, the field that it is about, and the id of the input that its link leads to; both may be empty."""

    words: str
    field: str = ""
    leads_to: str = ""
    tags: str = ""


@register.inclusion_tag("admin/_on_top.html", takes_context=True)
def on_top(context: template.Context) -> dict[str, Any]:
    """
    The errors of every form on the page, whatever its name in the context, and the warnings of the press before; and
    apart from them what was done.
    """
    messages = list(context.get("messages") or ())
    wrong = [problem for form in _forms(context) for problem in _problems(form)]
    warned = [Problem(message, tags=message.tags) for message in messages if message.level >= WARNING]
    return {
        "title": _("There is a problem") if wrong else _("Please look at this"),
        "problems": [*warned, *wrong],
        "done": [message for message in messages if message.level < WARNING],
    }


def _forms(context: template.Context) -> Iterable[BaseForm | BaseFormSet]:
    """The forms that were posted: ours, Django's change form, and the rows below it."""
    shown: dict[Any, Any] = context.flatten()
    # By its type: isinstance() would wake what the context keeps for the pages that need it.
    found: list[Any] = [each for each in shown.values() if issubclass(type(each), BaseForm | BaseFormSet)]
    if adminform := shown.get("adminform"):
        found.append(adminform.form)
    rows = [inline.formset for inline in shown.get("inline_admin_formsets") or ()]
    if changed := shown.get("cl"):
        rows.append(getattr(changed, "formset", None))
    found += [form for formset in rows if formset for form in (formset, *formset.forms)]
    return {id(form): form for form in found if form.is_bound}.values()


def _problems(form: BaseForm | BaseFormSet) -> Iterable[Problem]:
    if isinstance(form, BaseFormSet):
        yield from (Problem(str(words)) for words in form.non_form_errors())
        return
    yield from (Problem(str(words)) for words in form.non_field_errors())
    for field in form:
        for words in field.errors:
            yield Problem(str(words), "" if field.is_hidden else str(field.label), _leads_to(field))


def _leads_to(field: BoundField) -> str:
    # A choice among several, and a field of two inputs, have no id of their own: their first input has.
    return "" if field.is_hidden else str(field.id_for_label or f"{field.auto_id}_0")
