-- Tries to put files in a folder of its choice.
-- Must be refused.
create tablespace outside location '@folder@';  -- finds: does_not_apply: permission denied to create tablespace
set allow_in_place_tablespaces = on;  -- finds: does_not_apply: permission denied to set parameter
set default_tablespace = 'outside';  -- finds: does_not_apply: outside
set temp_tablespaces = 'outside';  -- finds: does_not_apply: outside
create table if not exists public.shared (a int) tablespace pg_global;  -- finds: does_not_apply: pg_global
