-- Clubs inside the club.

create table if not exists organization (
  id uuid primary key default gen_random_uuid(),
  name varchar(120) not null,
  slug varchar(60) not null unique
);
alter table organization enable row level security;

create index on if not exists organization (name);
