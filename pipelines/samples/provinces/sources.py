"""Which module writes the provinces' deliveries of a source."""

from collections.abc import Callable, Iterator

from pipelines.samples.deliver import Delivery
from pipelines.samples.provinces import assisted, estates, homes, ledger, nurseries, people, returns

DELIVERIES: dict[str, Callable[[], Iterator[Delivery]]] = {
    "population": people.deliveries,
    "agency_returns": returns.deliveries,
    "communities": ledger.deliveries,
    "elderly_facilities": homes.deliveries,
    "childcare_facilities": nurseries.deliveries,
    "residential_projects": estates.deliveries,
    "assistance_roster": assisted.roster_deliveries,
    "care_contacts": assisted.contact_deliveries,
}
