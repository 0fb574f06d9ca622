"""What is Supabase's own: its configuration file, its default privileges, what it refuses and what only it allows."""
