"""
Forms of the admin that know what they began with: what somebody else saved meanwhile is not undone unseen.

Each form carries a digest of every value that it shows. One that differs when it is sent is named, and nothing is
saved; sent once more from that page, it is meant.
"""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils.translation import gettext as _

# The hidden field in templates/admin/change_form.html.
STANDS = "stands"


class _AsksFirst:
    """Mixed into the form of a row that is there."""

    rows_beside: Callable[[], Iterator[tuple[str, str, Any]]]
    instance: Any
    fields: Any
    data: Any
    add_error: Callable[..., None]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Before the form puts what was typed into the row.
        self._values = {name: (label, _digest(value)) for name, label, value in self._of_the_row()}
        self._values |= {name: (label, _digest(value)) for name, label, value in type(self).rows_beside()}

    def _of_the_row(self) -> Iterator[tuple[str, str, Any]]:
        meta = self.instance._meta
        for field in (*meta.concrete_fields, *meta.many_to_many):
            if field.name in self.fields and field.name != "password":
                yield field.name, str(self.fields[field.name].label or field.verbose_name), _value(field, self.instance)

    @property
    def stands(self) -> str:
        return ",".join(f"{name}:{digest}" for name, (_label, digest) in self._values.items())

    def clean(self) -> Any:
        said = super().clean()  # type: ignore[misc]
        began = dict(part.split(":", 1) for part in self.data.get(STANDS, "").split(",") if ":" in part)
        changed = [label for name, (label, digest) in self._values.items() if began.get(name, digest) != digest]
        if changed:
            words = _(
                "Somebody else saved this while you had it open, and changed: %(what)s. What you see here is yours. "
                "Save again to keep it, or open the page anew to see theirs."
            )
            self.add_error(None, ValidationError(words % {"what": ", ".join(changed)}, code="changed"))
        return said


class BeganWith(ModelAdmin):
    """An admin whose forms ask before they undo what somebody else saved."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or not change:
            return form

        def rows_beside() -> Iterator[tuple[str, str, Any]]:
            return self._rows_beside(request, obj)

        return type(form)(form.__name__, (_AsksFirst, form), {"rows_beside": staticmethod(rows_beside)})

    def _rows_beside(self, request: HttpRequest, obj: Model) -> Iterator[tuple[str, str, Any]]:
        """The rows that stand below the form, and that may be changed there."""
        for inline in self.get_inline_instances(request, obj):
            if not inline.has_change_permission(request, obj):
                continue
            to_the_row = _get_foreign_key(type(obj), inline.model, fk_name=inline.fk_name)
            fields = [field for field in inline.model._meta.concrete_fields if field.editable or field.primary_key]
            rows = inline.get_queryset(request).filter(**{to_the_row.name: obj.pk}).order_by("pk")
            values = [[_value(field, row) for field in fields] for row in rows]
            yield f"rows-{inline.model._meta.model_name}", str(inline.verbose_name_plural), values


def _value(field: Field, row: Model) -> Any:
    value = field.value_from_object(row)
    return sorted(each.pk for each in value) if isinstance(value, list | set) and field.many_to_many else value


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]
