"""Valid objects in few words."""

import base64
import re
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.utils import timezone
from django_otp import oath

from appointments.actors import Actor
from appointments.demo import many
from appointments.inquiries import lifecycle
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Email,
    Inquiry,
    InquiryKind,
    MailState,
    Practitioner,
    VisitType,
    WorkerHeartbeat,
    WorkingHours,
)
from appointments.models.inquiry_choices import ContactChannel
from appointments.notifications.notify import TAKEN_BACK_WITHIN
from appointments.public import captcha
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.accounts import roles, second_factor
from clinic.models import Clinic
from procedures.models import OVERVIEW, Drawing, Fact, Page, Procedure, Revision, SignOff, Words

_numbers = count(1)
# Of references: no word and no number of a test finds one of these, as it does a drawn one now and then.
_SIGNS = "JKQVXZ"
# What is stored of a small drawing.
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2" width="600" height="300"><path d="M0 0"></path></svg>'


def clinic(**fields: Any) -> Clinic:
    if "address" in fields:  # All of it, in lines.
        fields |= {"street": fields.pop("address"), "city": "", "state": "", "postal_code": ""}
    defaults = {
        "name": "Maple Spine Clinic", "phone": "(646) 555-0111", "after_hours_phone": "(646) 555-0122",
        "time_zone_confirmed": True,
    }  # fmt: skip
    return Clinic.objects.update_or_create(pk=1, defaults=defaults | fields)[0]


def procedure(name: str = "Kyphoplasty", **fields: Any) -> Procedure:
    """A published procedure with an overview, a benefits page and a recovery page."""
    shown = {"is_published": True} | fields
    made = Procedure.objects.create(name=name, slug=shown.pop("slug", name.lower()), **shown)
    for position, slug in enumerate((OVERVIEW, "benefits", "recovery")):
        page(made, slug, position=position)
    return made


def page(procedure: Procedure | None, slug: str = OVERVIEW, body: str = "It helps.\n", **fields: Any) -> Page:
    made = Page.objects.create(procedure=procedure, slug=slug, label=slug.capitalize(), **fields)
    made.publish(Words(title=f"{procedure}: {slug}", lead=f"What {slug} means.", body=body))
    return made


def draw(procedure: Procedure, name: str = "kyphoplasty-1") -> None:
    """Put a drawing on the procedure's overview, as visitors see it."""
    overview = procedure.pages.get(slug=OVERVIEW)
    overview.revisions.update(body=f"It helps.\n\n::: drawing {name}\nWhat it shows.\n:::\n")


def drawing(slug: str = "spine-side", **fields: Any) -> Drawing:
    """A drawing as it is stored once it was uploaded and cleaned."""
    made = Drawing.objects.create(slug=slug, **{"svg": SVG, "alt": "A spine.", "width": 600, "height": 300, **fields})
    made.refresh_from_db()
    return made


def fact(procedure: Procedure, key: str = "R8", sentence: str = "It carries risks.", **fields: Any) -> Fact:
    return procedure.facts.create(key=key, sentence=sentence, **{"source": "The clinic’s own page", **fields})


def sign_off(revision: Revision, **fields: Any) -> SignOff:
    """A clinician's signature under these words, good for a year unless told otherwise."""
    signed_on = fields.setdefault("signed_on", timezone.localdate())
    defaults = {
        "digest": revision.digest,
        "signed_by": "Jane Doe, MD",
        "next_review": signed_on + timedelta(days=365),
        "entered_by": user(),
    }
    return revision.sign_offs.create(**defaults | fields)


def user(role: str | None = None, **fields: Any):
    name = fields.pop("username", f"user{next(_numbers)}")
    made = get_user_model().objects.create_user(name, password="correct horse battery", is_staff=True, **fields)
    if role:
        made.groups.add(Group.objects.get(name=role))
    return made


def front_desk(**fields: Any):
    return user(roles.FRONT_DESK, **fields)


def give_factor(user) -> list[str]:
    """An authenticator app whose code of the minute before was typed, and backup codes, which are returned."""
    seed = base64.b32decode(second_factor.offer_seed(user))
    with time_machine.travel(timezone.now() - timedelta(minutes=1), tick=False):
        step = int(timezone.now().timestamp()) // second_factor.STEP
        second_factor.take_app(user=user, code=f"{oath.hotp(seed, step):06}")
    return second_factor.new_backup_codes(user)


def with_factor(role: str | None = None, **fields: Any):
    """Somebody of the staff with a second factor, and their backup codes."""
    made = user(role, **fields)
    return made, give_factor(made)


