import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0008_a_schedule_was_called_an_offer"),
    ]

    operations = [
        migrations.RenameModel(
            old_name="WorkerSign",
            new_name="WorkerHeartbeat",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="appointment",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="appointment",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="update_update",
        ),
        migrations.RemoveConstraint(
            model_name="workerheartbeat",
            name="there_is_one_sign_of_the_workers",
        ),
        migrations.RenameField(
            model_name="appointment",
            old_name="moves",
            new_name="reschedules",
        ),
        migrations.RenameField(
            model_name="appointmentevent",
            old_name="moves",
            new_name="reschedules",
        ),
        migrations.RenameField(
            model_name="call",
            old_name="once",
            new_name="idempotency_key",
        ),
        migrations.RenameField(
            model_name="inquiry",
            old_name="on_hold",
            new_name="legal_hold",
        ),
        migrations.RenameField(
            model_name="inquiry",
            old_name="wants_earlier_at",
            new_name="waiting_list_since",
        ),
        migrations.RenameField(
            model_name="inquiryevent",
            old_name="on_hold",
            new_name="legal_hold",
        ),
        migrations.RenameField(
            model_name="inquiryevent",
            old_name="wants_earlier_at",
            new_name="waiting_list_since",
        ),
        migrations.RenameField(
            model_name="message",
            old_name="once",
            new_name="idempotency_key",
        ),
        migrations.RenameField(
            model_name="note",
            old_name="once",
            new_name="idempotency_key",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appointment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "appointments_appointmentevent" ("blocked_until", "cancelled_late", "created_at", "displaced_at", "ends_at", "held_until", "id", "inquiry_id", "overbook_reason", "overbooked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "practitioner_id", "reached_at", "reschedules", "sequence", "starts_at", "status", "time_set_at", "uid", "version", "visit_type_id") VALUES (NEW."blocked_until", NEW."cancelled_late", NEW."created_at", NEW."displaced_at", NEW."ends_at", NEW."held_until", NEW."id", NEW."inquiry_id", NEW."overbook_reason", NEW."overbooked", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."practitioner_id", NEW."reached_at", NEW."reschedules", NEW."sequence", NEW."starts_at", NEW."status", NEW."time_set_at", NEW."uid", NEW."version", NEW."visit_type_id"); RETURN NULL;',
                    hash="dc04714d6ba41e51e5453dcc4405d0c4446f5f5f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_30113",
                    table="appointments_appointment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appointment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "appointments_appointmentevent" ("blocked_until", "cancelled_late", "created_at", "displaced_at", "ends_at", "held_until", "id", "inquiry_id", "overbook_reason", "overbooked", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "practitioner_id", "reached_at", "reschedules", "sequence", "starts_at", "status", "time_set_at", "uid", "version", "visit_type_id") VALUES (NEW."blocked_until", NEW."cancelled_late", NEW."created_at", NEW."displaced_at", NEW."ends_at", NEW."held_until", NEW."id", NEW."inquiry_id", NEW."overbook_reason", NEW."overbooked", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."practitioner_id", NEW."reached_at", NEW."reschedules", NEW."sequence", NEW."starts_at", NEW."status", NEW."time_set_at", NEW."uid", NEW."version", NEW."visit_type_id"); RETURN NULL;',
                    hash="78f67877805aba63c3d9902cd88593bbebcee908",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_34af4",
                    table="appointments_appointment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "appointments_inquiryevent" ("answer_by", "answered_at", "assigned_to_id", "contact_by", "contact_person", "created_at", "email", "erased_at", "id", "key", "kind", "language", "legal_hold", "message", "moved_at", "name", "no_reminders", "patient_name", "patient_phone", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_e164", "procedure_id", "reach_note", "reference", "screening", "screening_reason", "search_words", "seen_before", "status", "submission_id", "sum_solved", "version", "waiting_list_since") VALUES (NEW."answer_by", NEW."answered_at", NEW."assigned_to_id", NEW."contact_by", NEW."contact_person", NEW."created_at", NEW."email", NEW."erased_at", NEW."id", NEW."key", NEW."kind", NEW."language", NEW."legal_hold", NEW."message", NEW."moved_at", NEW."name", NEW."no_reminders", NEW."patient_name", NEW."patient_phone", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."phone_e164", NEW."procedure_id", NEW."reach_note", NEW."reference", NEW."screening", NEW."screening_reason", NEW."search_words", NEW."seen_before", NEW."status", NEW."submission_id", NEW."sum_solved", NEW."version", NEW."waiting_list_since"); RETURN NULL;',
                    hash="a71a39da682e6506bc88e0b8808ef7620189bf8f",
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
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "appointments_inquiryevent" ("answer_by", "answered_at", "assigned_to_id", "contact_by", "contact_person", "created_at", "email", "erased_at", "id", "key", "kind", "language", "legal_hold", "message", "moved_at", "name", "no_reminders", "patient_name", "patient_phone", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_e164", "procedure_id", "reach_note", "reference", "screening", "screening_reason", "search_words", "seen_before", "status", "submission_id", "sum_solved", "version", "waiting_list_since") VALUES (NEW."answer_by", NEW."answered_at", NEW."assigned_to_id", NEW."contact_by", NEW."contact_person", NEW."created_at", NEW."email", NEW."erased_at", NEW."id", NEW."key", NEW."kind", NEW."language", NEW."legal_hold", NEW."message", NEW."moved_at", NEW."name", NEW."no_reminders", NEW."patient_name", NEW."patient_phone", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."phone_e164", NEW."procedure_id", NEW."reach_note", NEW."reference", NEW."screening", NEW."screening_reason", NEW."search_words", NEW."seen_before", NEW."status", NEW."submission_id", NEW."sum_solved", NEW."version", NEW."waiting_list_since"); RETURN NULL;',
                    hash="e1ed272c365364f12acd70f947b2c10787f7910e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6f51f",
                    table="appointments_inquiry",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="workerheartbeat",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="there_is_one_heartbeat_of_the_workers"
            ),
        ),
    ]
