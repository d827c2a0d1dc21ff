from django.db import migrations
from django.db.models import Q

from appointments.inquiries import search

# Whose folding may have changed: a letter that is not of ASCII, a number with something beside it.
OTHER_LETTERS = "[^\x01-\x7f]"
OTHER_NUMBERS = r"[^0-9 ()+.\-]|([0-9][^0-9]*){12}"


def write_again(apps, schema_editor):
    inquiries = apps.get_model("appointments", "Inquiry").objects.using(schema_editor.connection.alias)
    changed = Q()
    for field in ("name", "patient_name", "email"):
        changed |= Q(**{f"{field}__regex": OTHER_LETTERS})
    for field in ("phone", "patient_phone"):
        changed |= Q(**{f"{field}__regex": OTHER_NUMBERS})
    search.write_again(inquiries.filter(changed))


class Migration(migrations.Migration):
    """
    A letter that is a usual one with something, in any name, is found as the usual one; a number as it is dialed now.

    Written for those rows that have one. An older version finds them by the new words.
    """

    dependencies = [("appointments", "0074_what_an_old_calendar_said_beside_the_time")]

    operations = [migrations.RunPython(write_again, migrations.RunPython.noop)]
