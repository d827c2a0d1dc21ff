from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from appointments.actors import Actor
from appointments.inquiries.search import words_of
from appointments.models import Inquiry
from appointments.records import erasure
from tests import make

write_again = import_module("appointments.migrations.0018_words_are_found_as_they_are_typed").write_again


@pytest.mark.django_db
def test_words_are_written_again_as_the_search_folds_them_and_no_history_of_it(monkeypatch):
    monkeypatch.setitem(write_again.__globals__, "BATCH", 2)
    made = [make.inquiry(name=name) for name in ("Søren Groß", "Jean-Paul", "Rosa Lind")]
    erased = make.inquiry()
    erasure.erase(erased, reason="Their wish", by=Actor.staff(make.user()))
    Inquiry.objects.filter(erased_at=None).update(search_words=" as it was folded before")
    events = Inquiry.events.rel.related_model.objects.count()

    with connection.schema_editor() as schema_editor:
        write_again(apps, schema_editor)

    for inquiry in made:
        assert Inquiry.objects.get(pk=inquiry.pk).search_words == words_of(inquiry)
    assert Inquiry.objects.get(pk=erased.pk).search_words == ""
    assert Inquiry.events.rel.related_model.objects.count() == events
