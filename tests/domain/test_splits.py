"""However projects are split and merged, what they had together stays together."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from domain.fact import Fact
from domain.splits import SPLIT, entry_changes, passed_investments, shared
from tests.judgement.facts import fact

NAMES = ("a", "b", "c", "d")


@given(
    total=st.integers(0, 10**12),
    parts=st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
)
def test_shares_add_up_to_the_total_and_keep_the_proportion(total: int, parts: list[int]) -> None:
    allocation = {str(place): part for place, part in enumerate(parts)}

    shares = shared(total, allocation)

    assert sum(shares.values()) == total
    assert list(shares) == list(allocation)
    whole = sum(parts)
    assert whole == 0 or all(
        abs(share * whole - total * part) < whole
        for share, part in zip(shares.values(), parts, strict=True)
    )


@st.composite
def splits(draw: st.DrawFn, on: str) -> Fact:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=3, unique=True))
    one, many = names[:1], names[1:] if draw(st.booleans()) else names[:2]
    merge = draw(st.booleans())
    sources, results = (many, one) if merge else (one, many)
    yuan = st.integers(0, 900).map(lambda amount: {"yuan": amount})
    return fact(
        SPLIT,
        on,
        sources[0],
        **{
            "operation": "merge" if merge else "split",
            "from": sources,
            "to": results,
            "allocation": {name: draw(yuan) for name in results},
        },
    )


@given(
    listed=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 1000), min_size=1),
    one=splits("2024-05-01"),
    two=splits("2024-09-01"),
)
def test_the_plan_of_a_list_is_the_same_after_any_splits(
    listed: dict[str, int], one: Fact, two: Fact
) -> None:
    facts = [
        fact("ProjectListed", "2024-01-10", name, list_id="m", annual_plan={"yuan": plan})
        for name, plan in listed.items()
    ]

    standing: dict[str, int] = defaultdict(int)
    for change in entry_changes([*facts, one, two]):
        standing[change.project] = 0 if change.act == "remove" else change.plan or 0

    assert sum(standing.values()) == sum(listed.values())


@given(
    ytd=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 1000), min_size=1),
    one=splits("2024-05-01"),
)
def test_what_was_invested_passes_on_whole(ytd: dict[str, int], one: Fact) -> None:
    facts = [
        fact("InvestmentReported", "2024-03", name, basis="reported", ytd={"yuan": amount})
        for name, amount in ytd.items()
    ]
    concerned = {*one.payload["from"], *one.payload["to"]}

    passed = passed_investments([*facts, one])

    touched = any(name in ytd for name in one.payload["from"])
    expected = sum(amount for name, amount in ytd.items() if name in concerned)
    assert sum(each.ytd for each in passed) == (expected if touched else 0)
