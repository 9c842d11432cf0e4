-- A build in which due, paid, audit, evidence and beneficiaries agree: the columns that their suites read.
create schema reference; create schema marts; create schema ops;

create table reference.subsidy_programme as select *, null::date as valid_to, 'facility' as payee from (values
    ('MONTH', 'subsidy', 'monthly', '500113', 50.000000::decimal(18, 6), date '2025-01-15'),
    ('ONCE', 'subsidy', 'one_off', '500000', 1000.000000, date '2021-12-30'),
    ('YEAR', 'subsidy', 'annual', '500000', 600.000000, date '2021-12-30'),
    ('PERSON', 'subsidy', 'monthly', '500000', 100.000000, null),
    ('RULE', 'fund_rule', 'annual', '500000', 55.000000, date '2022-01-01')
) as t (programme_code, kind, frequency, scope_region, unit_amount, valid_from);
-- 500112 was another prefecture's at first
create table reference.region_ancestor as select * from (values
    ('2020', '500112', '500112'), ('2020', '500112', '990000'), ('2020', '990000', '990000'),
    ('2025', '500112', '500112'), ('2025', '500112', '500000'), ('2025', '500000', '500000'),
    ('2025', '500113', '500113'), ('2025', '500113', '500000')
) as t (period, region_code, ancestor_code);

create table marts.subsidy_entitlement as
    select
        * replace (base_quantity::decimal(38, 6) as base_quantity, due_amount_yuan::decimal(18, 2) as due_amount_yuan),
        'elderly_facilities/2025-01/500113.csv' as register_path, row_number() over () as register_row,
        'F' as conf_status
    from (values
        ('MONTH', '甲', '500113', '2025-01', 400.0, 50.000000::decimal(18, 6), 20000.00, '2025-01', null, null),
        ('MONTH', '甲', '500113', '2025-02', 400.0, 50.0, 20000.00, '2025-02', null, null),
        ('MONTH', '甲', '500113', '2025-03', 400.0, 50.0, 20000.00, '2025-03', null, null),
        ('MONTH', '乙', '500113', '2025-01', 20.0, 50.0, 0.00, '2025-01', 'occupancy_half', 'is_private'),
        ('MONTH', '丙', '500113', '2025-01', 20.0, 50.0, null, '2025-01', null, 'occupancy_half'),
        -- true though unusual: nothing to count, less than a cent, nothing known
        ('MONTH', '丁', '500113', '2025-01', 0.0, 50.0, 0.00, '2025-01', null, null),
        ('MONTH', '戊', '500113', '2025-01', 0.000099, 50.0, 0.00, '2025-01', null, null),
        ('MONTH', '己', '500113', '2025-01', null, 50.0, null, '2025-01', null, null),
        ('MONTH', '庚', '500113', '2025-01', 0.000100, 50.0, 0.01, '2025-01', null, null),
        ('ONCE', '甲', '500113', 'once', 40.0, 1000.0, 40000.00, '2025-01', null, null),
        ('YEAR', '甲', '500113', '2025', 2.0, 600.0, 1200.00, '2025-12', null, null)
    ) as t (
        programme_code, facility_id, region_code, period, base_quantity, unit_amount_yuan, due_amount_yuan, due_month,
        unmet_conditions, unknown_conditions
    );

