"""Which project is kept for which others."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.identity import Link, kept_for, link_aliases, named

CODE = "2407-320582-89-01-729324"
NAMES = st.sampled_from("abcdef")
links = st.lists(
    st.builds(
        Link,
        NAMES,
        st.lists(NAMES, min_size=1, max_size=3).map(tuple),
        st.integers(0, 99).map(str),
    ),
    max_size=6,
    unique_by=lambda link: link.order_key,
)


def test_a_chain_ends_with_the_last_that_is_kept() -> None:
    assert kept_for([Link("b", ("c",), "1"), Link("a", ("b",), "2")]) == {"c": "a", "b": "a"}


def test_the_last_decision_counts_and_a_circle_keeps_nobody() -> None:
    assert kept_for([Link("a", ("c",), "1"), Link("b", ("c",), "2")]) == {"c": "b"}
    assert kept_for([Link("a", ("b",), "1"), Link("b", ("a",), "2")]) == {}


@given(links, st.randoms())
def test_who_is_kept_is_absorbed_by_nobody_and_order_does_not_matter(
    told: list[Link], chance: Random
) -> None:
    kept = kept_for(told)
    shuffled = list(told)
    chance.shuffle(shuffled)

    assert set(kept.values()).isdisjoint(kept)
    assert kept_for(shuffled) == kept


def test_what_a_link_absorbs_has_one_form() -> None:
    assert named(CODE) == named(f"code:{CODE}") == f"code:{CODE}"
    given = {"kind": "project", "absorb": [CODE, "XM-18", "source:approval/1"]}
    assert link_aliases(given) == (f"code:{CODE}", "project/XM-18", "source:approval/1")
    assert link_aliases(given | {"kind": "parcel"}) == ()
