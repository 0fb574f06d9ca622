-- What a guardian hands out every week.

alter table families add column if not exists allowance_day smallint not null default 1;

create table if not exists family_allowances (
  id uuid primary key default gen_random_uuid(),
  family_id uuid not null references families (id) on delete restrict,
  offspring_id uuid not null references user_identities (id) on delete restrict,
  weekly_sats bigint not null default 0
  created_at timestamptz not null default now()
);
