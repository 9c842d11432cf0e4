"""The slice as a pandas script. usage: pandas_slice.py LANDED OUT: LANDED holds a Parquet file a source."""

import json
import sys
import time
from pathlib import Path

import pandas as pd

INSTITUTIONS = ["welfare_home", "tekun_home", "county_tekun_home", "regional_centre", "nursing_home", "embedded_home"]
RATIOS = [
    ("nursing_bed_share", "inst_nursing_beds", "inst_beds", 100),
    ("inclusive_bed_share", "inclusive_inst_beds", "inst_beds", 100),
    ("institution_star1_share", "inst_star1plus", "inst_count", 100),
    ("childcare_places_per_1000", "childcare_places", "pop_total", 1000),
    ("childcare_private_share", "childcare_inst_private", "childcare_inst", 100),
    ("population_60plus_share", "pop_60plus", "pop_total", 100),
    ("population_65plus_share", "pop_65plus", "pop_total", 100),
    ("home_community_service_coverage", "comm_home_service", "comm_all", 100),
    ("visit_system_coverage", "comm_visit_system", "comm_all", 100),
    ("community_daycare_coverage", "comm_daycare", "comm_citytown", 100),
]
CELL = ["county_code", "period"]


def in_service(rows):
    months = rows["delivery_period"]
    opened, closed = (pd.to_datetime(rows[name]).dt.strftime("%Y-%m") for name in ("opened_on", "closed_on"))
    return (rows["status"] == "operating") & ~(opened > months) & ~(closed <= months)


def summed(rows, **flags):
    return rows.assign(**flags).groupby(CELL, as_index=False)[list(flags)].sum()


def main(landed: Path, out: Path) -> None:
    regions = pd.read_parquet(landed / "regions.parquet")
    regions = regions[regions["level"].isin(["province", "prefecture", "county"])]
    parents, level = (regions.set_index("region_code")[name] for name in ("parent_code", "level"))
    in_prefecture = regions[regions["parent_code"].map(level) == "prefecture"]
    ancestor = pd.concat(
        [
            regions["region_code"].to_frame().assign(ancestor_code=regions["region_code"]),
            regions[regions["level"] != "province"][["region_code", "parent_code"]].set_axis(
                ["region_code", "ancestor_code"], axis=1
            ),
            in_prefecture[["region_code"]].assign(ancestor_code=in_prefecture["parent_code"].map(parents)),
        ]
    )  # fmt: skip

    homes = pd.read_parquet(landed / "elderly_facilities.parquet")
    homes = homes[in_service(homes) & (homes["beds"] >= 10) & homes["facility_type"].isin(INSTITUTIONS)]
    yearly = homes[homes["delivery_period"].str.endswith("-12")]
    yearly = yearly.assign(period=yearly["delivery_period"].str[:4])
    nurseries = pd.read_parquet(landed / "childcare_facilities.parquet")
    nurseries = nurseries[nurseries["delivery_period"].str.endswith("-12")]
    nurseries = nurseries[in_service(nurseries)]
    nurseries = nurseries.assign(period=nurseries["delivery_period"].str[:4])
    institution = nurseries["facility_type"] != "home_point"
    places = pd.read_parquet(landed / "communities.parquet").rename(columns={"delivery_period": "period"})
    people = pd.read_parquet(landed / "population.parquet").rename(
        columns={"delivery_period": "period", "region_code": "county_code"}
    )
    citytown = places["community_type"] != "village"
    measures = [
        summed(
            yearly, inst_beds=yearly["beds"], inst_nursing_beds=yearly["nursing_beds"],
            inclusive_inst_beds=yearly["beds"] * yearly["inclusive"], inst_count=1,
            inst_star1plus=yearly["star_grade"] != "none",
        ),
        summed(
            nurseries, childcare_places=nurseries["places"], childcare_inst=institution,
            childcare_inst_private=institution & (nurseries["ownership"] == "private"),
        ),
        summed(
            places, comm_all=1, comm_home_service=places["has_home_service"],
            comm_visit_system=places["has_visit_system"], comm_citytown=citytown,
            comm_daycare=citytown & places["has_daycare"],
        ),
        summed(
            people, pop_total=people["population"], pop_60plus=people["population"] * (people["age_from"] >= 60),
            pop_65plus=people["population"] * (people["age_from"] >= 65),
        ),
    ]  # fmt: skip
    by_county = measures.pop()
    for measure in measures:
        by_county = by_county.merge(measure, on=CELL, how="left")
    above = by_county.merge(ancestor, left_on="county_code", right_on="region_code").drop(
        columns=["county_code", "region_code"]
    )
    by_region = above.groupby(["ancestor_code", "period"], as_index=False).sum(numeric_only=True).fillna(0)
    indicators = pd.concat(
        pd.DataFrame(
            {
                "indicator_key": key,
                "region_code": by_region["ancestor_code"],
                "period": by_region["period"],
                "numerator": by_region[numerator].astype(float),
                "denominator": by_region[denominator].astype(float),
                "value": by_region[numerator] * multiplier / by_region[denominator].where(by_region[denominator] != 0),
            }
        )
        for key, numerator, denominator, multiplier in RATIOS
    )
    indicators.to_parquet(out / "indicator.parquet")

    ledger = pd.read_parquet(landed / "subsidy_ledger.parquet")
    # cents, since sums of doubles would not be exact
    cents = (ledger["amount"].astype(float) * 100).round().astype("int64")
    paid = ledger.assign(
        cents=cents.where(ledger["payment_status"] == "paid", -cents.abs()),
        facility_id=ledger["facility_id"].fillna("_Z"),
        period=ledger["service_month"].fillna(ledger["delivery_period"]),
    )
    key = ["programme_code", "facility_id", "period"]
    payment = paid.groupby(key, as_index=False).agg(paid_cents=("cents", "sum"), entries=("cents", "size"))
    payment.to_parquet(out / "payment.parquet")

    persons = ledger[ledger["person_id"].notna()][["programme_code", "county_code", "service_month", "person_id"]]
    persons = persons.merge(ancestor, left_on="county_code", right_on="region_code")
    counted = persons.groupby(["programme_code", "ancestor_code", "service_month"], as_index=False)[
        "person_id"
    ].nunique()
    counted.set_axis(["programme_code", "region_code", "period", "persons"], axis=1).to_parquet(out / "person.parquet")

    due = homes[(homes["residents"] * 2 >= homes["beds"]) & (homes["local_residents"] > 0)]
    due = pd.DataFrame(
        {
            "programme_code": "BANAN-S5",
            "facility_id": due["facility_id"],
            "period": due["delivery_period"],
            "due_cents": due["local_residents"].astype("int64") * 5000,
        }
    )
    audit = due.merge(payment, on=key, how="outer", indicator=True)
    audit["difference_cents"] = audit["paid_cents"].fillna(0) - audit["due_cents"].fillna(0)
    audit["finding"] = "consistent"
    audit.loc[audit["difference_cents"] < 0, "finding"] = "underpaid"
    audit.loc[audit["difference_cents"] > 0, "finding"] = "overpaid"
    audit.loc[audit["_merge"] == "right_only", "finding"] = "paid_without_due"
    audit.loc[audit["_merge"] == "left_only", "finding"] = "due_not_paid"
    audit.drop(columns=["_merge", "entries"]).to_parquet(out / "audit.parquet")


if __name__ == "__main__":
    began = time.perf_counter()
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    seconds = time.perf_counter() - began
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps({"seconds": seconds, "peak_mb": int(peak.split()[1]) // 1024}))
