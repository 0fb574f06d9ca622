-- Tries to keep us for ever, with PostgreSQL's own limit switched off.
-- Must be cancelled; what follows is still judged.
set statement_timeout = 0;
do $$ begin loop null; end loop; end $$;  -- finds: does_not_apply: stopped because it had not ended after 2 s
create table if not exists public.after (id int primary key);  -- finds: missing_rls
