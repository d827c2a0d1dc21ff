from django.db import migrations

from appointments.inquiries import contact_data

# An American number with nothing beside it: it was always read so. The others may have been read in another way.
USUAL = r"^(\+?1[ .\-]?)?(\([2-9](?!11)[0-9]{2}\)|[2-9](?!11)[0-9]{2})[ .\-]?[2-9][0-9]{2}[ .\-]?[0-9]{4}$"


def read_again(apps, schema_editor):
    inquiries = apps.get_model("appointments", "Inquiry").objects.using(schema_editor.connection.alias)
    contact_data.read_again(inquiries.exclude(phone="").exclude(phone__regex=USUAL))


class Migration(migrations.Migration):
    """
    Limits and lists of the same person compare numbers as they are dialed: those of before, too.

    Each batch by itself, so that nobody waits for a row; what an older version stores meanwhile is read by it.
    """

    atomic = False

    dependencies = [("appointments", "0076_how_an_old_calendar_said_somebody_is_reached")]

    operations = [migrations.RunPython(read_again, migrations.RunPython.noop)]
