-- What only the run itself needed.
\echo finish
drop schema if exists candlefish_ops cascade;
