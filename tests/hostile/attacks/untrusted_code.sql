-- Tries to bring machine code or an untrusted language into the server.
-- Must be refused.
load '@folder@/evil.so';  -- finds: does_not_apply: is not allowed
load '$libdir/plpgsql';  -- finds: does_not_apply: is not allowed
create function public.run(text) returns int language c as 'libc.so.6', 'system';  -- finds: does_not_apply: permission denied for language c
create trusted language evil handler plpgsql_call_handler;  -- finds: does_not_apply: must be superuser
set local_preload_libraries = '@folder@/evil';
set session_preload_libraries = '@folder@/evil';  -- finds: does_not_apply: permission denied to set parameter
set dynamic_library_path = '@folder@';  -- finds: does_not_apply: permission denied to set parameter
create type public.base;  -- finds: does_not_apply: must be superuser
create operator class public.evil for type text using btree as operator 1 =;  -- finds: does_not_apply: must be superuser
create cast (text as int) without function;  -- finds: does_not_apply: must be
