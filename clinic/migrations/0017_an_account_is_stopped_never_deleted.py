from django.db import migrations

STAYS = """
CREATE FUNCTION an_account_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'An account is stopped (is_active), never deleted.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER an_account_stays BEFORE DELETE ON auth_user FOR EACH ROW EXECUTE FUNCTION an_account_stays()
"""
GOES = """
DROP TRIGGER an_account_stays ON auth_user;
DROP FUNCTION an_account_stays()
"""


class Migration(migrations.Migration):
    """The logs name people by the ids of their accounts: nobody else is to be found behind one, or nobody at all."""

    dependencies = [
        ("clinic", "0016_online_choosing_pauses"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunSQL(STAYS, GOES)]
