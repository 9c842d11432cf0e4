-- Which regions are published, year by year: what a document governs, down to its counties; beneath a county that has a
-- document of its own, its towns as well; a town that has one.
create or replace temp table published_region as
select distinct
    regions.period,
    regions.region_code,
    regions.region_name,
    regions.level as region_level,
    regions.parent_code,
    documents.scope_region
from reference.document as documents
inner join reference.region_ancestor as ancestry on documents.scope_region = ancestry.ancestor_code
inner join reference.region_year as regions
    on ancestry.region_code = regions.region_code and ancestry.period = regions.period
where
    regions.period <= $year
    and (
        regions.level not in ('town', 'village')
        or (regions.level = 'town' and documents.scope_region in (regions.parent_code, regions.region_code))
    )
