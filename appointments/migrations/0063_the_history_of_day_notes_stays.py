from django.db import migrations


class Migration(migrations.Migration):
    """Like every history: what was written is neither changed nor deleted."""

    dependencies = [
        ("appointments", "0062_a_note_for_each_day"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON appointments_daynoteevent"
            " FOR EACH ROW EXECUTE FUNCTION history_stays()",
            "DROP TRIGGER history_stays ON appointments_daynoteevent",
        ),
    ]
