alter publication supabase_realtime add table users, relationships, sessions, payments, requests, activities, invites;
