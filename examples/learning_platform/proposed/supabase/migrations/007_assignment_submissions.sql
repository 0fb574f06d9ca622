-- Work that students hand in.

create table assignment_submissions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  lesson_id uuid not null references lessons (id) on delete cascade,
  submission_url text,
  grade numeric(5, 2),
  submitted_at timestamptz not null default now()
);
