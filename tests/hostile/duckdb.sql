-- Statements that a hostile or careless hand may bring to a local door. A line of dashes ends each.
-- {released} the released file · {secret} a file that must not be read · {folder} a folder that could be written
-- "-- bomb" takes all time or memory there is · "-- answers" may be answered, for it touches no file
-- Statements that end a transaction or change a setting are refused as well: a reader needs none of them.
----
copy marts.indicator_value to '{folder}/out.csv'
----
copy (select 1) to '{folder}/out.parquet' (format parquet)
----
copy (select 1) to '{released}' (format csv, use_tmp_file false)
----
copy (select 1) to '{released}.wal' (format csv, use_tmp_file false)
----
explain analyze copy (select 1) to '{released}' (format csv, use_tmp_file false)
----
explain analyze copy (select 1) to '{released}.wal' (format csv, use_tmp_file false)
----
explain (analyze) copy (select 1) to '{folder}/out.csv'
----
with mine as (copy (select 1) to '{folder}/out.csv') select * from mine
----
copy marts.indicator_value from '{secret}'
----
copy from database carestat to memory
----
export database '{folder}/out'
----
import database '{folder}'
----
attach '{folder}/other.duckdb' as other
----
attach '{released}' as other
----
attach '{secret}' as other (type sqlite)
----
use memory; detach carestat; attach '{released}' as carestat
----
detach carestat
----
use memory
----
install httpfs
----
load httpfs
----
load '{secret}'
----
force install spatial from 'http://127.0.0.1:1/'
----
select * from read_csv('{secret}')
----
select * from read_text('{secret}')
----
select * from read_blob('{secret}')
----
select * from read_blob('{released}')
----
select * from read_json('{secret}')
----
select * from read_ndjson_objects('{secret}')
----
select * from read_parquet('{secret}')
----
select * from parquet_metadata('{secret}')
----
select * from parquet_kv_metadata('{secret}')
----
select * from sniff_csv('{secret}')
----
select * from read_duckdb('{released}', table_name = 'facility')
----
select * from '{secret}'
----
from '{secret}'
----
summarize '{secret}'
----
describe select * from '{secret}'
----
select * from query('select * from read_text(''{secret}'')')
----
select * from query_table('{secret}')
----
select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{secret}'')'))
----
select (select content from read_text('{secret}')) as note, * from marts.indicator_value
----
/* select 1 */ copy /* ; */ (select 1) -- ;
to '{folder}/out.csv'
----
select 1; copy (select 1) to '{folder}/out.csv'
----
select ';'; drop table marts.indicator_value
----
select * from glob('/*')
----
select * from glob('{folder}/*')
----
select * from read_csv('http://127.0.0.1:1/x.csv')
----
select * from read_parquet('s3://bucket/x.parquet')
----
select * from read_text('/proc/self/environ')
----
select * from read_blob('/dev/fd/0')
----
create secret mine (type http, bearer_token 'x')
----
create persistent secret mine (type http, bearer_token 'x')
----
select * from duckdb_secrets()
----
select * from which_secret('s3://bucket/x', 's3')
----
select getenv('HOME')
----
select current_setting('secret_directory')
-- answers
----
select * from duckdb_settings() where name like '%path%'
-- answers
----
select * from duckdb_extensions()
----
select * from environment
----
select * from database
----
pragma database_list; pragma enable_profiling
----
pragma enable_verification
----
set enable_external_access = true
----
set disabled_filesystems = ''
----
set lock_configuration = false
----
reset lock_configuration
----
set temp_directory = '{folder}'
----
set log_query_path = '{folder}/log'
----
explain analyze set memory_limit = '100GB'
----
call enable_logging(storage = 'file', storage_path = '{folder}/log')
----
set profiling_output = '{folder}/profile.json'
----
create table marts.mine as select 1
----
create temp table mine as select 1
----
create or replace view marts.indicator_value as select 0
----
create macro mine() as table select * from read_text('{secret}')
----
create type mine as enum ('a')
----
create schema mine; create sequence mine.one
----
insert into marts.indicator_value select * from marts.indicator_value
----
update marts.indicator_value set value = 0
----
delete from ops.quarantine
----
merge into marts.indicator_value using (select 1) on false when not matched then insert default values
----
drop schema marts cascade
----
truncate marts.indicator_value
----
alter table marts.indicator_value drop column note
----
comment on table marts.indicator_value is 'mine'
----
prepare mine as copy (select 1) to '{folder}/out.csv'; execute mine
----
prepare mine as select * from read_text(?); execute mine('{secret}')
----
begin; select 1; commit
----
checkpoint
----
force checkpoint
----
select * from force_checkpoint()
----
vacuum
----
analyze
----
pivot marts.population on sex using sum(population)
----
.shell touch {folder}/shell
----
.read {secret}
----
.output {folder}/out.txt
----
\! touch {folder}/shell
----
select count(*) from range(100000000000)
-- bomb
----
select sum(a.range * b.range) from range(10000000) as a, range(10000000) as b
-- bomb
----
with recursive mine(n) as (select 1 union all select n + 1 from mine) select max(n) from mine
-- bomb
----
select list(range) from range(10000000000)
-- bomb
----
select * from range(1000000000) order by hash(range)
-- bomb
----
select length(repeat('x', 4000000000))
-- bomb
----
select range(10000000000)
-- bomb
----
select regexp_matches(repeat('a', 3000000), '(a+)+$b')
-- answers
