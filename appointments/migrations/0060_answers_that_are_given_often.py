from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0059_managers_see_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "title",
                    models.CharField(
                        help_text="By it the front desk finds it. Patients never read it.",
                        max_length=100,
                        unique=True,
                        verbose_name="title",
                    ),
                ),
                ("words", models.TextField(max_length=1500, verbose_name="words")),
            ],
            options={
                "verbose_name": "canned reply",
                "verbose_name_plural": "canned replies",
                "ordering": ["title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True) & models.Q(("words", ""), _negated=True),
                        name="a_canned_reply_says_something",
                    )
                ],
            },
        ),
    ]
