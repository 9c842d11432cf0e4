-- What the database looks like before anything is loaded, and what nobody but the administrator may do in it. Run at
-- every load; it changes nothing the second time.
do $$
begin
    if not exists (select from pg_roles where rolname = 'carestat_owner') then
        create role carestat_owner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'carestat_account') then
        create role carestat_account nologin;
    end if;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to carestat_account', current_database());
    execute format('grant create on database %I to carestat_owner', current_database());
end
$$;

revoke all on schema public from public;
revoke usage on language plpgsql from public;
revoke usage on language sql from public;

create schema if not exists carestat authorization carestat_owner;
revoke all on schema carestat from public;
grant usage on schema carestat to carestat_account;

-- made by their owner: to alter it later would wait for whoever reads
set local role carestat_owner;

create table if not exists carestat.account (
    name text primary key,
    region_code text,
    is_cleared boolean not null default false,
    check (not (is_cleared and region_code is not null))
);

create table if not exists carestat.release (
    release_id text not null,
    released_at text not null,
    fingerprint text not null,
    shape text not null,
    load integer not null,
    loaded_at timestamptz not null
);
grant select on carestat.release to carestat_account;
comment on table carestat.release is '在服务的发布 · the release that is served';

reset role;

-- who else is connected and what he asks
revoke select on pg_stat_activity, pg_stat_ssl, pg_stat_gssapi, pg_locks, pg_prepared_xacts from public;

-- functions that write (large objects, the log, notifications), hold locks without a table, or wait
do $$
declare
    found regprocedure;
begin
    for found in
        select pg_proc.oid::regprocedure
        from pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace
            and (
                proname like 'lo\_%' or proname like 'pg\_%advisory%lock%' or proname like 'pg\_sleep%'
                or proname like 'pg\_ls\_%' or proname like 'pg\_read\_%' or proname like 'pg\_stat\_get\_backend%'
                or proname in (
                    'loread', 'lowrite', 'pg_notify', 'pg_logical_emit_message', 'pg_export_snapshot',
                    'pg_stat_get_activity', 'pg_lock_status', 'pg_stat_file', 'pg_get_wal_resource_managers',
                    'txid_current', 'pg_current_xact_id', 'pg_cancel_backend', 'pg_terminate_backend'
                )
            )
    loop
        execute format('revoke all on function %s from public', found);
    end loop;
end
$$;
