"""The tree agrees with the recursive definition of RFC 6962 and with its test vectors."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tree import EMPTY_ROOT, Edge, root_of

# The eight leaves and the roots over the first n of them that Certificate
# Transparency's reference implementation publishes.
ENTRIES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(number: int) -> bytes:
    """Give some leaf hash."""
    return sha256(b"\x00" + number.to_bytes(4, "big")).digest()


def defined_root(leaves: list[bytes]) -> bytes:
    """Give the root as RFC 6962 section 2.1 defines it, recursively."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + defined_root(leaves[:cut]) + defined_root(leaves[cut:])).digest()


def test_roots_equal_the_published_vectors() -> None:
    leaves = [sha256(b"\x00" + bytes.fromhex(entry)).digest() for entry in ENTRIES]

    assert [root_of(leaves[: n + 1]).hex() for n in range(8)] == ROOTS


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Edge().root() == EMPTY_ROOT == sha256(b"").digest()


def test_every_size_to_300_has_the_defined_root() -> None:
    leaves = [leaf(n) for n in range(300)]
    edge = Edge()
    for size in range(1, 301):
        edge = edge.extended([leaves[size - 1]])

        assert edge.root() == defined_root(leaves[:size])


@given(st.lists(st.integers(0, 40), max_size=8))
def test_any_batching_gives_the_same_edge(batches: list[int]) -> None:
    leaves = [leaf(n) for n in range(sum(batches))]
    edge, start = Edge(), 0
    for batch in batches:
        edge = edge.extended(leaves[start : start + batch])
        start += batch

    assert edge == Edge().extended(leaves)
    assert Edge.from_bytes(edge.size, edge.to_bytes()) == edge


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves"):
        Edge(3, (leaf(1),))
    with pytest.raises(ValueError, match="whole number"):
        Edge.from_bytes(1, b"short")
