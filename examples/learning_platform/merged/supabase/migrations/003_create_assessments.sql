create type assessment_status as enum ('not_started', 'in_progress', 'completed', 'archived');

create table assessments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  status assessment_status not null default 'not_started',
  score numeric(5, 2),
  taken_at timestamptz
);

create table assessment_responses (
  id uuid primary key default gen_random_uuid(),
  assessment_id uuid not null references assessments (id) on delete cascade,
  question varchar(300) not null,
  answer jsonb not null default '{}'
);

create index assessments_user_id_idx on assessments (user_id);

alter table assessments enable row level security;
alter table assessment_responses enable row level security;

create policy assessments_own on assessments for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy assessment_responses_own on assessment_responses for all to authenticated
  using (assessment_id in (select id from assessments where user_id = (select auth.uid())));
