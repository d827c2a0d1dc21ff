from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0012_the_clinic_mails_sheets")]
    operations = [
        migrations.AlterField(
            model_name="languageline",
            name="words",
            field=models.CharField(
                help_text="In every header, as a link that calls you. Like: Hablamos español.",
                max_length=200,
                verbose_name="words",
            ),
        ),
        migrations.AddField(
            model_name="languageline",
            name="emergency_words",
            field=models.CharField(
                blank=True,
                default="",
                help_text="In the emergency card, as a link that calls 911. Empty: the card is in English only.",
                max_length=200,
                verbose_name="words for an emergency",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="languageline",
            name="translator",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Who answers for these words. Empty: visitors do not see them. No page shows this name.",
                max_length=150,
                verbose_name="translated by",
            ),
            preserve_default=False,
        ),
    ]
