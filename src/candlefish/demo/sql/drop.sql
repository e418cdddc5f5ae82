-- Takes the reference application out of a database again, however far its optimisation had come.
drop materialized view if exists dashboard_stats, user_activity_summary;
drop view if exists index_usage_stats;
drop function if exists get_user_dashboards(uuid, integer);
drop function if exists get_service_health_batch(uuid[]);
drop schema if exists candlefish_ops cascade;
drop schema if exists demo_seed cascade;
drop table if exists organizations, users, dashboards, widgets, dashboard_shares, data_sources, services,
    health_metrics, metrics, activity_logs, agents, agent_decisions, maintenance_log cascade;
