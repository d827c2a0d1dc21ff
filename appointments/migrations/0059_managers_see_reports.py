from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0058_busy_times_say_what_they_are"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="inquiry",
            options={
                "permissions": [("view_reports", "Can see the reports")],
                "verbose_name": "inquiry",
                "verbose_name_plural": "inquiries",
            },
        ),
    ]
