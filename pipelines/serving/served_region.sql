-- All regions of the release, in the shape in which disclosure control takes those of a publication: the server shows
-- more than an edition does, every region down to the towns.
create or replace temp table published_region as
with governed as (

    select distinct
        ancestry.period,
        ancestry.region_code,
        documents.scope_region
    from reference.document as documents
    inner join reference.region_ancestor as ancestry on documents.scope_region = ancestry.ancestor_code

)

select distinct
    regions.period,
    regions.region_code,
    regions.region_name,
    regions.level as region_level,
    -- the nation is its own parent in the register
    nullif(regions.parent_code, regions.region_code) as parent_code,
    governed.scope_region
from reference.region_year as regions
left join governed on regions.period = governed.period and regions.region_code = governed.region_code
where regions.level <> 'village'
