"""Death rates by sex and band, and the abridged life table of the specification (§3) that they are calibrated with."""

from collections.abc import Sequence

from pipelines.samples.chance import below
from pipelines.samples.reference import BANAN, DAZHOU

# deaths per 100,000 by band of reference.BANDS: an invented schedule of the shape usual for China around 2020
MALE = (420, 48, 24, 30, 52, 62, 72, 98, 142, 215, 340, 530, 815, 1330, 2150, 3720, 6250, 10400, 18900)
FEMALE = (345, 40, 17, 20, 26, 27, 31, 42, 62, 101, 168, 270, 425, 740, 1290, 2440, 4450, 8050, 16400)
WIDTHS = (1, 4, *[5] * 16)
LIVED_BY_THE_DYING = (0.1, 1.6, *[2.5] * 16)  # §3: a0 = 0.1, a1-4 = 1.6, otherwise 2.5
LEVEL = {DAZHOU: 1.0286, BANAN: 0.86}  # Dazhou's makes e0 of 2020 round to the printed 77.54
YEARLY_DECLINE = 0.012


def rates(county: str, year: int) -> dict[str, list[float]]:
    """Sex → deaths per person and year by band; they fall by 1.2 % a year after 2020."""
    own = 0.96 + below(81, "mortality", county) / 1000  # counties differ by up to 4 %
    level = LEVEL[BANAN if county == BANAN else DAZHOU] * own * (1 - YEARLY_DECLINE) ** (year - 2020)
    return {"male": [rate * level / 1e5 for rate in MALE], "female": [rate * level / 1e5 for rate in FEMALE]}


def life_expectancy(deaths: Sequence[float], persons: Sequence[float]) -> float:
    """e0 in years from deaths and mean persons by band, both sexes together."""
    alive, years = 1.0, 0.0
    for n, a, dead, people in zip(WIDTHS, LIVED_BY_THE_DYING, deaths, persons, strict=False):
        rate = dead / people
        dying = alive * min(1.0, n * rate / (1 + (n - a) * rate))
        years += n * (alive - dying) + a * dying
        alive -= dying
    return years + alive * persons[-1] / deaths[-1]
