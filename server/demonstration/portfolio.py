"""What a demonstration is generated from: its seed, its size and its noise.

Four places share the projects. Each has as many as its planted figures need; what is left goes by
the weights of the usual size, in which every figure has the height that was published. A smaller
portfolio plants the same amounts, areas and rates over fewer projects; a larger one only adds
projects beside those that the figures are about.
"""

from dataclasses import dataclass, field
from datetime import date

from domain.errors import Malformed
from server.demonstration.noise_rates import Noise
from server.demonstration.numbers import split

SEED = 2024
IMPORTED = date(2025, 11, 3)
"""The day on which Nantong's history was told."""
USUAL = 2_048
SMALLEST, LARGEST = 200, 200_000

ZHANGJIAGANG, ZHENJIANG, WUJIN, NANTONG = "320582", "3211", "320412", "3206"
PLACES = {ZHANGJIAGANG: (90, 380), ZHENJIANG: (30, 416), WUJIN: (50, 821), NANTONG: (20, 431)}
"""The fewest projects of a place, and how many it has in a portfolio of the usual size."""
FEWEST = sum(fewest for fewest, _ in PLACES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """One portfolio; equal ones tell exactly the same. Raises Malformed for other sizes."""

    seed: int = SEED
    projects: int = USUAL
    noise: Noise = field(default_factory=Noise)

    def __post_init__(self) -> None:
        """Refuse a size that cannot hold the figures, or that nobody has tried."""
        if not SMALLEST <= self.projects <= LARGEST:
            raise Malformed(
                code="invalid_size",
                field="projects",
                value=self.projects,
                cure=f"Ask for {SMALLEST} to {LARGEST} projects.",
            )

    def __str__(self) -> str:
        """Write it as its line."""
        return self.text

    @property
    def text(self) -> str:
        """Write the portfolio in one line, as `read` reads it."""
        return f"seed={self.seed} projects={self.projects} {self.noise.text}".rstrip()

    @classmethod
    def read(cls, text: str) -> "Portfolio":
        """Read the line of a portfolio. Raises Malformed."""
        noise = Noise()
        numbers = {}
        for setting in text.split():
            name, _, value = setting.partition("=")
            if name in ("seed", "projects"):
                numbers[name] = int(value)
            else:
                noise = noise.changed(setting)
        return cls(noise=noise, **numbers)

    def share(self, place: str) -> int:
        """Say how many of the projects lie in a place."""
        more = split(self.projects - FEWEST, [usual - fewest for fewest, usual in PLACES.values()])
        shares = zip(PLACES.items(), more, strict=True)
        return next(fewest + rest for (code, (fewest, _)), rest in shares if code == place)

    def count(self, published: int, least: int) -> int:
        """Give the height of a planted count: as published, or less in a smaller portfolio."""
        if self.projects >= USUAL:
            return published
        return least + (published - least) * (self.projects - FEWEST) // (USUAL - FEWEST)
