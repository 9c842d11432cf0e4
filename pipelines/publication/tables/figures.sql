select
    figures.indicator_key,
    figures.variant,
    figures.region_code,
    figures.period,
    figures.region_name,
    figures.region_level,
    figures.indicator_name,
    figures.unit,
    registry.decimals,
    figures.numerator,
    figures.denominator,
    figures.value,
    figures.extreme,
    figures.coverage_n,
    figures.coverage_m,
    figures.obs_status,
    figures.conf_status,
    figures.note
from marts.indicator_value as figures
inner join reference.indicator as registry on figures.indicator_key = registry.indicator_key
semi join published_region as regions
    on figures.region_code = regions.region_code and figures.period = regions.period
order by figures.indicator_key, figures.variant, figures.region_code, figures.period
