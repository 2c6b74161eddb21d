"""What a project promises at its admission."""

from dataclasses import dataclass
from random import Random

from server.demonstration.book import Payload
from server.demonstration.money import YUAN, hundredths


@dataclass(frozen=True, slots=True)
class Terms:
    """The promises of one project; areas in tenths of a mu, rates in hundredths of 万元 a mu."""

    total_wan: int
    fixed_wan: int
    demand: int
    tax: int
    output: int
    supply: int = 0

    @property
    def intensity(self) -> int:
        """Give the fixed-asset investment a mu, in hundredths of 万元."""
        return self.fixed_wan * 1000 // self.demand

    def indicators(self) -> Payload:
        """Write the promises as the indicators of an application."""
        return {
            "total_investment": {"value": str(self.total_wan * YUAN), "unit": "元"},
            "fixed_asset_investment": {"value": str(self.fixed_wan * YUAN), "unit": "元"},
            "investment_intensity": {"value": hundredths(self.intensity), "unit": "万元/亩"},
            "tax_per_mu": {"value": hundredths(self.tax), "unit": "万元/亩"},
            "output_per_mu": {"value": hundredths(self.output), "unit": "万元/亩"},
        }


def usual_terms(random: Random, total_wan: int) -> Terms:
    """Draw plausible promises for a project of a size: land, tax and output in proportion."""
    fixed = int(total_wan * random.uniform(0.76, 0.9))
    demand = max(100, int(fixed / random.uniform(700, 1100) * 10))
    output = random.randint(90_000, 180_000)
    tax = int(output * random.uniform(0.052, 0.075))
    return Terms(total_wan, fixed, demand, tax, output, supply=demand)
