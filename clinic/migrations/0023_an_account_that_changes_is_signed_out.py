from django.db import migrations

# A function of the site's would be forgotten by a command, a shell, or a bulk update; this one is asked by each.
ENDS = """
CREATE FUNCTION an_account_is_signed_out() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE clinic_staffsession
    SET ended_at = now(), session_data = '', expire_date = now() + interval '12 hours'
    WHERE user_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER an_account_is_signed_out AFTER UPDATE ON auth_user FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password
        OR (OLD.is_active AND NOT NEW.is_active) OR (OLD.is_staff AND NOT NEW.is_staff))
    EXECUTE FUNCTION an_account_is_signed_out()
"""
STAYS = """
DROP TRIGGER an_account_is_signed_out ON auth_user;
DROP FUNCTION an_account_is_signed_out()
"""


class Migration(migrations.Migration):
    """
    Stopping an account, or a new password, ends its sessions in that statement: none comes back with the account.

    Who changes the own password goes on in a new session, which Django makes after that.
    """

    dependencies = [
        ("clinic", "0022_what_staff_typed_is_kept"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunSQL(ENDS, STAYS)]
