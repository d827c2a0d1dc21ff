from urllib.parse import urlsplit

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# The files of before had the site's host behind the UUID: patients' calendars know these appointments by both.
HOST = urlsplit(settings.SITE_URL).hostname or ""


def uid_host(db_default: str) -> models.CharField:
    return models.CharField(blank=True, db_default=db_default, default="", editable=False, max_length=253)


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0070_unseen_signs_part_no_words"),
    ]

    operations = [
        # The rows that are there get the column's first default, without a new row of their history.
        migrations.AddField(model_name="appointment", name="uid_host", field=uid_host(HOST)),
        migrations.AlterField(model_name="appointment", name="uid_host", field=uid_host("")),
        # The column is no part of the history: a trigger that looks at all columns is told which.
        pgtrigger.migrations.RemoveTrigger(
            model_name="appointment",
            name="update_update",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appointment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."blocked_until" IS DISTINCT FROM (NEW."blocked_until") OR OLD."cancelled_late" IS DISTINCT FROM (NEW."cancelled_late") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."displaced_at" IS DISTINCT FROM (NEW."displaced_at") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."held_until" IS DISTINCT FROM (NEW."held_until") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inquiry_id" IS DISTINCT FROM (NEW."inquiry_id") OR OLD."overbook_reason" IS DISTINCT FROM (NEW."overbook_reason") OR OLD."overbooked" IS DISTINCT FROM (NEW."overbooked") OR OLD."patient_will_come_at" IS DISTINCT FROM (NEW."patient_will_come_at") OR OLD."practitioner_id" IS DISTINCT FROM (NEW."practitioner_id") OR OLD."reached_at" IS DISTINCT FROM (NEW."reached_at") OR OLD."reschedules" IS DISTINCT FROM (NEW."reschedules") OR OLD."sequence" IS DISTINCT FROM (NEW."sequence") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."time_set_at" IS DISTINCT FROM (NEW."time_set_at") OR OLD."uid" IS DISTINCT FROM (NEW."uid") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."visit_type_id" IS DISTINCT FROM (NEW."visit_type_id"))',
                    func='INSERT INTO "appointments_appointmentevent" ("blocked_until", "cancelled_late", "created_at", "displaced_at", "ends_at", "held_until", "id", "inquiry_id", "overbook_reason", "overbooked", "patient_will_come_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "practitioner_id", "reached_at", "reschedules", "sequence", "starts_at", "status", "time_set_at", "uid", "version", "visit_type_id") VALUES (NEW."blocked_until", NEW."cancelled_late", NEW."created_at", NEW."displaced_at", NEW."ends_at", NEW."held_until", NEW."id", NEW."inquiry_id", NEW."overbook_reason", NEW."overbooked", NEW."patient_will_come_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."practitioner_id", NEW."reached_at", NEW."reschedules", NEW."sequence", NEW."starts_at", NEW."status", NEW."time_set_at", NEW."uid", NEW."version", NEW."visit_type_id"); RETURN NULL;',
                    hash="b23ba1c78e7a4653e3f107958447573d44e75a45",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_34af4",
                    table="appointments_appointment",
                    when="AFTER",
                ),
            ),
        ),
    ]
