from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0064_the_worker_says_which_code_it_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenHoliday",
            fields=[("day", models.DateField(primary_key=True, serialize=False, verbose_name="day"))],
            options={
                "verbose_name": "public holiday on which we are open",
                "verbose_name_plural": "public holidays on which we are open",
                "default_permissions": (),
            },
        ),
    ]
