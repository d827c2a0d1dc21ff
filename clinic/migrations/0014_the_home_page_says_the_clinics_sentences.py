from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0013_a_language_line_names_its_translator")]
    operations = [
        migrations.AddField(
            model_name="clinic",
            name="home_title",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Empty: “Help with a fracture of the spine”.",
                max_length=80,
                verbose_name="heading of the home page",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="clinic",
            name="home_lead",
            field=models.TextField(
                blank=True,
                default="",
                help_text="One or two sentences below the heading. Promise no more than the pages say. Empty: ours.",
                max_length=300,
                verbose_name="first sentences of the home page",
            ),
            preserve_default=False,
        ),
    ]
