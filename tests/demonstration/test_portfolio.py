"""A portfolio is what its line says, and its places share its projects."""

from collections import Counter

import pytest

from domain.errors import Malformed
from server.demonstration import Portfolio, books
from server.demonstration.noise_rates import NAMES, Noise
from server.demonstration.portfolio import LARGEST, PLACES, SMALLEST, USUAL
from server.demonstration.volumes import planted


@pytest.mark.parametrize("projects", [SMALLEST, 201, 999, USUAL, 2049, 77_777, LARGEST])
def test_the_places_share_all_projects(projects: int) -> None:
    portfolio = Portfolio(projects=projects)

    shares = {place: portfolio.share(place) for place in PLACES}

    assert sum(shares.values()) == projects
    assert all(shares[place] >= fewest for place, (fewest, _) in PLACES.items())


@pytest.mark.parametrize("projects", [SMALLEST - 1, LARGEST + 1, -5])
def test_other_sizes_are_refused(projects: int) -> None:
    with pytest.raises(Malformed) as refused:
        Portfolio(projects=projects)

    assert (refused.value.code, refused.value.field) == ("invalid_size", "projects")


def test_counts_grow_with_the_size_up_to_what_was_published() -> None:
    counts = [Portfolio(projects=size).count(222, 30) for size in (200, 300, 1000, 2048, 9000)]

    assert counts == sorted(counts)
    assert counts[0] >= 30
    assert counts[-2:] == [222, 222]


def test_a_portfolio_is_read_from_its_line() -> None:
    noise = Noise().changed("all=0.01").changed("lateness=90")
    portfolio = Portfolio(seed=-3, projects=500, noise=noise)

    assert Portfolio.read(portfolio.text) == portfolio
    assert Portfolio().text == "seed=2024 projects=2048"
    assert Portfolio.read(Portfolio().text) == Portfolio()


def test_every_rate_can_be_set() -> None:
    for name in NAMES:
        assert Noise().changed(f"{name}=0.5") != Noise()
    assert Noise().changed("duplicates=0").duplicates == 0


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("rain=0.5", "unknown_noise"),
        ("duplicates", "invalid_noise"),
        ("duplicates=", "invalid_noise"),
        ("duplicates=much", "invalid_noise"),
        ("duplicates=1.5", "invalid_noise"),
        ("duplicates=-0.1", "invalid_noise"),
        ("duplicates=nan", "invalid_noise"),
        ("lateness=401", "invalid_noise"),
        ("=0.5", "unknown_noise"),
    ],
)
def test_other_noise_is_refused(setting: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        Noise().changed(setting)

    assert refused.value.code == code
    assert refused.value.cure


def test_without_noise_everything_is_told_once() -> None:
    quiet = Portfolio(projects=200, noise=Noise().changed("all=0"))

    reports = Counter(report.kind for book in books(quiet) for report in book.reports)

    assert reports["EventCorrected"] == 0
    assert reports["EventRetracted"] == 1


@pytest.mark.parametrize(("projects", "seed"), [(200, 3), (450, 4)])
def test_every_project_is_registered_in_its_place(projects: int, seed: int) -> None:
    portfolio = Portfolio(projects=projects, seed=seed)

    registered: Counter[str] = Counter()
    told = 0
    records: set[tuple[str, str]] = set()
    codes: list[str] = []
    for book in books(portfolio):
        if book.region in PLACES:
            registered[book.region] += planted(book)
        for report in book.reports:
            told += 1
            records.add((report.system, report.record_id))
            if report.kind == "ProjectCodeAssigned":
                codes.append(report.data["code"])

    assert registered == {place: portfolio.share(place) for place in PLACES}
    assert len(records) == told
    assert len(codes) == len(set(codes))
