import hashlib
import tomllib
from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Concat

from clinic.digests import SHA256

CONTENT = Path(__file__).resolve().parents[1] / "content"


def load(apps, schema_editor):
    """The facts of the procedures that came with the site; a later `load_content` brings up those of its files."""
    for procedure in apps.get_model("procedures", "Procedure").objects.all():
        file = CONTENT / procedure.slug / "facts.toml"
        if not file.is_file():
            continue
        sentences = tomllib.loads(file.read_text())
        source = sentences.pop("source")
        for key, sentence in sentences.items():
            digest = hashlib.sha256(f"{source}\n{sentence}".encode()).hexdigest()
            procedure.facts.create(key=key, sentence=sentence, source=source, source_digest=digest)


class Migration(migrations.Migration):
    """A clinician enters and signs them in the admin; until now they were a file beside the pages."""

    dependencies = [("procedures", "0006_a_procedure_is_shown_by_a_press")]
    operations = [
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="Short, like R8. Pages name the fact by it, so it stays as it is.",
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator(
                                r"\A[A-Za-z][A-Za-z0-9]{0,11}\Z", "Write a letter, then letters and digits, like R8."
                            )
                        ],
                        verbose_name="id",
                    ),
                ),
                (
                    "sentence",
                    models.TextField(
                        help_text="What is true, no stronger than the source. Keep its “may”.",
                        max_length=1000,
                        verbose_name="sentence",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        help_text="Where it is from: a paper, a guideline, a page.",
                        max_length=300,
                        verbose_name="source",
                    ),
                ),
                ("source_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "digest",
                    models.GeneratedField(
                        db_persist=True,
                        expression=SHA256(Concat(SHA256("key"), SHA256("sentence"), SHA256("source"))),
                        output_field=models.CharField(max_length=64),
                    ),
                ),
                ("signed_digest", models.CharField(blank=True, editable=False, max_length=64)),
                ("signed_by", models.CharField(blank=True, editable=False, max_length=150, verbose_name="signed by")),
                ("signed_on", models.DateField(blank=True, editable=False, null=True, verbose_name="signed on")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="last changed"
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="facts",
                        to="procedures.procedure",
                        verbose_name="procedure",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact",
                "verbose_name_plural": "facts",
                "ordering": ["procedure", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        F("procedure"),
                        F("key"),
                        name="a_procedure_has_one_fact_of_an_id",
                        violation_error_message="This procedure already has a fact with this id.",
                    ),
                    models.CheckConstraint(
                        condition=Q(signed_digest="", signed_by="", signed_on=None)
                        | ~Q(signed_digest="") & ~Q(signed_by="") & Q(signed_on__isnull=False),
                        name="a_fact_is_signed_by_somebody_on_a_day",
                    ),
                ],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
