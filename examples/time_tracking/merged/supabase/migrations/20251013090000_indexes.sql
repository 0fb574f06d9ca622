create index relationships_client_id_idx on relationships (client_id);
create index sessions_provider_id_idx on sessions (provider_id, started_at desc);
create index sessions_client_id_idx on sessions (client_id);
create index payments_session_id_idx on payments (session_id);
create index payments_provider_id_idx on payments (provider_id, paid_at desc);
create index requests_session_id_idx on requests (session_id);
create index activities_provider_id_idx on activities (provider_id, created_at desc);
