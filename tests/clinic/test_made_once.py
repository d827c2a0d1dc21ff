"""A statement that is made once says what one says that is made each time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.models import Email, Inquiry, NotificationKind
from appointments.notifications.notify import notify
from clinic.made_once import Fields, Rows, Statement
from clinic.models import StaffSession
from clinic.models.kept_post import KeptPost
from tests import make

pytestmark = pytest.mark.django_db


def known(row):
    """What is read of a row, without what Django keeps of it."""
    return {name: value for name, value in vars(row).items() if name != "_state"}


def test_rows_are_those_of_only_and_select_related_and_nothing_is_read_later(django_assert_num_queries):
    make.inquiry(assigned_to=make.front_desk(), procedure=make.procedure())
    make.inquiry()
    rows = Inquiry.objects.order_by("pk")
    fields = Fields(Inquiry, ("name", "created_at"), {"procedure": ("name",), "assigned_to": ("username",)})

    with django_assert_num_queries(1):
        read = fields.read(rows)
        beside = [known(each) for row in read for each in (row.procedure, row.assigned_to) if each]

    as_django = rows.only("name", "created_at", "procedure__name", "assigned_to__username")
    as_django = [*as_django.select_related("procedure", "assigned_to")]
    assert [*map(known, read)] == [*map(known, as_django)]
    assert beside == [known(each) for row in as_django for each in (row.procedure, row.assigned_to) if each]


def test_rows_beside_lead_on_to_others_where_they_do(django_assert_num_queries):
    mailed = make.inquiry(contact_by="email", email="rosa@example.com")
    notify(NotificationKind.BOOKED, mailed, appointment=make.appointment(mailed))
    rows = Email.objects.order_by("pk")
    fields = Fields(Email, ("to",), {"appointment": ("starts_at",), "appointment__practitioner": ("name",)})

    with django_assert_num_queries(1):
        read = fields.read(rows)
        beside = [known(each) for row in read if (one := row.appointment) for each in (one, one.practitioner)]

    as_django = rows.only("to", "appointment__starts_at", "appointment__practitioner__name")
    as_django = [*as_django.select_related("appointment__practitioner")]
    assert [*map(known, read)] == [*map(known, as_django)]
    as_django = [row.appointment for row in as_django if row.appointment]
    assert beside == [known(each) for one in as_django for each in (one, one.practitioner)]
    assert (len(read), len(beside)) == (3, 2)


def test_a_row_that_is_read_whole_can_be_saved():
    inquiry = make.inquiry()

    [read] = Rows(Fields(Inquiry), lambda pk: Inquiry.objects.filter(pk=pk))(pk=inquiry.pk)
    read.name = "Rosa Diaz"
    read.save()

    assert Inquiry.objects.get().name == "Rosa Diaz"


def test_words_are_other_ones_each_time(client):
    client.force_login(make.front_desk())
    [key] = StaffSession.objects.values_list("session_key", flat=True)
    rows = Rows(Fields(StaffSession), lambda key: StaffSession.objects.filter(session_key=key))

    assert [len(rows(key=each)) for each in ("none", key, "none")] == [0, 1, 0]


def test_what_cannot_be_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Fields(Inquiry).read(Inquiry.objects.filter(pk__in=[])) == []


def test_a_field_that_django_makes_another_value_of_is_refused():
    with pytest.raises(TypeError, match="KeptPost"):
        Fields(KeptPost).read(KeptPost.objects.all())


@pytest.mark.parametrize(
    "make_sql",
    [
        lambda day: Inquiry.objects.filter(created_at__lt=day - timedelta(days=200)),
        lambda day: Inquiry.objects.none().union(Inquiry.objects.filter(name="Rosa Lind")),
    ],
    ids=["moved too far", "not asked"],
)
def test_what_is_given_and_not_found_again_is_refused(make_sql):
    statement = Statement(lambda day: make_sql(day).query.sql_with_params())

    with pytest.raises(TypeError, match="day"):
        statement.ask(day=timezone.now())
