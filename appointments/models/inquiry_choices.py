"""What an inquiry may be: for what, from whom and how they are reached, and how far the clinic has come with it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class InquiryKind(models.TextChoices):
    APPOINTMENT = "appointment", _("Book an appointment")
    QUESTION = "question", _("Ask a question")


class InquirySource(models.TextChoices):
    """By which way it came in."""

    SITE = "site", _("The site")
    PHONE = "phone", _("Phone")
    WALK_IN = "walk_in", _("In person")
    FILE = "file", _("Another calendar")


class ContactChannel(models.TextChoices):
    PHONE = "phone", _("Phone call")
    EMAIL = "email", _("Email")
    # Of a visit that came from another calendar, or of somebody at the counter, without a number or an address.
    NOT_YET = "not_yet", _("No number yet")

    @classmethod
    def offered(cls) -> list[tuple[str, Any]]:
        """Those that a writer chooses from: who sends the form says how to reach them."""
        return [(channel.value, channel.label) for channel in (cls.PHONE, cls.EMAIL)]


class ContactPerson(models.TextChoices):
    WRITER = "writer", _("Me")
    PATIENT = "patient", _("The patient")


class SpokenLanguage(models.TextChoices):
    """In which language somebody wants to be called: each is named in itself."""

    ENGLISH = "en", "English"
    SPANISH = "es", "Español"
    CHINESE = "zh", "中文"
    RUSSIAN = "ru", "Русский"
    BENGALI = "bn", "বাংলা"
    HAITIAN_CREOLE = "ht", "Kreyòl ayisyen"
    KOREAN = "ko", "한국어"
    ARABIC = "ar", "العربية"
    POLISH = "pl", "Polski"
    FRENCH = "fr", "Français"


class SeenBefore(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    NOT_SURE = "not_sure", _("Not sure")


class InquiryStatus(models.TextChoices):
    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING_FOR_PATIENT = "waiting_for_patient", _("Waiting for patient")
    CLOSED = "closed", _("Closed")

    @classmethod
    def ours(cls) -> tuple["InquiryStatus", ...]:
        """Those in which the next step is the clinic's."""
        return (cls.NEW, cls.OPEN)


class InquiryScreening(models.TextChoices):
    """Whether an inquiry is in the inbox, or in one of the two lists beside it. Neither is a bin."""

    PASSED = "passed", _("In the inbox")
    BY_HAND = "by_hand", _("Check by hand")
    SPAM = "spam", _("Spam")


class ScreeningReason(models.TextChoices):
    ASKED = "asked", _("The writer could not answer the sum")
    HONEYPOT = "trap", _("A field that people do not see was filled in")
    MANY = "many", _("Much came from the same place, phone or email")
    LINKS = "links", _("There are many links in it")
    STAFF = "staff", _("Marked by staff")
