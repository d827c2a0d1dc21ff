from django.db import migrations, models

# Frozen here: what mails and calls could be about when this migration was written.
CALLS = [
    ("received", "We have your message"),
    ("link_again", "The link again"),
    ("answered", "We have answered"),
    ("tried", "We tried to reach you"),
    ("offered", "Times to choose from"),
    ("held", "A time is held, not confirmed yet"),
    ("booked", "A time is booked"),
    ("moved", "A time was moved"),
    ("cancelled", "A time was cancelled"),
    ("reminder", "Reminder"),
    ("displaced", "A time cannot take place"),
    ("call_back", "Call back"),
    ("staff_waiting", "To staff: something waits"),
    ("staff_overdue", "To the manager: a promise is overdue"),
    ("staff_day", "To staff: tomorrow’s day list"),
]
STATES = [
    ("waiting", "On its way"),
    ("sent", "Sent"),
    ("failed", "Failed for good"),
    ("bounced", "Came back"),
    ("by_phone", "Reached by phone instead"),
    ("cancelled", "Not needed any longer"),
]


class Migration(migrations.Migration):
    """A mail that is not needed any longer is cancelled: the same word as for an appointment."""

    dependencies = [("appointments", "0009_fields_say_what_they_hold")]

    operations = [
        migrations.AlterField("calltask", "kind", models.CharField("what about", max_length=16, choices=CALLS)),
        migrations.AlterField(
            "email", "state", models.CharField("state", max_length=9, choices=STATES, default="waiting")
        ),
        migrations.RunSQL(
            "UPDATE appointments_email SET state = 'cancelled' WHERE state = 'dropped'",
            "UPDATE appointments_email SET state = 'dropped' WHERE state = 'cancelled'",
        ),
    ]
