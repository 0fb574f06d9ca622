-- Providers do the work, clients pay for it. Two ids: `id` is ours and every foreign key uses it,
-- `auth_user_id` is the one behind auth.uid().
create table users (
  id uuid primary key default gen_random_uuid(),
  auth_user_id uuid references auth.users (id) on delete set null,
  role text not null check (role in ('provider', 'client')),
  name varchar(80) not null,
  email text,
  phone varchar(20),
  claimed_status text not null default 'unclaimed' check (claimed_status in ('unclaimed', 'claimed')),
  created_at timestamptz not null default now()
);

create unique index users_auth_user_id_idx on users (auth_user_id);
