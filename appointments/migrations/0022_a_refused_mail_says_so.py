from django.db import migrations, models

# What the outbox took for a refusal for good when it wrote the error (RFC 5321, 4.2.1: a code that begins with 5).
REFUSED = """
    UPDATE appointments_email SET is_refused = TRUE
    WHERE state = 'bounced' OR (state = 'failed' AND last_error ~ '^(5[0-9][0-9] |SMTPDataError: \\(5)')
"""


class Migration(migrations.Migration):
    """A mail that was tried and then failed, since the server fell silent, was taken for one that was refused."""

    dependencies = [("appointments", "0021_an_appointment_takes_at_most_a_day")]

    operations = [
        migrations.AddField("email", "is_refused", models.BooleanField(default=False)),
        migrations.RunSQL(REFUSED, migrations.RunSQL.noop),
    ]
