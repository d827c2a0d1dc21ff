from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """
    Whoever was reached lost a time, what is late is cancelled, and a reason is that of an overbooked time. Of rows
    that say otherwise the first of each pair is right, and the second was left behind.
    """

    dependencies = [
        ("appointments", "0013_a_wished_time_is_kept"),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE appointments_appointment SET reached_at = NULL WHERE displaced_at IS NULL AND reached_at IS NOT NULL;
            UPDATE appointments_appointment SET cancelled_late = false WHERE status <> 'cancelled' AND cancelled_late;
            UPDATE appointments_appointment SET overbook_reason = '' WHERE NOT overbooked AND overbook_reason <> '';
            """,
            migrations.RunSQL.noop,
        ),
        # The checks of foreign keys wait for the end: until they ran, no constraint can be added.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AddConstraint(
            "appointment",
            models.CheckConstraint(
                name="only_what_is_overbooked_says_why", condition=Q(overbooked=True) | Q(overbook_reason="")
            ),
        ),
        migrations.AddConstraint(
            "appointment",
            models.CheckConstraint(
                name="only_who_lost_a_time_is_reached_about_it",
                condition=Q(reached_at=None) | Q(displaced_at__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "appointment",
            models.CheckConstraint(
                name="only_what_is_cancelled_is_cancelled_late",
                condition=Q(cancelled_late=False) | Q(status="cancelled"),
            ),
        ),
    ]
