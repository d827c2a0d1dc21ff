import secrets
from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry_choices import (
    ContactChannel,
    ContactPerson,
    InquiryKind,
    InquiryScreening,
    InquirySource,
    InquiryStatus,
    ScreeningReason,
    SeenBefore,
    SpokenLanguage,
)
from appointments.models.inquiry_queryset import InquiryQuerySet
from appointments.models.known_person import OF_A_PERSON, KnownPerson
from appointments.models.own_link import OwnLink
from appointments.models.own_link import new_key as new_key  # Migration 0001 finds it here.
from appointments.models.reachable import Reachable
from appointments.models.search_words import WORDS, Findable
from appointments.slots import Slot
from clinic.languages import SITE_LANGUAGE
from clinic.typed_text import isolated
from procedures.models import Procedure

# Signs that nobody mixes up when reading them out: no 0, 1, I, L, O, U.
REFERENCE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# How the `submission_id` of what came in by a calendar's file begins.
BY_FILE = "import:"


def new_reference() -> str:
    """Eight signs of one draw: the system is asked for randomness once."""
    drawn, signs = secrets.randbelow(len(REFERENCE_SIGNS) ** 8), []
    for _place in range(8):
        drawn, sign = divmod(drawn, len(REFERENCE_SIGNS))
        signs.append(REFERENCE_SIGNS[sign])
    return "".join(signs)


