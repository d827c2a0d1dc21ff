# Sourced by the image of Postgres once, when it makes the database (Containerfile.postgres).
sed -i '1i local all postgres peer' "$PGDATA/pg_hba.conf"
