from django.db import migrations

TRIGGER = """
CREATE TRIGGER stays_as_written BEFORE UPDATE OR DELETE ON appointments_erasure
    FOR EACH ROW EXECUTE FUNCTION stays_as_written()
"""


class Migration(migrations.Migration):
    """Who erased what, when and why is a log like the others: it is all that is left of what was erased."""

    dependencies = [("appointments", "0043_ways_to_reach_somebody_that_lead_nowhere")]

    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER stays_as_written ON appointments_erasure")]
