#!/usr/bin/env bash
# Applies what the database has not seen yet, oldest first, one transaction per file.
set -euo pipefail
: "${DATABASE_URL:?set it to the database to migrate}"

psql "$DATABASE_URL" --quiet --command 'create table if not exists applied_migration (file text primary key)'
for file in db/migrations/production/*.sql; do
  name=$(basename "$file")
  seen=$(psql "$DATABASE_URL" --tuples-only --no-align --command "select 1 from applied_migration where file = '$name'")
  [ -n "$seen" ] && continue
  psql "$DATABASE_URL" --single-transaction --set ON_ERROR_STOP=1 --file "$file" \
    --command "insert into applied_migration (file) values ('$name')"
done
