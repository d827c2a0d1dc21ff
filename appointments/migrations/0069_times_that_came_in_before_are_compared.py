from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0068_times_from_another_calendar_are_compared"),
    ]

    operations = [
        # What came in before: its file said what the first row of its history says.
        migrations.RunSQL(
            """
            INSERT INTO appointments_broughtin
                (submission_id, practitioner_id, starts_at, ends_at, is_cancelled, sequence)
            SELECT DISTINCT ON (inquiry.submission_id)
                inquiry.submission_id, first.practitioner_id, first.starts_at, first.ends_at, false, 0
            FROM appointments_inquiry inquiry
            JOIN appointments_appointmentevent first ON first.inquiry_id = inquiry.id
            WHERE inquiry.submission_id LIKE 'import:%'
            ORDER BY inquiry.submission_id, first.pgh_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
