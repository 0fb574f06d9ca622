-- Tries to grant itself the predefined roles that lead to files and programs, as a CREATEROLE role could before 16.
-- Must be refused.
grant pg_execute_server_program to postgres;  -- finds: does_not_apply: permission denied to grant role
grant pg_read_server_files to postgres;  -- finds: does_not_apply: permission denied to grant role
grant pg_write_server_files to postgres with inherit true;  -- finds: does_not_apply: permission denied to grant role
create role helper in role pg_execute_server_program;  -- finds: does_not_apply: permission denied to grant role
create role intruder;
grant pg_execute_server_program to intruder;  -- finds: does_not_apply: permission denied to grant role
set role pg_execute_server_program;  -- finds: does_not_apply: permission denied to set role
copy (select 1) to program 'touch @folder@/written';  -- finds: does_not_apply: permission denied to COPY