def inquiry(*, sent: timedelta = timedelta(0), **fields: Any) -> Inquiry:
    """An inquiry as a visitor sent it, `sent` ago: an appointment wish with its own phone unless told otherwise."""
    number = next(_numbers)
    defaults = {
        "reference": many.reference(number, of=_SIGNS),
        "kind": InquiryKind.APPOINTMENT,
        "name": f"Patient {number}",
        "contact_by": ContactChannel.PHONE,
        "phone": f"212 555 {1000 + number % 9000}",
        "submission_id": f"made {number}",
        "sum_solved": True,
    }
    made, _ = lifecycle.submit(inquiry=Inquiry(**defaults | fields), by=Actor.visitor(), now=timezone.now() - sent)
    return made


def practitioner(name: str = "", *, online: bool = True, visit: VisitType | None = None, **fields: Any) -> Practitioner:
    """Somebody who works from 9 to 5 every day of the week, and offers `visit` online."""
    made = Practitioner.objects.create(name=name or f"Doctor {next(_numbers)}", **fields)
    hours = {"practitioner": made, "opens": "09:00", "closes": "17:00"}
    WorkingHours.objects.bulk_create(WorkingHours(weekday=weekday, **hours) for weekday in range(7))
    made.schedules.create(visit_type=visit or visit_type(), is_online=online)
    return made


def doctor(name: str = "Jane Doe, MD", **fields: Any) -> Practitioner:
    """A practitioner who signs in as a clinician."""
    return practitioner(name, account=user(roles.CLINICIAN), **fields)


def visit_type(name: str = "", **fields: Any) -> VisitType:
    """Half an hour that patients may choose from now on, booked at once."""
    defaults = {"patients_may_choose": True, "booked_at_once": True, "lead_hours": 0}
    return VisitType.objects.create(name=name or f"Visit {next(_numbers)}", **defaults | fields)


def appointment(sender: Inquiry | None = None, starts_at: Any = None, **fields: Any) -> Appointment:
    """Half an hour that is booked, tomorrow unless told otherwise."""
    begins = datetime.fromisoformat(starts_at) if starts_at else timezone.now() + timedelta(days=1)
    ends = begins + timedelta(minutes=30)
    visit = visit_type()
    defaults = {
        "practitioner": practitioner(visit=visit), "visit_type": visit, "starts_at": begins, "ends_at": ends,
        "blocked_until": ends, "status": AppointmentStatus.BOOKED,
    }  # fmt: skip
    return Appointment.objects.create(inquiry=sender or inquiry(), **defaults | fields)


def living_worker() -> None:
    """The sign of life of a worker whose clock is right, whatever moment a test has travelled to."""
    WorkerHeartbeat.objects.create(pk=1, seen_at=Now(), its_clock=Now())


def two_minutes_pass() -> None:
    """What staff caused a moment ago, and is mailed two minutes later, is due."""
    waiting = Email.objects.filter(state=MailState.WAITING).exclude(kind__startswith="staff").exclude(kind="received")
    waiting.filter(due_at__gt=timezone.now(), due_at__lte=timezone.now() + TAKEN_BACK_WITHIN).update(
        due_at=timezone.now(), next_try_at=timezone.now()
    )


def today() -> date:
    """What the calendar at the clinic shows: in the evening not the machine's day."""
    return day_of(timezone.now())


def day_of(moment: datetime) -> date:
    """By the clocks at the clinic."""
    return moment.astimezone(Clinic.current().zone).date()


def slots(practitioner: Practitioner, day: date) -> list[Slot]:
    """The free times of somebody's first kind of visit on a day."""
    zone, schedule = Clinic.current().zone, practitioner.schedules.first()
    calendar = calendars.between([practitioner.pk], day, day, zone=zone)[practitioner.pk]
    return list(calendar.slots(schedule.visit_type.rules, now=timezone.now(), first=day, last=day))


FIELDS = (
    "kind name contact_by phone email reach_note procedure patient_name patient_phone message consent sum_token sum "
    "second_fax"
).split()


def hidden_fields(html: str) -> dict[str, str]:
    """What a page posts beside what is typed and pressed."""
    return dict(re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)"', html))


def form_data(**changes: Any) -> dict[str, Any]:
    """What a browser posts for a filled-in form with a solved sum; None leaves a field out."""
    asked = captcha.ask(timezone.now())
    data = {
        "kind": "question",
        "name": "Rosa Lind",
        "contact_by": "phone",
        "phone": "(212) 555-0123",
        "email": "",
        "reach_note": "",
        "procedure": "",
        "patient_name": "",
        "patient_phone": "",
        "message": "When can I garden again?",
        "consent": "on",
        "sum_token": asked.token,
        "sum": str(asked.first + asked.second),
        "second_fax": "",
    }
    return {name: value for name, value in (data | changes).items() if value is not None}
