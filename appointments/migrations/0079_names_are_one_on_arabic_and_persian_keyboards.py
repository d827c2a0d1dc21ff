from django.db import migrations
from django.db.models import Q

from appointments.inquiries import search

OTHER_LETTERS = "[\u0629\u0649\u06a9\u06be\u06c1\u06cc\u06d2\u06d5]"


def write_again(apps, schema_editor):
    inquiries = apps.get_model("appointments", "Inquiry").objects.using(schema_editor.connection.alias)
    search.write_again(inquiries.filter(Q(name__regex=OTHER_LETTERS) | Q(patient_name__regex=OTHER_LETTERS)))


class Migration(migrations.Migration):
    """A name is found however its keyboard writes it; written for those rows that have such a letter."""

    dependencies = [("appointments", "0078_a_mail_knows_the_request_it_was_written_in")]

    operations = [migrations.RunPython(write_again, migrations.RunPython.noop)]
