import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import appointments.models.own_link

# Another one for each row that there is, which no trigger writes down: a default is drawn anew for each.
ADD_CODE = """
ALTER TABLE appointments_inquiry ADD COLUMN code varchar(4) NOT NULL
DEFAULT lpad((('x' || left(gen_random_uuid()::text, 8))::bit(32)::bigint % 10000)::text, 4, '0');
ALTER TABLE appointments_inquiry ALTER COLUMN code DROP DEFAULT
"""


class Migration(migrations.Migration):
    """Who gave no phone number before this hears their code from the front desk, on the phone."""

    dependencies = [
        ("appointments", "0036_mails_name_nobody"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="update_update",
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD_CODE, "ALTER TABLE appointments_inquiry DROP COLUMN code")],
            [
                migrations.AddField(
                    model_name="inquiry",
                    name="code",
                    field=models.CharField(default=appointments.models.own_link.new_code, max_length=4),
                ),
            ],
        ),
        migrations.AddField(
            model_name="inquiry",
            name="wrong_tries",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="wrong tries at their page"),
        ),
        migrations.AddField(
            model_name="inquiryevent",
            name="wrong_tries",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="wrong tries at their page"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "appointments_inquiryevent" ("answer_by", "answered_at", "assigned_to_id", "contact_by", "contact_person", "created_at", "email", "erased_at", "id", "key", "kind", "language", "legal_hold", "message", "moved_at", "name", "no_reminders", "patient_name", "patient_phone", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_e164", "procedure_id", "reach_note", "reference", "screening", "screening_reason", "seen_before", "spoken_language", "status", "submission_id", "sum_solved", "version", "waiting_list_since", "wished_at", "wished_practitioner_id", "wished_visit_type_id", "wrong_tries") VALUES (NEW."answer_by", NEW."answered_at", NEW."assigned_to_id", NEW."contact_by", NEW."contact_person", NEW."created_at", NEW."email", NEW."erased_at", NEW."id", NEW."key", NEW."kind", NEW."language", NEW."legal_hold", NEW."message", NEW."moved_at", NEW."name", NEW."no_reminders", NEW."patient_name", NEW."patient_phone", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."phone_e164", NEW."procedure_id", NEW."reach_note", NEW."reference", NEW."screening", NEW."screening_reason", NEW."seen_before", NEW."spoken_language", NEW."status", NEW."submission_id", NEW."sum_solved", NEW."version", NEW."waiting_list_since", NEW."wished_at", NEW."wished_practitioner_id", NEW."wished_visit_type_id", NEW."wrong_tries"); RETURN NULL;',
                    hash="c9a0a1f318851ecfa933bee3c8bca83064aa697a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9f769",
                    table="appointments_inquiry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."answer_by" IS DISTINCT FROM (NEW."answer_by") OR OLD."answered_at" IS DISTINCT FROM (NEW."answered_at") OR OLD."assigned_to_id" IS DISTINCT FROM (NEW."assigned_to_id") OR OLD."contact_by" IS DISTINCT FROM (NEW."contact_by") OR OLD."contact_person" IS DISTINCT FROM (NEW."contact_person") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."erased_at" IS DISTINCT FROM (NEW."erased_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."legal_hold" IS DISTINCT FROM (NEW."legal_hold") OR OLD."message" IS DISTINCT FROM (NEW."message") OR OLD."moved_at" IS DISTINCT FROM (NEW."moved_at") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."no_reminders" IS DISTINCT FROM (NEW."no_reminders") OR OLD."patient_name" IS DISTINCT FROM (NEW."patient_name") OR OLD."patient_phone" IS DISTINCT FROM (NEW."patient_phone") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."phone_e164" IS DISTINCT FROM (NEW."phone_e164") OR OLD."procedure_id" IS DISTINCT FROM (NEW."procedure_id") OR OLD."reach_note" IS DISTINCT FROM (NEW."reach_note") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."screening" IS DISTINCT FROM (NEW."screening") OR OLD."screening_reason" IS DISTINCT FROM (NEW."screening_reason") OR OLD."seen_before" IS DISTINCT FROM (NEW."seen_before") OR OLD."spoken_language" IS DISTINCT FROM (NEW."spoken_language") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."submission_id" IS DISTINCT FROM (NEW."submission_id") OR OLD."sum_solved" IS DISTINCT FROM (NEW."sum_solved") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."waiting_list_since" IS DISTINCT FROM (NEW."waiting_list_since") OR OLD."wished_at" IS DISTINCT FROM (NEW."wished_at") OR OLD."wished_practitioner_id" IS DISTINCT FROM (NEW."wished_practitioner_id") OR OLD."wished_visit_type_id" IS DISTINCT FROM (NEW."wished_visit_type_id") OR OLD."wrong_tries" IS DISTINCT FROM (NEW."wrong_tries"))',
                    func='INSERT INTO "appointments_inquiryevent" ("answer_by", "answered_at", "assigned_to_id", "contact_by", "contact_person", "created_at", "email", "erased_at", "id", "key", "kind", "language", "legal_hold", "message", "moved_at", "name", "no_reminders", "patient_name", "patient_phone", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_e164", "procedure_id", "reach_note", "reference", "screening", "screening_reason", "seen_before", "spoken_language", "status", "submission_id", "sum_solved", "version", "waiting_list_since", "wished_at", "wished_practitioner_id", "wished_visit_type_id", "wrong_tries") VALUES (NEW."answer_by", NEW."answered_at", NEW."assigned_to_id", NEW."contact_by", NEW."contact_person", NEW."created_at", NEW."email", NEW."erased_at", NEW."id", NEW."key", NEW."kind", NEW."language", NEW."legal_hold", NEW."message", NEW."moved_at", NEW."name", NEW."no_reminders", NEW."patient_name", NEW."patient_phone", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."phone_e164", NEW."procedure_id", NEW."reach_note", NEW."reference", NEW."screening", NEW."screening_reason", NEW."seen_before", NEW."spoken_language", NEW."status", NEW."submission_id", NEW."sum_solved", NEW."version", NEW."waiting_list_since", NEW."wished_at", NEW."wished_practitioner_id", NEW."wished_visit_type_id", NEW."wrong_tries"); RETURN NULL;',
                    hash="47133553431884eac75d9d31d2a8cc66471bc809",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6f51f",
                    table="appointments_inquiry",
                    when="AFTER",
                ),
            ),
        ),
    ]
