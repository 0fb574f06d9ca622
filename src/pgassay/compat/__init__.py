"""`pgassay fix --compat`: the migration that gives application code what it asks for."""
