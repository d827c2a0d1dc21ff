from django.conf import settings
from django.db import migrations, models

STATES = [
    ("waiting", "To be made"),
    ("done", "Called"),
    ("by_mail", "Told by mail instead"),
    ("cancelled", "Not needed any longer"),
]


class Migration(migrations.Migration):
    """
    done_at meant called, needless, replaced or erased. A call that somebody ended by name was made; of the others
    nobody knows more than that they were not needed any longer.
    """

    dependencies = [
        ("appointments", "0010_what_is_not_needed_is_cancelled"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("calltask", "calls_to_be_made"),
        migrations.AddField(
            "calltask", "state", models.CharField("state", max_length=9, choices=STATES, default="waiting")
        ),
        migrations.AlterField("calltask", "done_at", models.DateTimeField("ended", null=True, blank=True)),
        migrations.RunSQL(
            """
            UPDATE appointments_calltask SET state = CASE WHEN done_by_id IS NULL THEN 'cancelled' ELSE 'done' END
            WHERE done_at IS NOT NULL
            """,
            migrations.RunSQL.noop,
        ),
        # The checks of foreign keys wait for the end: until they ran, no constraint can be added.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AddConstraint(
            "calltask",
            models.CheckConstraint(
                name="a_call_that_has_ended_says_when",
                condition=models.Q(state="waiting", done_at=None)
                | (~models.Q(state="waiting") & ~models.Q(done_at=None)),
            ),
        ),
        migrations.AddConstraint(
            "calltask",
            models.CheckConstraint(
                name="a_call_with_a_caller_is_done",
                condition=models.Q(done_by=None) | models.Q(state="done"),
            ),
        ),
        migrations.AddIndex(
            "calltask",
            models.Index(
                models.F("due_at"), models.F("id"), name="calls_to_be_made", condition=models.Q(state="waiting")
            ),
        ),
    ]
