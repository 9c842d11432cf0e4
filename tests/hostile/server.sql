-- Statements that a hostile or careless hand may bring to the SQL server, by an account that reads. A line of dashes
-- ends each. {folder} a folder that could be written · {secret} a file that must not be read
-- "-- answers" may be answered: what it tells must not be hidden · "-- waits" takes all time there is
----
copy marts.indicator_value to '{folder}/out.csv'
----
copy (select 1) to program 'cp /dev/null {folder}/out.csv'
----
copy marts.norm from '{secret}'
----
select pg_read_file('{secret}')
----
select pg_read_binary_file('{secret}')
----
select * from pg_ls_dir('{folder}')
----
select lo_import('{secret}')
----
select lo_export(1, '{folder}/out')
----
select lo_from_bytea(0, 'x')
----
select lo_create(4711)
----
create extension dblink
----
create extension file_fdw
----
load 'auto_explain'
----
create server elsewhere foreign data wrapper postgres_fdw
----
select * from dblink('dbname=carestat', 'select 1') as t(x int)
----
create table public.mine as select * from marts.indicator_value
----
create table marts.mine (x int)
----
create temp table mine as select * from marts.indicator_value
----
select * into temp mine from marts.indicator_value
----
create view marts.mine as select 1
----
create or replace function public.see(x double precision) returns boolean language sql immutable leakproof cost 0.0001 as 'select true'
----
create function pg_temp.see(x double precision) returns boolean language plpgsql as 'begin raise notice ''%', x; return true; end'
----
do 'begin raise notice ''%'', (select max(value) from marts.indicator_value); end'
----
insert into marts.indicator_value (region_code) values ('500101')
----
update marts.indicator_value set value = 0
----
delete from marts.indicator_value
----
truncate marts.county_budget
----
drop schema marts cascade
----
alter view marts.indicator_value reset (security_barrier)
----
alter table marts.county_budget disable row level security
----
begin; set transaction read write; update marts.county_budget set budget_yuan = 0
----
set role carestat_owner
----
set session authorization carestat_admin
----
alter role current_user superuser
----
alter role current_user connection limit -1
----
grant carestat_owner to current_user
----
update carestat.account set is_cleared = true where name = session_user
----
select * from carestat.account
----
select * from held.marts_indicator_value
----
select * from shown.marts_indicator_value
----
table held_next.marts_indicator_value
----
alter system set ssl = off
----
set temp_file_limit = -1
----
set deadlock_timeout = '1ms'
----
select pg_advisory_lock(1)
----
select pg_sleep(100000)
----
lock table marts.indicator_value in access exclusive mode
----
select pg_terminate_backend(pid) from pg_stat_activity
----
select query from pg_stat_get_activity(null)
----
select pg_logical_emit_message(false, 'x', 'y')
----
select pg_notify('x', 'y')
----
-- answers
select * from pg_stats where schemaname in ('held', 'shown', 'marts')
----
-- answers
select * from pg_statistic_ext
----
-- answers
explain (analyze, verbose, buffers) select * from marts.indicator_value where value between 8.1 and 8.2
----
-- answers
select 1 / (numerator - 3)::int from marts.indicator_value where region_code = '500101' and indicator_key = 'served'
----
-- answers
select 1 / (value - 300.0 / 37)::numeric(9, 6) from marts.indicator_value where region_code = '500101'
----
-- answers
select (value || ' persons')::int from marts.indicator_value where region_code = '500101' and value < 9
----
-- answers
select * from marts.indicator_value where xmlparse(content value::text || '<') is not null and value between 8.1 and 8.2
----
-- answers
select * from marts.indicator_value where region_code = '500101' and case when numerator = 3 then 1 / (numerator - 3) else 0 end = 0
----
-- answers
select query_to_xml('select * from held.marts_indicator_value', true, true, '')
----
-- answers
select database_to_xml(true, true, '')
----
-- answers
select pg_get_viewdef('marts.indicator_value'::regclass), has_schema_privilege('held', 'usage')
----
-- answers
select ctid, xmin, * from marts.county_budget
----
-- answers
select sum(numerator) from marts.indicator_value where indicator_key = 'served' and region_code like '50010_'
----
-- answers
select f.*, i.* from marts.facility as f, marts.indicator_value as i, marts.unit_shortfall as u, marts.subsidy_audit as s
----
-- answers
select row_to_json(i)::text, md5(i::text) from marts.indicator_value as i
----
-- answers
table marts.plan_targets
----
-- answers
table marts.document_indicator
----
-- answers
table marts.beneficiary
----
-- waits
set statement_timeout = 0; select count(*) from generate_series(1, 1000000000000) as n, generate_series(1, 1000) as m
----
-- waits
set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; begin; lock table marts.norm in access share mode
