-- Indexes, built concurrently. Each one's comment says its kind and the operations it serves.
\echo indexes: clear what an interrupted build left behind
select format('drop index concurrently %I.%I', n.nspname, c.relname)
from pg_index i
join pg_class c on c.oid = i.indexrelid and c.relkind = 'i' and not c.relispartition
join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
where not i.indisvalid
  and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
\gexec

\echo indexes: users
create index concurrently if not exists users_email_idx on users (lower(email)) where deleted_at is null;
comment on index users_email_idx is 'partial; serves login, mark_seen';
create index concurrently if not exists users_organization_name_idx on users (organization_id, full_name) where deleted_at is null;
comment on index users_organization_name_idx is 'composite; serves organization_people';
create index concurrently if not exists users_admins_idx on users (organization_id, id) where role = 'admin' and deleted_at is null;
comment on index users_admins_idx is 'partial; serves organization_people';
create index concurrently if not exists users_invited_idx on users (organization_id, created_at desc) where status = 'invited' and deleted_at is null;
comment on index users_invited_idx is 'partial; serves organization_people';

\echo indexes: dashboards
create index concurrently if not exists dashboards_owner_updated_idx on dashboards (owner_id, updated_at desc) where deleted_at is null;
comment on index dashboards_owner_updated_idx is 'foreign key; serves user_dashboards';
create index concurrently if not exists dashboards_organization_updated_idx on dashboards (organization_id, updated_at desc) where deleted_at is null;
comment on index dashboards_organization_updated_idx is 'composite; serves organization_dashboards';
create index concurrently if not exists dashboards_organization_name_idx on dashboards (organization_id, lower(name)) where deleted_at is null;
comment on index dashboards_organization_name_idx is 'composite; serves rename_dashboard';
create index concurrently if not exists dashboards_trash_idx on dashboards (organization_id, deleted_at desc) where deleted_at is not null;
comment on index dashboards_trash_idx is 'partial; serves organization_dashboards';
create index concurrently if not exists dashboards_metadata_idx on dashboards using gin (metadata jsonb_path_ops);
comment on index dashboards_metadata_idx is 'GIN; serves team_page';

\echo indexes: widgets
create index concurrently if not exists widgets_dashboard_position_idx on widgets (dashboard_id, position) where deleted_at is null;
comment on index widgets_dashboard_position_idx is 'foreign key; serves dashboard_page, user_dashboards, edit_widget';
create index concurrently if not exists widgets_data_source_idx on widgets (data_source_id) where deleted_at is null;
comment on index widgets_data_source_idx is 'foreign key; serves attention_list';
create index concurrently if not exists widgets_configuration_idx on widgets using gin (configuration jsonb_path_ops);
comment on index widgets_configuration_idx is 'GIN; serves widget_search';

\echo indexes: dashboard_shares
create index concurrently if not exists dashboard_shares_dashboard_user_idx on dashboard_shares (dashboard_id, user_id) where deleted_at is null;
comment on index dashboard_shares_dashboard_user_idx is 'foreign key; serves dashboard_details, share_dashboard, archive_dashboard';
create index concurrently if not exists dashboard_shares_user_created_idx on dashboard_shares (user_id, created_at desc) where deleted_at is null;
comment on index dashboard_shares_user_created_idx is 'foreign key; serves user_dashboards, shared_with_me';

\echo indexes: data_sources, services
create index concurrently if not exists data_sources_organization_name_idx on data_sources (organization_id, name) where deleted_at is null;
comment on index data_sources_organization_name_idx is 'foreign key; serves organization_sources';
create index concurrently if not exists data_sources_broken_idx on data_sources (organization_id) where status = 'error';
comment on index data_sources_broken_idx is 'partial; serves attention_list';
create index concurrently if not exists services_organization_name_idx on services (organization_id, name) where deleted_at is null;
comment on index services_organization_name_idx is 'foreign key; serves service_health';
create index concurrently if not exists services_name_idx on services (name) where deleted_at is null;
comment on index services_name_idx is 'partial; serves record_metrics';
create index concurrently if not exists services_troubled_idx on services (organization_id) where status <> 'operational';
comment on index services_troubled_idx is 'partial; serves attention_list';
create index concurrently if not exists services_metadata_idx on services using gin (metadata jsonb_path_ops);
comment on index services_metadata_idx is 'GIN; serves team_page';

\echo indexes: health_metrics
create index concurrently if not exists health_metrics_service_checked_idx on health_metrics (service_id, checked_at desc);
comment on index health_metrics_service_checked_idx is 'composite; serves service_health, record_health';
create index concurrently if not exists health_metrics_checked_brin on health_metrics using brin (checked_at) with (pages_per_range = 16);
comment on index health_metrics_checked_brin is 'BRIN; serves operations_screen';
create index concurrently if not exists health_metrics_failed_idx on health_metrics (checked_at) where status <> 'healthy';
comment on index health_metrics_failed_idx is 'partial; serves attention_list';

\echo indexes: agents, agent_decisions
create index concurrently if not exists agents_organization_name_idx on agents (organization_id, name) where deleted_at is null;
comment on index agents_organization_name_idx is 'foreign key; serves agent_console';
create index concurrently if not exists agents_failed_idx on agents (organization_id) where status = 'failed';
comment on index agents_failed_idx is 'partial; serves attention_list';
create index concurrently if not exists agent_decisions_agent_created_idx on agent_decisions (agent_id, created_at desc);
comment on index agent_decisions_agent_created_idx is 'foreign key; serves agent_console';
create index concurrently if not exists agent_decisions_pending_agent_idx on agent_decisions (agent_id) where status = 'pending';
comment on index agent_decisions_pending_agent_idx is 'partial; serves record_decision';
create index concurrently if not exists agent_decisions_pending_idx on agent_decisions (organization_id, confidence desc) where status = 'pending';
comment on index agent_decisions_pending_idx is 'composite; serves pending_decisions';
create index concurrently if not exists agent_decisions_context_idx on agent_decisions using gin (context jsonb_path_ops);
comment on index agent_decisions_context_idx is 'GIN; serves agent_console';
create index concurrently if not exists agent_decisions_created_brin on agent_decisions using brin (created_at) with (pages_per_range = 16);
comment on index agent_decisions_created_brin is 'BRIN; serves operations_screen';

\echo indexes: maintenance_log
create index concurrently if not exists maintenance_log_service_starts_idx on maintenance_log (service_id, starts_at desc);
comment on index maintenance_log_service_starts_idx is 'foreign key; serves maintenance_calendar';
create index concurrently if not exists maintenance_log_scheduled_idx on maintenance_log (organization_id, starts_at) where status = 'scheduled';
comment on index maintenance_log_scheduled_idx is 'partial; serves maintenance_calendar';

\echo indexes: statistics
analyze users, dashboards;  -- the expressions that are indexed have no statistics before