# The history needs no copy of what follows from the names, of what opens a page, or of what the manager was told.
NOT_IN_THE_HISTORY = ("search_words", "search_trigrams", "code", "overdue_told")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), exclude=[*NOT_IN_THE_HISTORY])
class Inquiry(OwnLink, Reachable, Findable, KnownPerson):
    """
    What somebody sent: a question, or the wish for an appointment.

    The words are the writer's and stay as they were sent; status, screening, assignee, the two moments of the promise
    and the ways to reach them are the clinic’s, and change only inside inquiries.changing.
    """

    reference = models.CharField(_("reference"), max_length=8, unique=True, default=new_reference)
    # HMAC over the sum's token and the fields as typed: what is sent twice is one inquiry.
    submission_id = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    language = models.CharField(_("language"), max_length=12, default=SITE_LANGUAGE)

    source = models.CharField(
        _("came by"), max_length=8, choices=InquirySource, default=InquirySource.SITE, db_default=InquirySource.SITE
    )
    # Who of the staff typed it in for a caller or somebody at the counter: nobody lists inquiries by them.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+", db_index=False,
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=12, choices=InquiryKind)
    name = models.CharField(_("name"), max_length=150)
    patient_name = models.CharField(
        _("patient"), max_length=150, blank=True, help_text=_("Empty when the writer is the patient.")
    )
    contact_person = models.CharField(
        _("who to contact"), max_length=8, choices=ContactPerson, default=ContactPerson.WRITER
    )
    patient_phone = models.CharField(_("patient’s phone"), max_length=40, blank=True)
    contact_by = models.CharField(_("contact by"), max_length=8, choices=ContactChannel)
    phone = models.CharField(_("phone"), max_length=40, blank=True, help_text=_("As it was typed."))
    phone_e164 = models.CharField(_("phone to dial"), max_length=20, blank=True)
    email = models.EmailField(_("email"), blank=True)
    reach_note = models.CharField(_("note on reaching them"), max_length=200, blank=True)
    spoken_language = models.CharField(_("language to use"), max_length=12, choices=SpokenLanguage, blank=True)
    seen_before = models.CharField(_("been here before"), max_length=8, choices=SeenBefore, blank=True)
    procedure = models.ForeignKey(
        # Without an index of its own: newest_about_a_procedure begins with it.
        Procedure, verbose_name=_("procedure"), null=True, blank=True, on_delete=models.PROTECT, db_index=False,
    )  # fmt: skip
    message = models.TextField(_("message"), max_length=2000, blank=True)
    # Only then may anything be mailed to an address that a machine may have typed.
    sum_solved = models.BooleanField(_("sum solved"), default=False)

    # The time that they chose with the form. Whether it is theirs, or held for them, an appointment says. Without
    # constraints in the database, which lock the rows that they name: an inquiry is stored also while somebody holds
    # them. Nothing deletes such a row: PROTECT.
    wished_at = models.DateTimeField(_("asked for"), null=True, blank=True)
    wished_visit_type = models.ForeignKey(
        "appointments.VisitType", verbose_name=_("asked for what"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_constraint=False,
    )  # fmt: skip
    wished_practitioner = models.ForeignKey(
        "appointments.Practitioner", verbose_name=_("asked to see"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_constraint=False,
    )  # fmt: skip

    status = models.CharField(_("state"), max_length=20, choices=InquiryStatus, default=InquiryStatus.NEW)
    screening = models.CharField(_("list"), max_length=8, choices=InquiryScreening, default=InquiryScreening.PASSED)
    screening_reason = models.CharField(_("why"), max_length=8, choices=ScreeningReason, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("taken by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    answer_by = models.DateTimeField(_("answer by"), help_text=_("What the patient was told."))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # The `answer_by` of which the manager has heard that it is overdue.
    overdue_told = models.DateTimeField(null=True, blank=True, editable=False)
    # When status or screening last changed: since when it is closed, silent or spam.
    moved_at = models.DateTimeField(_("since"), default=timezone.now)
    legal_hold = models.BooleanField(
        _("on hold"), default=False, help_text=_("Never erased by itself: somebody may need it, like a court.")
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    no_reminders = models.BooleanField(_("wants no reminders by mail"), default=False)
    waiting_list_since = models.DateTimeField(_("waits for another time since"), null=True, blank=True)
    # Counted up by each action, so that two people cannot overwrite each other.
    version = models.PositiveIntegerField(default=1)

    # What bookings.appointments asks in the statement that locks the row; None on any other row, where nobody asked:
    # whether the inquiry has a live appointment, whether it has any at all, whether its people wrote another message.
    has_time: bool | None = None
    has_had_times: bool | None = None
    has_written_more: bool | None = None

    objects = InquiryQuerySet.as_manager()
    # Made by pghistory: one row for each state the inquiry was in.
    events: Any

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        permissions = [("view_reports", _("Can see the reports"))]
        constraints = [
            *OF_A_PERSON,
            models.CheckConstraint(
                name="we_have_what_the_writer_wants_to_be_reached_by",
                condition=(Q(contact_by=ContactChannel.PHONE) & ~Q(phone=""))
                | (Q(contact_by=ContactChannel.EMAIL) & ~Q(email=""))
                | Q(contact_by=ContactChannel.NOT_YET, phone="", email=""),
            ),
            models.CheckConstraint(
                name="only_a_walk_in_or_what_came_by_file_has_no_number_yet",
                condition=~Q(contact_by=ContactChannel.NOT_YET)
                | Q(submission_id__startswith=BY_FILE)
                | Q(source=InquirySource.WALK_IN),
            ),
            models.CheckConstraint(
                name="staff_enter_only_who_calls_or_comes",
                condition=Q(entered_by=None) | Q(source__in=[InquirySource.PHONE, InquirySource.WALK_IN]),
            ),
            models.CheckConstraint(
                name="a_patient_to_be_called_has_a_name_and_a_phone",
                condition=~Q(contact_person=ContactPerson.PATIENT) | (~Q(patient_name="") & ~Q(patient_phone="")),
            ),
            models.CheckConstraint(
                name="a_question_asks_something", condition=~Q(kind=InquiryKind.QUESTION) | ~Q(message="")
            ),
            models.CheckConstraint(name="an_inquiry_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="what_is_not_in_the_inbox_says_why",
                condition=Q(screening=InquiryScreening.PASSED) | ~Q(screening_reason=""),
            ),
            models.CheckConstraint(
                name="a_time_that_is_wished_is_whole",
                condition=Q(wished_at=None, wished_visit_type=None, wished_practitioner=None)
                | Q(wished_at__isnull=False, wished_visit_type__isnull=False, wished_practitioner__isnull=False),
            ),
            models.CheckConstraint(name="a_promise_lies_after_the_inquiry", condition=Q(answer_by__gt=F("created_at"))),
            models.CheckConstraint(
                name="a_reference_is_eight_signs_that_nobody_mixes_up",
                condition=Q(reference__regex=f"^[{REFERENCE_SIGNS}]{{8}}$"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["moved_at"],
                name="waiting_for_the_patient",
                condition=Q(status=InquiryStatus.WAITING_FOR_PATIENT),
            ),
            models.Index(
                F("answered_at").asc(nulls_first=True),
                "answer_by",
                "id",
                name="waiting_for_us",
                condition=Q(status__in=[InquiryStatus.NEW, InquiryStatus.OPEN], screening=InquiryScreening.PASSED),
            ),
            models.Index(
                F("answered_at").asc(nulls_first=True),
                "answer_by",
                "id",
                name="waiting_to_be_checked",
                condition=Q(screening=InquiryScreening.BY_HAND) & ~Q(status=InquiryStatus.CLOSED),
            ),
            models.Index(
                fields=["waiting_list_since"], name="waiting_list", condition=Q(waiting_list_since__isnull=False)
            ),
            # Who may hold two times: the same phone number, or the same email whatever its case.
            models.Index(fields=["phone_e164"], name="inquiries_by_phone"),
            models.Index(Lower("email"), name="inquiries_by_email"),
            models.Index(fields=["same_as"], name="of_the_same_person", condition=Q(same_as__isnull=False)),
            # Lists of the newest: of all, of those that are not closed, of spam, of those about one procedure.
            models.Index(fields=["-created_at", "-id"], name="newest_inquiries"),
            models.Index(
                fields=["-created_at", "-id"], name="newest_not_closed", condition=~Q(status=InquiryStatus.CLOSED)
            ),
            models.Index(
                fields=["-created_at", "-id"],
                name="newest_spam",
                condition=Q(screening=InquiryScreening.SPAM, erased_at=None),
            ),
            models.Index(fields=["procedure", "-created_at", "-id"], name="newest_about_a_procedure"),
            # Without its list of what is still to be sorted in, which each search would read through.
            GinIndex(WORDS, name="inquiries_by_their_words", fastupdate=False),
            GinIndex(fields=["search_trigrams"], name="inquiries_by_their_trigrams", fastupdate=False),
        ]

    def __str__(self):
        return f"{self.shown_reference} {self.who_comes}"

    def dedupe_key(self, kind: str, key: str = "") -> str:
        """What the mail or the call of this kind is known by; `key` sets apart what may be told several times."""
        return self.dedupe_key_of(self.pk, kind, key)

    @staticmethod
    def dedupe_key_of(pk: int, kind: str, key: str = "") -> str:
        return f"{kind}:{pk}:{key}"

    @property
    def shown_reference(self) -> str:
        return f"{self.reference[:4]}-{self.reference[4:]}"

    @property
    def to_reach_them(self) -> str:
        """What staff read beside the phone: the language to use, and what the writer said helps: "Español, slowly"."""
        if not self.spoken_language:
            return isolated(self.reach_note)
        return ", ".join(filter(None, (self.get_spoken_language_display(), isolated(self.reach_note))))

    @property
    def is_waiting_for_us(self) -> bool:
        return self.status in InquiryStatus.ours()

    @property
    def who_comes(self) -> str:
        """Whose visit it is, as lists of visits say it: who stands at the counter may not be who wrote."""
        writer, patient = isolated(self.name), isolated(self.patient_name)
        if not patient:
            return writer
        return str(_("%(patient)s (through %(writer)s)") % {"patient": patient, "writer": writer})

    @property
    def wish(self) -> Slot | None:
        """The time that they chose with the form, free or not."""
        if self.wished_at is None or self.wished_visit_type is None or self.wished_practitioner_id is None:
            return None
        return Slot.starting_at(self.wished_at, self.wished_visit_type.rules, self.wished_practitioner_id)

    def set_wish(self, slot: Slot | None) -> None:
        """Keep the time that they chose, or forget it."""
        self.wished_at = slot.starts_at if slot else None
        self.wished_visit_type_id = slot.visit_type_id if slot else None
        self.wished_practitioner_id = slot.practitioner_id if slot else None

    @property
    def may_choose(self) -> bool:
        """Whether its writer may choose a time: not for a question, and not before somebody has looked at it."""
        return self.kind == InquiryKind.APPOINTMENT and self.screening == InquiryScreening.PASSED and not self.erased_at

    @property
    def is_promised(self) -> bool:
        """An answer is due from us."""
        return self.is_waiting_for_us and self.answered_at is None

    def is_late(self, now: datetime) -> bool:
        """The promise has passed, and nobody has answered yet."""
        return self.answered_at is None and self.is_waiting_for_us and now > self.answer_by
