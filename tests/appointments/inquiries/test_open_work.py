import pytest

from appointments.actors import Actor
from appointments.inquiries import lifecycle
from appointments.inquiries.open_work import give_back, open_work
from appointments.models import Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db


def taken(by, **fields) -> Inquiry:
    inquiry = make.inquiry(**fields)
    return lifecycle.take(inquiry=inquiry, version=inquiry.version, by=Actor.staff(by))


def test_what_somebody_had_taken_is_nobodys_and_keeps_its_promise():
    ann, manager = make.front_desk(), Actor.staff(make.user())
    mine, others = taken(ann), taken(make.front_desk())
    closed = taken(ann)
    lifecycle.transition(inquiry=closed, to=InquiryStatus.CLOSED, version=2, by=Actor.staff(ann))

    assert give_back(of=ann, by=manager) == 1

    now = Inquiry.objects.get(pk=mine.pk)
    assert (now.assigned_to, now.status, now.answer_by) == (None, InquiryStatus.OPEN, mine.answer_by)
    assert list(open_work()) == [others]
    assert Inquiry.objects.get(pk=closed.pk).assigned_to == ann
    event = now.events.order_by("pgh_id").last()
    assert (event.assigned_to_id, event.pgh_context.metadata["user"]) == (None, manager.user.pk)


def test_the_second_time_there_is_nothing_to_give_back():
    ann, manager = make.front_desk(), Actor.staff(make.user())
    taken(ann)

    assert [give_back(of=ann, by=manager), give_back(of=ann, by=manager)] == [1, 0]