create table marts.subsidy_payment as
    select
        * replace (
            gross_paid_yuan::decimal(18, 2) as gross_paid_yuan, returned_yuan::decimal(18, 2) as returned_yuan,
            repeated_yuan::decimal(18, 2) as repeated_yuan
        ),
        (gross_paid_yuan - returned_yuan - repeated_yuan)::decimal(18, 2) as paid_amount_yuan
    from (values
        ('MONTH', '甲', '500113', '2025-01', 20000.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('MONTH', '甲', '500113', '2025-03', 21000.00, 0.00, 1000.00, 2, 0, 1, 'F'),
        ('MONTH', '乙', '500113', '2025-01', 600.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('MONTH', '丁', '500113', '2025-01', 0.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('ONCE', '甲', '500113', 'once', 40000.00, 1000.00, 0.00, 2, 0, 0, 'F'),
        -- three persons whose month is not told; six, one of them paid twice and one paid back
        ('PERSON', '_Z', '500113', 'unknown', 150.00, 0.00, 0.00, 3, 3, 0, 'C'),
        ('PERSON', '_Z', '500112', '2025-01', 350.00, 50.00, 0.00, 8, 8, 0, 'F'),
        ('PERSON', '_Z', '500112', '2025-02', 200.00, 0.00, 0.00, 4, 4, 0, 'C')
    ) as t (
        programme_code, facility_id, region_code, period, gross_paid_yuan, returned_yuan, repeated_yuan, entries,
        person_entries, repeated_entries, conf_status
    );

create table marts.subsidy_audit as
    select
        * exclude (due, paid, stake), due::decimal(18, 2) as due_amount_yuan, paid::decimal(18, 2) as paid_amount_yuan,
        (paid - due)::decimal(18, 2) as difference_yuan, stake::decimal(18, 2) as amount_at_stake_yuan,
        nullif(finding, 'consistent') as all_findings,
        row_number() over (partition by period order by number) as rank, '名' as region_name, '因为' as reason
    from (values
        (1, 'ONCE', '甲', '500113', 'once', 40000.00, 39000.00, 'returned', 1000.00, 'F'),
        (2, 'MONTH', '甲', '500113', '2025-03', 20000.00, 20000.00, 'paid_twice', 1000.00, 'F'),
        (3, 'MONTH', '乙', '500113', '2025-01', 0.00, 600.00, 'paid_without_entitlement', 600.00, 'F'),
        (4, 'MONTH', '庚', '500113', '2025-01', 0.01, 0.00, 'underpaid', 0.01, 'F'),
        (5, 'MONTH', '甲', '500113', '2025-02', 20000.00, null, 'not_assessable', 20000.00, 'F'),
        (6, 'YEAR', '甲', '500113', '2025', 1200.00, null, 'not_assessable', 1200.00, 'F'),
        (7, 'PERSON', '_Z', '500112', '2025-01', null, 300.00, 'not_assessable', 300.00, 'F'),
        (8, 'PERSON', '_Z', '500112', '2025-02', null, 200.00, 'not_assessable', 200.00, 'C'),
        (9, 'PERSON', '_Z', '500113', 'unknown', null, 150.00, 'not_assessable', 150.00, 'C'),
        (10, 'MONTH', '丙', '500113', '2025-01', null, 0.00, 'not_assessable', 0.00, 'F'),
        (11, 'MONTH', '己', '500113', '2025-01', null, 0.00, 'not_assessable', 0.00, 'F'),
        (12, 'MONTH', '丁', '500113', '2025-01', 0.00, 0.00, 'consistent', 0.00, 'F'),
        (13, 'MONTH', '戊', '500113', '2025-01', 0.00, 0.00, 'consistent', 0.00, 'F'),
        (14, 'MONTH', '甲', '500113', '2025-01', 20000.00, 20000.00, 'consistent', 0.00, 'F')
    ) as t (number, programme_code, facility_id, region_code, period, due, paid, finding, stake, conf_status);

create table marts.subsidy_evidence as
    select *, 'raw.csv' as delivery_path
    from (values
        ('ONCE', '甲', '500113', 'once', 'register', 10, null, 1, null),
        ('ONCE', '甲', '500113', 'once', 'ledger', 2, 'p1', 1, 40000.00::decimal(18, 2)),
        ('ONCE', '甲', '500113', 'once', 'ledger', 3, 'p2', 1, -1000.00),
        ('MONTH', '甲', '500113', '2025-03', 'ledger', 4, 'p3', 1, 20000.00),
        ('MONTH', '甲', '500113', '2025-03', 'ledger', 2, 'p3', 1, 0.00),
        ('MONTH', '乙', '500113', '2025-01', 'ledger', 5, 'p4', 1, 600.00),
        ('MONTH', '庚', '500113', '2025-01', 'register', 9, null, 1, null),
        ('YEAR', '甲', '500113', '2025', 'register', 11, null, 1, null),
        ('MONTH', '甲', '500113', '2025-02', 'register', 2, null, 1, null),
        ('PERSON', '_Z', '500112', '2025-01', 'ledger', null, null, 7, 350.00),
        ('PERSON', '_Z', '500112', '2025-01', 'ledger', null, null, 1, -50.00),
        ('PERSON', '_Z', '500112', '2025-02', 'ledger', null, null, 4, 200.00),
        ('PERSON', '_Z', '500113', 'unknown', 'ledger', null, null, 3, 150.00),
        ('MONTH', '丙', '500113', '2025-01', 'register', 5, null, 1, null),
        ('MONTH', '己', '500113', '2025-01', 'register', 8, null, 1, null)
    ) as t (
        programme_code, facility_id, region_code, period, evidence, row_number, payment_id, entries, counted_yuan
    );

-- one person is paid in both counties, two in both months
create table marts.beneficiary as
    select
        'PERSON' as programme_code, *, '名' as region_name, case when persons < 5 then 'C' else 'F' end as conf_status
    from (values
        ('500113', 'county', '2025-01', 3, 3), ('500113', 'county', '2025', 3, 3),
        ('500112', 'county', '2025-01', 5, 6), ('500112', 'county', '2025-02', 4, 4),
        ('500112', 'county', '2025', 7, 10),
        ('500000', 'province', '2025-01', 7, 9), ('500000', 'province', '2025-02', 4, 4),
        ('500000', 'province', '2025', 9, 13)
    ) as t (region_code, region_level, period, persons, payments);

create table ops.delivery as select *, '2025-03' as period, 'landed' as state from (values
    ('subsidy_ledger', 'ledger.csv'), ('deaths', 'deaths.csv')
) as t (source, path);
create table ops.reconciliation as select * from (values ('ledger.csv', 22), ('deaths.csv', 7)) as t (path, landed);
