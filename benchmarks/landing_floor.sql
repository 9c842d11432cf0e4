-- What landing a month of the large ledger comes to, written by hand: the rows that are sound in the landed columns,
-- persons' numbers as keyed hashes, and what is told of rows. Reads the views delivered (the month's files), known (codes
-- of facilities in registers of the year up to the month) and county (codes that are counties on its last day); the
-- variable month, and the key padded for the two passes of HMAC (RFC 2104), inner_pad and outer_pad.

create or replace temp table paid as
select
    发放流水号 as payment_id,
    补贴项目代码 as programme_code,
    发放县级区划代码 as county_code,
    case 发放对象类型 when '机构' then 'facility' when '个人' then 'person' end as payee_kind,
    机构编码 as facility_id,
    身份证号 as person_id,
    cast(计发数量 as decimal(38, 6)) as base_quantity,
    cast(补贴标准 as decimal(38, 6)) as unit_amount,
    cast(发放金额 as decimal(38, 6)) as amount,
    补贴所属月份 as service_month,
    cast(发放日期 as date) as paid_on,
    case 发放状态 when '已发放' then 'paid' when '已审批' then 'approved' when '退回' then 'returned' when '追回' then 'recovered'
    end as payment_status,
    split_part(filename, '/raw/', 2) as delivery_path,
    file_row_number + 2 as delivery_row,
    left(parse_filename(filename), 6) as delivery_supplier
from delivered;

create or replace temp table twice as
select payment_id
from paid
group by payment_id
having count(*) > 1;

create or replace temp view sound as
select *
from paid
where
    regexp_full_match(payment_id, '[0-9A-Za-z][0-9A-Za-z_-]{2,}')
    and programme_code in (
        'BENCH-AGE', 'BENCH-CARE', 'BENCH-BED', 'BENCH-KID', 'BANAN-S1', 'BANAN-S2', 'BANAN-S3', 'BANAN-S4', 'BANAN-S5',
        'CQ-CONSTR', 'DAZHOU-S4'
    )
    and county_code in (select code from county)
    and starts_with(county_code, rtrim(delivery_supplier, '0'))
    and payee_kind is not null and payment_status is not null and amount is not null
    and case payee_kind when 'person' then person_id is not null else facility_id is not null end
    and (facility_id is null or facility_id in (select facility_id from known))
    and (person_id is null or regexp_full_match(person_id, '[0-9A-Z]{18}|[0-9A-Z]{15}'))
    and coalesce(base_quantity between 0 and 100000, true)
    and coalesce(unit_amount between 0 and 10000000, true)
    and amount between -100000000 and 100000000
    and (service_month is null or regexp_full_match(service_month, '\d{4}-(0[1-9]|1[0-2])'))
    and payment_id not in (select payment_id from twice);

copy (
    select
        * exclude (person_id),
        left(sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(person_id)))), 32) as person_id,
        getvariable('month') as delivery_period
    from sound
) to 'landed.parquet' (format parquet, compression zstd, compression_level 1);

copy (
    with told as (
        select *, try_cast(left(person_id, 17) as bigint) as digits
        from sound
    ),

    judged as (
        select
            delivery_path, delivery_row,
            abs(amount - base_quantity * unit_amount) >= 0.005 as "flag:amount_is_product",
            payee_kind = 'person' and facility_id is null and programme_code in (
                'BENCH-BED', 'BENCH-KID', 'BANAN-S1', 'BANAN-S2', 'BANAN-S3', 'BANAN-S4', 'BANAN-S5', 'CQ-CONSTR', 'DAZHOU-S4'
            ) as "flag:facility_named",
            service_month is null
            and programme_code in ('BENCH-AGE', 'BENCH-CARE', 'BENCH-BED', 'BENCH-KID', 'BANAN-S1', 'BANAN-S5')
            as "flag:month_named",
            service_month > getvariable('month') as "flag:month_not_after_delivery",
            length(person_id) = 18 and person_id[18] <> '10X98765432'[cast((
                digits // 10000000000000000 * 7 + digits // 1000000000000000 % 10 * 9
                + digits // 100000000000000 % 10 * 10 + digits // 10000000000000 % 10 * 5
                + digits // 1000000000000 % 10 * 8 + digits // 100000000000 % 10 * 4
                + digits // 10000000000 % 10 * 2 + digits // 1000000000 % 10 + digits // 100000000 % 10 * 6
                + digits // 10000000 % 10 * 3 + digits // 1000000 % 10 * 7 + digits // 100000 % 10 * 9
                + digits // 10000 % 10 * 10 + digits // 1000 % 10 * 5 + digits // 100 % 10 * 8
                + digits // 10 % 10 * 4 + digits % 10 * 2
            ) % 11 as integer) + 1] as id_check_digit
        from told
    ),

    flagged as (
        select *
        from judged
        where
            "flag:amount_is_product" or "flag:facility_named" or "flag:month_named" or "flag:month_not_after_delivery"
            or id_check_digit
    )

    from (unpivot flagged on columns(* exclude (delivery_path, delivery_row)) into name finding value is_so) where is_so
) to 'finding.parquet' (format parquet, compression zstd, compression_level 1);
