-- The instructor portal: courses, who takes them, and what they earn.

create type course_status as enum ('draft', 'published', 'archived');
create type enrollment_status as enum ('enrolled', 'in_progress', 'completed', 'dropped');
create type transaction_type as enum ('course_enrollment', 'workshop_registration', 'consultation', 'refund');

create table instructor_profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id) on delete restrict,
  bio text,
  rating numeric(3, 2) not null default 0
);

create table courses (
  id uuid primary key default gen_random_uuid(),
  instructor_id uuid not null references instructor_profiles (id) on delete restrict,
  title varchar(200) not null,
  status course_status not null default 'draft',
  enrolled_count integer not null default 0
);

create table course_lessons (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references courses (id) on delete cascade,
  title varchar(200) not null,
  content_type content_type not null default 'video',
  position integer not null default 1
);

create table enrollments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  course_id uuid not null references courses (id) on delete restrict,
  status enrollment_status not null default 'enrolled',
  last_accessed_at timestamptz,
  enrolled_at timestamptz not null default now(),
  unique (user_id, course_id)
);

create table student_progress (
  id uuid primary key default gen_random_uuid(),
  enrollment_id uuid not null references enrollments (id) on delete cascade,
  lesson_id uuid not null references course_lessons (id) on delete cascade,
  completed boolean not null default false,
  unique (enrollment_id, lesson_id)
);

create table revenue_transactions (
  id uuid primary key default gen_random_uuid(),
  instructor_id uuid not null references instructor_profiles (id) on delete restrict,
  enrollment_id uuid references enrollments (id) on delete cascade,
  type transaction_type not null,
  amount numeric(10, 2) not null,
  created_at timestamptz not null default now()
);

create table course_reviews (
  id uuid primary key default gen_random_uuid(),
  course_id uuid not null references courses (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  rating smallint not null check (rating between 1 and 5),
  comment text,
  created_at timestamptz not null default now()
);

create index courses_instructor_id_idx on courses (instructor_id);
create index course_lessons_course_id_idx on course_lessons (course_id, position);
create index enrollments_course_id_idx on enrollments (course_id);
create index revenue_transactions_instructor_id_idx on revenue_transactions (instructor_id, created_at desc);
create index course_reviews_course_id_idx on course_reviews (course_id);

alter table instructor_profiles enable row level security;
alter table courses enable row level security;
alter table course_lessons enable row level security;
alter table enrollments enable row level security;
alter table student_progress enable row level security;
alter table revenue_transactions enable row level security;
alter table course_reviews enable row level security;

create policy instructor_profiles_read on instructor_profiles for select to authenticated using (true);
create policy courses_published on courses for select to authenticated
  using (status = 'published');
create policy course_lessons_read on course_lessons for select to authenticated
  using (course_id in (select id from courses));
create policy enrollments_own on enrollments for select to authenticated
  using (user_id = (select auth.uid()));
create policy student_progress_own on student_progress for all to authenticated
  using (enrollment_id in (select id from enrollments where user_id = (select auth.uid())));
create policy revenue_transactions_own on revenue_transactions for select to authenticated
  using (instructor_id = auth.uid());
create policy course_reviews_read on course_reviews for select to authenticated using (true);
create policy course_reviews_write on course_reviews for all using (true) with check (true);
