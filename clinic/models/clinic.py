"""The one clinic, read once for each request, and what its fields must be."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic import phones
from clinic.made_once import Fields, Rows
from clinic.typed_text import isolated


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Enter a time zone like America/New_York."))


def validate_region(region: str) -> None:
    from holidays.utils import list_supported_countries  # noqa: PLC0415  (half a second, which few processes need)

    country, _dash, state = region.partition("-")
    known = list_supported_countries(include_aliases=False)
    if country not in known or (state and state not in known[country]):
        raise ValidationError(_("Enter a country like US, or a country and a state like US-NY."))


def validate_phone(number: str) -> None:
    phones.validate_phone(number)


def validate_https(url: str) -> None:
    if urlsplit(url).scheme != "https":
        raise ValidationError(_("Enter an address that begins with https://"))


# What this request has read of the clinic, by name: empty until then, None where each asking reads it again.
_kept: ContextVar[dict[str, Any] | None] = ContextVar("clinic", default=None)


class Clinic(models.Model):
    """The one practice this site is for. Its defaults are placeholders: the deployment check refuses them."""

    name = models.CharField(_("name"), max_length=100, default="Example Spine Clinic")
    phone = models.CharField(_("phone number"), max_length=40, default="(212) 555-0100", validators=[validate_phone])
    after_hours_phone = models.CharField(
        _("after-hours phone number"),
        max_length=40,
        default="(212) 555-0199",
        validators=[validate_phone],
        help_text=_("Patients are told to call it when the clinic is closed."),
    )
    street = models.TextField(
        _("street"), max_length=300, default="100 Example Street", help_text=_("With the building and the floor.")
    )
    city = models.CharField(_("city"), max_length=100, blank=True, default="New York")
    state = models.CharField(_("state"), max_length=40, blank=True, default="NY")
    postal_code = models.CharField(_("ZIP code"), max_length=12, blank=True, default="10001")
    country = models.CharField(
        _("country"), max_length=2, default="US", help_text=_("Two letters. Search engines are told; no page shows it.")
    )
    email = models.EmailField(
        _("email address"),
        default="frontdesk@example.com",
        help_text=_("A mailbox that you read: mails to patients come from it, and their answers go there."),
    )
    manager_email = models.EmailField(
        _("the manager’s email address"),
        blank=True,
        help_text=_("Told when a promise is overdue. Empty: the one above."),
    )
    keep_years = models.PositiveSmallIntegerField(
        _("years to keep closed inquiries"),
        null=True,
        blank=True,
        help_text=_(
            "After this, the site erases what people wrote. Empty: nothing is ever erased by itself. "
            "Many clinics keep 7 years; check your state’s rule."
        ),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="America/New_York", validators=[validate_time_zone]
    )
    # The default is right for some: only somebody who reads the clinic's clocks knows.
    time_zone_confirmed = models.BooleanField(
        _("the time zone is ours"),
        default=False,
        help_text=_("Tick it once you have compared it with your clocks: visits, hours and reminders follow it."),
    )

    holidays_of = models.CharField(
        _("public holidays of"),
        max_length=8,
        blank=True,
        validators=[validate_region],
        help_text=_("A country, and a state after a hyphen: US-NY. The admin enters them as closures on one click."),
    )
    reschedules_allowed = models.PositiveSmallIntegerField(
        _("moves allowed"), default=3, help_text=_("How often patients may move one appointment themselves.")
    )
    desk_overbooks = models.BooleanField(
        _("the front desk may overbook"),
        default=True,
        db_default=True,
        help_text=_("Give a time that is not free, with a reason. Unticked, only the manager may."),
    )
    offers_freed_times = models.BooleanField(
        _("offer freed times to the waiting list by itself"),
        default=False,
        db_default=False,
        help_text=_(
            "While the clinic is open, the site offers a time that became free to whoever has waited longest for one "
            "like it, by email, and then to the next. Unticked, the front desk offers them."
        ),
    )
    is_choosing_paused = models.BooleanField(
        _("patients can’t choose times online for now"),
        default=False,
        help_text=_(
            "The site ticks it by itself when a great part of the free times is taken within an hour: look who took "
            "them, then untick it. Requests arrive all the same."
        ),
    )
    pauses_from = models.PositiveSmallIntegerField(
        _("times within an hour that are too many"),
        default=6,
        help_text=_("At so many, and a fifth of what is free within two weeks, the site pauses online choosing."),
    )
    late_hours = models.PositiveSmallIntegerField(
        _("hours before which canceling is late"),
        default=24,
        help_text=_("A late one is accepted all the same, and marked."),
    )
    late_policy = models.TextField(
        _("what happens when somebody cancels late"),
        max_length=500,
        blank=True,
        help_text=_("Shown to patients before and after they cancel late."),
    )

    idle_minutes = models.PositiveSmallIntegerField(
        _("minutes before staff are signed out"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(30)],
        help_text=_("5 to 30. Who does nothing for so long signs in again; a line warns them two minutes before."),
    )

    home_title = models.CharField(
        _("heading of the home page"),
        max_length=80,
        blank=True,
        help_text=_("Empty: “Help with a fracture of the spine”."),
    )
    home_lead = models.TextField(
        _("first sentences of the home page"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences below the heading. Promise no more than the pages say. Empty: ours."),
    )
    directions = models.TextField(
        _("how to get here"), max_length=1000, blank=True, help_text=_("In words, for people who can’t see a map.")
    )
    map_url = models.URLField(_("address of a map"), blank=True, validators=[validate_https])
    costs = models.TextField(_("insurance, referrals and costs"), max_length=2000, blank=True)
    what_to_bring = models.TextField(_("what to bring"), max_length=2000, blank=True)
    mails_sheets = models.BooleanField(
        _("we give or mail the sheet to take home"),
        default=False,
        help_text=_("The sheet then says: No printer? Ask us for a copy at your visit, or we will mail you one."),
    )
    parking = models.TextField(_("parking and step-free entry"), max_length=2000, blank=True)

    # Fields that the site is shipped with fiction in.
    PLACEHOLDERS = ("name", "phone", "after_hours_phone", "address", "email")

    class Meta:
        verbose_name = verbose_name_plural = _("clinic")
        constraints = [
            models.CheckConstraint(name="there_is_one_clinic", condition=Q(pk=1)),
            models.CheckConstraint(name="idle_staff_are_signed_out", condition=Q(idle_minutes__range=(5, 30))),
            models.CheckConstraint(
                name="a_country_is_two_capital_letters",
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Enter the country as two capital letters, like US."),
            ),
        ]

    def __str__(self):
        return isolated(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        _kept.set(None)  # From here on this request reads what is stored.

    @classmethod
    def current(cls) -> "Clinic":
        """The clinic, or its placeholders before anybody entered it. Only to be read: what changes it uses `stored`."""
        return cls.once("clinic", cls.stored)

    @classmethod
    def stored(cls) -> "Clinic":
        """The clinic as the database has it now, as an object of the caller's own."""
        return next(iter(_stored()), None) or cls(pk=1)

    @staticmethod
    def keep(read: "Clinic") -> "Clinic":
        """What `current` gives while `read_once` lasts: this one, unless another was read before."""
        return Clinic.once("clinic", lambda: read)

    @staticmethod
    def once[Thing](name: str, read: Callable[[], Thing]) -> Thing:
        """What `read` returns; while `read_once` lasts, what it returned when this name was asked for first."""
        kept = _kept.get()
        if kept is None:
            return read()
        if name not in kept:
            kept[name] = read()
        return kept[name]

    @staticmethod
    @contextmanager
    def read_once() -> Iterator[None]:
        """Let `current` ask the database once, until this ends or the clinic is saved or forgotten: for one request."""
        before = _kept.set({})
        try:
            yield
        finally:
            _kept.reset(before)

    @staticmethod
    def forget() -> None:
        """Let `current` ask the database again, since the clinic may have changed while this request waited."""
        if kept := _kept.get():
            kept.clear()

    @property
    def address(self) -> str:
        """The whole address as pages, mails and calendars show it, in lines."""
        region = " ".join(filter(None, [self.state, self.postal_code]))
        town = ", ".join(filter(None, [self.city, region]))
        return "\n".join(filter(None, [*self.street.splitlines(), town]))

    @property
    def sender(self) -> str:
        """The clinic as the sender of its mails."""
        return self._sender(self.name, self.email)

    @property
    def shown_sender(self) -> str:
        """The same as a page shows it."""
        return self._sender(isolated(self.name), isolated(self.email))

    @staticmethod
    def _sender(name: str, email: str) -> str:
        name = name.replace("\\", "").replace('"', "'")
        return f'"{name}" <{email}>'

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def zone_name(self) -> str:
        """What people call the zone: "New York time"."""
        city = self.time_zone.rpartition("/")[2].replace("_", " ")
        return str(_("%(city)s time") % {"city": city})

    def placeholders(self) -> list[str]:
        """
        Names of the fields that hold fiction: a number from 555-01xx, the word "example", or nothing.

        Source: the North American Numbering Plan keeps 555-0100 to 555-0199 for fiction.
        """
        fiction = re.compile(r"example|555\D{0,2}01\d\d", re.IGNORECASE)
        return [name for name in self.PLACEHOLDERS if not (value := getattr(self, name)) or fiction.search(value)]


# Nearly each request reads it.
_stored = Rows(Fields(Clinic), lambda: Clinic.objects.filter(pk=1))
