"""pgassay reviews Postgres and Supabase migrations by running them on a throwaway server."""

__version__ = "0.1.0"
