-- Tries to carry files in and out as large objects.
-- Must be refused; large objects without files are fine.
select lo_import('@folder@/secret.txt');  -- finds: does_not_apply: permission denied
select lo_import('@folder@/secret.txt', 4711);  -- finds: does_not_apply: permission denied
select lo_from_bytea(4712, 'x');
select lo_export(4712, '@folder@/written');  -- finds: does_not_apply: permission denied
