"""
Lists of any length: a page begins after the last row of the one before, and what is long is not counted but estimated.

The nth page would be found by reading all rows before it, and their number by reading all of them.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, Q, QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinic.made_once import Fields

AFTER, BEFORE, LAST = "after", "before", "last"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Place(NamedTuple):
    """Which page: the one after or before a row, which need not exist any longer, or the last one."""

    which: str
    moment: datetime = EPOCH
    pk: int = 0

    @classmethod
    def read(cls, typed: str) -> "Place | None":
        """What an address says, like after-1764160200000000-12; None is the first page, for what is no place, too."""
        which, *numbers = typed.split("-")
        if typed == LAST:
            return cls(LAST)
        if which not in (AFTER, BEFORE) or len(numbers) != 2:
            return None
        with suppress(ValueError, OverflowError):
            if max(map(len, numbers)) < 18:
                return cls(which, EPOCH + int(numbers[0]) * MICROSECOND, int(numbers[1]))
        return None

    @staticmethod
    def write(which: str, row: Model, field: str) -> str:
        return f"{which}-{(getattr(row, field) - EPOCH) // MICROSECOND}-{row.pk}"


def page(
    rows: QuerySet, key: str, place: Place | None, size: int, read: Callable[[QuerySet], list[Any]] = list
) -> tuple[list[Any], bool, bool]:
    """
    The rows of a page, and whether there are rows before and after it; one query, which reads no more than the page.

    `rows` are in the order of `key`, the name of a moment that each row has, with a minus for the newest first, and of
    the id in the same direction.
    """
    name, is_falling = key.lstrip("-"), key.startswith("-")
    is_backward = place is not None and place.which != AFTER
    if place and place.which != LAST:
        side = "lt" if is_falling != is_backward else "gt"
        at = Q(**{name: place.moment})
        # The first of the two is what an index can use.
        rows = rows.filter(Q(**{f"{name}__{side}e": place.moment}), ~at | Q(**{f"pk__{side}": place.pk}))
    found = read((rows.reverse() if is_backward else rows)[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if is_backward:
        return found[::-1], has_more, place is not None and place.which == BEFORE
    return found, place is not None, has_more


def estimate(rows: QuerySet) -> int:
    """About how many they are, as Postgres would guess before it reads them; two digits of it are worth something."""
    [plan] = json.loads(rows.order_by().values("pk").explain(format="json"))
    guess = int(plan["Plan"]["Plan Rows"])
    return round(guess, 2 - len(str(guess)))


class PagedList(ChangeList):
    """The admin's list with pages by key where its admin's `paged_by` gives one, and with numbers elsewhere."""

    model_admin: Any  # A LongList.
    is_about = False
    can_tick = False
    pages: tuple[tuple[str, str], ...] = ()

    def get_results(self, request: HttpRequest) -> None:
        self.can_tick = self.model_admin.can_tick(request)
        key = self.model_admin.paged_by(request)
        if key is None:
            super().get_results(request)
            rows = self.model_admin.as_opened(request)
            self.result_list = self.model_admin.with_more(self._read(self.result_list) if rows is None else rows)
            return
        place, size = Place.read(request.GET.get(PAGE_VAR, "")), self.list_per_page
        rows, has_before, has_after = page(self.queryset, key, place, size, self._read)
        if place and not rows:
            place = None  # The row that it began with has left the list, and all others there.
            rows, has_before, has_after = page(self.queryset, key, place, size, self._read)
        self.is_about = has_before or has_after
        self.result_list = self.model_admin.with_more(rows)
        self.result_count = max(estimate(self.queryset), size) if self.is_about else len(rows)
        self.full_result_count, self.show_full_result_count, self.show_admin_actions = None, False, bool(rows)
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, rows, size)
        self.pages = tuple(self._links(key.lstrip("-"), rows, has_before, has_after))

    def _read(self, rows: QuerySet) -> list[Any]:
        return self.model_admin.shown_fields.read(rows) if self.model_admin.shown_fields else list(rows)

    def _links(self, field: str, rows: list[Any], has_before: bool, has_after: bool) -> Iterator[tuple[str, str]]:
        if has_before:
            yield gettext("First page"), self.get_query_string()
            yield gettext("Page before"), self.get_query_string({PAGE_VAR: Place.write(BEFORE, rows[0], field)})
        if has_after:
            yield gettext("Next page"), self.get_query_string({PAGE_VAR: Place.write(AFTER, rows[-1], field)})
            yield gettext("Last page"), self.get_query_string({PAGE_VAR: LAST})

    def headers(self) -> list[dict[str, Any]]:
        return list(result_headers(self))

    def rows(self) -> Iterator[SafeString]:
        """
        The cells of each row, with a box to tick where there is something to do with several; the first of the others
        leads to the row's page. A third of what the admin's own way takes.
        """
        admin_, opts = self.model_admin, self.opts
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        first, *others = map(str, self.list_display)
        others_are = [(name, getattr(admin_, name, None)) for name in others]
        for row in self.result_list:
            title = getattr(admin_, first)(row)
            cells = [self.model_admin.tick(row)] if self.can_tick else []
            leads = f'<a href="{address}{row.pk}/change/">{conditional_escape(title)}</a>'
            cells.append(SafeString(f'<th class="field-{first}">{leads}</th>'))
            for name, function in others_are:
                words = conditional_escape(function(row) if function else getattr(row, name))
                cells.append(SafeString(f'<td class="field-{name}">{words}</td>'))
            yield SafeString("".join(cells))


class LongList(admin.ModelAdmin):
    """An admin whose list has such pages. `paged_by` names the moment that a list is in the order of, or None."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    # The admin's scripts are for forms and for actions on ticked rows: no page of these admins has them.
    media = Media()
    # The fields that the cells show, where reading all takes long.
    shown_fields: Fields | None = None

    def paged_by(self, request: HttpRequest) -> str | None:
        raise NotImplementedError

    def can_tick(self, request: HttpRequest) -> bool:
        """Whether rows can be ticked: then its `tick` makes the cell of a row."""
        return False

    def as_opened(self, request: HttpRequest) -> list[Any] | None:
        """The rows of the first page without any filter, where they are read by a statement that is made once."""
        return None

    def with_more(self, rows: list[Any]) -> list[Any]:
        """The rows of a page, each with what its cells say beside its fields: read for all of them at once."""
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PagedList
