import re

from django.db import migrations, models

# The last line of an address of the United States: Albany, NY 12207.
TOWN = re.compile(r"(?P<city>[^,\d]+), *(?P<state>[A-Z]{2}),? +(?P<postal_code>\d{5}(?:-\d{4})?)")


def divide_address(apps, schema_editor):
    """What does not end like "City, ST 12345" stays whole in the street: the clinic's pages show the same as before."""
    for clinic in apps.get_model("clinic", "Clinic").objects.all():
        lines = [line.strip() for line in clinic.address.splitlines() if line.strip()]
        town = TOWN.fullmatch(lines[-1]) if len(lines) > 1 else None
        parts = town.groupdict() if town else {"city": "", "state": "", "postal_code": ""}
        for name, value in parts.items():
            setattr(clinic, name, value)
        clinic.street = "\n".join(lines[:-1] if town else lines)
        clinic.save()


def join_address(apps, schema_editor):
    for clinic in apps.get_model("clinic", "Clinic").objects.all():
        region = " ".join(filter(None, [clinic.state, clinic.postal_code]))
        town = ", ".join(filter(None, [clinic.city, region]))
        clinic.address = "\n".join(filter(None, [*clinic.street.splitlines(), town]))[:300]
        clinic.save()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0008_a_move_is_a_reschedule")]
    operations = [
        migrations.AddField(
            model_name="clinic",
            name="street",
            field=models.TextField(
                default="100 Example Street",
                help_text="With the building and the floor.",
                max_length=300,
                verbose_name="street",
            ),
        ),
        migrations.AddField(
            model_name="clinic",
            name="city",
            field=models.CharField(blank=True, default="New York", max_length=100, verbose_name="city"),
        ),
        migrations.AddField(
            model_name="clinic",
            name="state",
            field=models.CharField(blank=True, default="NY", max_length=40, verbose_name="state"),
        ),
        migrations.AddField(
            model_name="clinic",
            name="postal_code",
            field=models.CharField(blank=True, default="10001", max_length=12, verbose_name="ZIP code"),
        ),
        migrations.AddField(
            model_name="clinic",
            name="country",
            field=models.CharField(
                default="US",
                help_text="Two letters. Search engines are told; no page shows it.",
                max_length=2,
                verbose_name="country",
            ),
        ),
        migrations.RunPython(divide_address, join_address),
        migrations.RemoveField(model_name="clinic", name="address"),
        migrations.AddConstraint(
            model_name="clinic",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")),
                name="a_country_is_two_capital_letters",
                violation_error_message="Enter the country as two capital letters, like US.",
            ),
        ),
    ]
