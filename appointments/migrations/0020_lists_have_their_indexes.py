import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """
    Each list of staff, and each number beside one, has an index in its order. Built beside the running site.

    Broken off, it leaves an index that is invalid: drop it (its name stands in the error) and migrate again.
    """

    atomic = False

    dependencies = [
        ("appointments", "0019_words_are_found_by_an_index"),
        ("procedures", "0004_a_clinician_signs_words_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("status__in", ("pending", "booked", "arrived"))),
                fields=["starts_at", "id"],
                name="live_times",
            ),
        ),
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("status__in", ("proposed", "pending"))),
                fields=["held_until"],
                name="times_held_for_a_while",
            ),
        ),
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("status", "pending")), fields=["starts_at", "id"], name="times_to_confirm"
            ),
        ),
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("overbooked", True)), fields=["starts_at", "id"], name="overbooked_times"
            ),
        ),
        AddIndexConcurrently(
            model_name="calltask",
            index=models.Index(models.F("due_at"), models.F("id"), name="calls_by_their_time"),
        ),
        AddIndexConcurrently(
            model_name="email",
            index=models.Index(
                models.F("due_at"),
                models.F("id"),
                condition=models.Q(("state__in", ["failed", "bounced"])),
                name="mails_that_told_nobody",
            ),
        ),
        AddIndexConcurrently(
            model_name="email",
            index=models.Index(models.F("due_at"), models.F("id"), name="mails_by_their_time"),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(
                models.OrderBy(models.F("answered_at"), nulls_first=True),
                models.F("answer_by"),
                models.F("id"),
                condition=models.Q(("screening", "by_hand"), models.Q(("status", "closed"), _negated=True)),
                name="waiting_to_be_checked",
            ),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("waiting_list_since__isnull", False)),
                fields=["waiting_list_since"],
                name="waiting_list",
            ),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(fields=["phone_e164"], name="inquiries_by_phone"),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(django.db.models.functions.text.Lower("email"), name="inquiries_by_email"),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(fields=["-created_at", "-id"], name="newest_inquiries"),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("status", "closed"), _negated=True),
                fields=["-created_at", "-id"],
                name="newest_not_closed",
            ),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(
                condition=models.Q(("erased_at", None), ("screening", "spam")),
                fields=["-created_at", "-id"],
                name="newest_spam",
            ),
        ),
        AddIndexConcurrently(
            model_name="inquiry",
            index=models.Index(fields=["procedure", "-created_at", "-id"], name="newest_about_a_procedure"),
        ),
        # Last: until then its own index serves what the new one will.
        migrations.AlterField(
            model_name="inquiry",
            name="procedure",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="procedures.procedure",
                verbose_name="procedure",
            ),
        ),
    ]
