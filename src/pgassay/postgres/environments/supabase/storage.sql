-- The tables and functions of the storage service. Migrations insert buckets and write policies on objects.
create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');

create table storage.buckets (
  id text primary key,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD'
);
create unique index bname on storage.buckets (name);

create table storage.objects (
  id uuid primary key default gen_random_uuid(),
  bucket_id text constraint "objects_bucketId_fkey" references storage.buckets (id),
  name text,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
create index name_prefix_search on storage.objects (name text_pattern_ops);
create index idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");

create table storage.buckets_analytics (
  name text not null,
  type storage.buckettype not null default 'ANALYTICS',
  format text not null default 'ICEBERG',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  id uuid primary key default gen_random_uuid(),
  deleted_at timestamptz
);
create unique index buckets_analytics_unique_name_idx on storage.buckets_analytics (name) where deleted_at is null;

create table storage.buckets_vectors (
  id text primary key,
  type storage.buckettype not null default 'VECTOR',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table storage.s3_multipart_uploads (
  id text primary key,
  in_progress_size bigint not null default 0,
  upload_signature text not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  version text not null,
  owner_id text,
  created_at timestamptz not null default now(),
  user_metadata jsonb,
  metadata jsonb
);
create index idx_multipart_uploads_list on storage.s3_multipart_uploads (bucket_id, key, created_at);

create table storage.s3_multipart_uploads_parts (
  id uuid primary key default gen_random_uuid(),
  upload_id text not null references storage.s3_multipart_uploads (id) on delete cascade,
  size bigint not null default 0,
  part_number integer not null,
  bucket_id text not null references storage.buckets (id),
  key text collate "C" not null,
  etag text not null,
  owner_id text,
  version text not null,
  created_at timestamptz not null default now()
);

create table storage.migrations (
  id integer primary key,
  name varchar(100) not null unique,
  hash varchar(40) not null,
  executed_at timestamp default current_timestamp
);

-- 'a/b/c.png': folders {a,b}, file name c.png, extension png.
create function storage.foldername(name text) returns text[]
  language sql immutable
  return (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1];

create function storage.filename(name text) returns text
  language sql immutable
  return split_part(name, '/', -1);

create function storage.extension(name text) returns text
  language sql immutable
  return split_part(split_part(name, '/', -1), '.', -1);

create function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
  language sql stable
as $$
  select sum((stored.metadata ->> 'size')::bigint)::bigint, stored.bucket_id
  from storage.objects as stored
  group by stored.bucket_id
$$;

-- What the service does at the moment, "storage.object.list" or without its prefix; policies may ask for it.
create function storage.operation() returns text
  language sql stable
  return current_setting('storage.operation', true);

create function storage.allow_any_operation(expected_operations text[]) returns boolean
  language sql stable
  return exists (
    select from unnest(expected_operations) as expected
    where expected <> '' and regexp_replace(expected, '^storage\.', '')
      = regexp_replace(storage.operation(), '^storage\.', '')
  );

create function storage.allow_only_operation(expected_operation text) returns boolean
  language sql stable
  return storage.allow_any_operation(array[expected_operation]);

-- Tries an insert under the caller's policies and takes it back by raising.
create function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb) returns void
  language plpgsql
as $$
begin
  insert into storage.objects (bucket_id, name, owner, metadata)
  values (bucketid, can_insert_object.name, can_insert_object.owner, can_insert_object.metadata);
  raise exception using errcode = 'PT200', message = 'ROLLBACK', detail = 'rollback successful insert';
end
$$;

-- Lists one level below a prefix: folders without an id first, then the objects themselves.
create function storage.search(
  prefix text,
  bucketname text,
  limits integer default 100,
  levels integer default 1,
  offsets integer default 0,
  search text default '',
  sortcolumn text default 'name',
  sortorder text default 'asc'
) returns table (
  name text,
  id uuid,
  updated_at timestamptz,
  created_at timestamptz,
  last_accessed_at timestamptz,
  metadata jsonb
)
  language sql stable
as $$
  select found.name, found.id, found.updated_at, found.created_at, found.last_accessed_at, found.metadata
  from (
    select distinct on (stored.path_tokens[levels])
      stored.path_tokens[levels] as name,
      case when cardinality(stored.path_tokens) = levels then stored.id end as id,
      case when cardinality(stored.path_tokens) = levels then stored.updated_at end as updated_at,
      case when cardinality(stored.path_tokens) = levels then stored.created_at end as created_at,
      case when cardinality(stored.path_tokens) = levels then stored.last_accessed_at end as last_accessed_at,
      case when cardinality(stored.path_tokens) = levels then stored.metadata end as metadata
    from storage.objects as stored
    where stored.bucket_id = bucketname
      and cardinality(stored.path_tokens) >= levels
      and starts_with(lower(stored.name), lower(prefix || search))
    order by stored.path_tokens[levels], stored.id
  ) as found
  order by
    found.id is not null,
    case when sortcolumn = 'name' and sortorder = 'asc' then found.name end,
    case when sortcolumn = 'name' and sortorder = 'desc' then found.name end desc,
    case when sortcolumn = 'updated_at' and sortorder = 'desc' then found.updated_at end desc,
    found.updated_at, found.name
  limit limits offset offsets
$$;

create function storage.update_updated_at_column() returns trigger
  language plpgsql
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
create trigger update_objects_updated_at before update on storage.objects
  for each row execute function storage.update_updated_at_column();

create function storage.enforce_bucket_name_length() returns trigger
  language plpgsql
as $$
begin
  if length(new.name) > 100 then
    raise exception 'bucket name "%" is too long (% characters). Max is 100.', new.name, length(new.name);
  end if;
  return new;
end
$$;
create trigger enforce_bucket_name_length_trigger before insert or update of name on storage.buckets
  for each row execute function storage.enforce_bucket_name_length();

-- Since 2026 a DELETE in SQL is refused, because it would leave the file behind. This is not row level security.
create function storage.protect_delete() returns trigger
  language plpgsql
as $$
begin
  if current_setting('storage.allow_delete_query', true) is distinct from 'true' then
    raise exception using
      errcode = '42501',
      message = 'Direct deletion from storage tables is not allowed. Use the Storage API instead.',
      hint = 'This prevents accidental data loss from orphaned objects.';
  end if;
  return null;
end
$$;
create trigger protect_buckets_delete before delete on storage.buckets
  for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects
  for each statement execute function storage.protect_delete();

do $protect$
declare
  part record;
begin
  for part in select oid::regclass as name from pg_catalog.pg_class
    where relnamespace = 'storage'::regnamespace and relkind = 'r'
  loop
    execute format('alter table %s owner to supabase_storage_admin', part.name);
    execute format('alter table %s enable row level security', part.name);
  end loop;
  for part in select oid::regprocedure as name from pg_catalog.pg_proc where pronamespace = 'storage'::regnamespace
  loop
    execute format('alter function %s owner to supabase_storage_admin', part.name);
  end loop;
end
$protect$;
alter type storage.buckettype owner to supabase_storage_admin;
grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects, storage.buckets_analytics to anon, authenticated, service_role;
grant select on storage.buckets_vectors, storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts
  to anon, authenticated;
grant all on all tables in schema storage to postgres, service_role;
