"""Proofs agree with the recursive definition of RFC 6962, its vectors, and nothing else."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof import BeyondTree, ProofFails, ReversedSizes, check_consistency, check_inclusion
from ledger.tiles import Tile, consistency, edge_plan, inclusion, tiles_of
from ledger.tree import Edge, root_of

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
LEAVES = [sha256(b"\x00" + bytes.fromhex(entry)).digest() for entry in ENTRIES]
# Of Certificate Transparency's reference implementation, counted from index 0.
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LARGEST = 70_000
MANY = [sha256(b"\x00" + number.to_bytes(4, "big")).digest() for number in range(LARGEST)]


def tiles(leaves: list[bytes]) -> dict[Tile, bytes]:
    """Give all tiles of a tree, as the ledger stores and derives them."""
    levels = [leaves]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        full = range(0, len(below) // 256 * 256, 256)
        levels.append([root_of(below[start : start + 256]) for start in full])
    return {
        tile: b"".join(levels[tile.level][tile.number * 256 :][: tile.width])
        for tile in tiles_of(len(leaves))
    }


ALL = tiles(MANY)


def defined_root(leaves: list[bytes]) -> bytes:
    """Give MTH of RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + defined_root(leaves[:cut]) + defined_root(leaves[cut:])).digest()


def defined_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """Give PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < cut:
        return [*defined_path(index, leaves[:cut]), defined_root(leaves[cut:])]
    return [*defined_path(index - cut, leaves[cut:]), defined_root(leaves[:cut])]


def defined_proof(old: int, leaves: list[bytes], *, is_known: bool = True) -> list[bytes]:
    """Give SUBPROOF of RFC 6962, 2.1.2."""
    if old == len(leaves):
        return [] if is_known else [defined_root(leaves)]
    cut = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= cut:
        kept = defined_proof(old, leaves[:cut], is_known=is_known)
        return [*kept, defined_root(leaves[cut:])]
    inner = defined_proof(old - cut, leaves[cut:], is_known=False)
    return [*inner, defined_root(leaves[:cut])]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_equal_the_published_vectors(index: int, size: int) -> None:
    proof = inclusion(index, size).proof(tiles(LEAVES[:size]))

    assert [part.hex() for part in proof] == INCLUSION[index, size]
    check_inclusion(LEAVES[index], index, size, proof, root_of(LEAVES[:size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_equal_the_published_vectors(old: int, new: int) -> None:
    proof = consistency(old, new).proof(tiles(LEAVES[:new]))

    assert [part.hex() for part in proof] == CONSISTENCY[old, new]
    check_consistency(old, root_of(LEAVES[:old]), new, root_of(LEAVES[:new]), proof)


def test_all_proofs_of_small_trees_are_as_defined_and_hold() -> None:
    for new in range(1, 34):
        known, root = tiles(MANY[:new]), root_of(MANY[:new])
        for index in range(new):
            proof = inclusion(index, new).proof(known)
            assert proof == defined_path(index, MANY[:new])
            check_inclusion(MANY[index], index, new, proof, root)
        for old in range(1, new + 1):
            proof = consistency(old, new).proof(known)
            assert proof == defined_proof(old, MANY[:new])
            check_consistency(old, root_of(MANY[:old]), new, root, proof)


@given(st.data())
def test_proofs_over_several_levels_of_tiles_hold(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([255, 256, 257, 511, 65_535, 65_536, 65_537, LARGEST]))
    index = data.draw(st.integers(0, size - 1))
    known = {tile: hashes for tile, hashes in ALL.items() if tile.width == 256} | tiles_at(size)
    root = Edge(size, tuple(edge_plan(size).proof(known))).root()

    proof = inclusion(index, size).proof(known)
    check_inclusion(MANY[index], index, size, proof, root)
    old = Edge(index + 1, tuple(edge_plan(index + 1).proof(known | tiles_at(index + 1)))).root()
    check_consistency(index + 1, old, size, root, consistency(index + 1, size).proof(known))


def tiles_at(size: int) -> dict[Tile, bytes]:
    """Cut the partial tiles of a smaller tree out of those of the largest."""
    cut = {}
    for tile in tiles_of(size):
        source = max(other for other in ALL if other[:2] == tile[:2])
        cut[tile] = ALL[source][: tile.width * 32]
    return cut


@given(st.data())
def test_no_changed_proof_is_accepted(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = MANY[:size]
    root, path = root_of(leaves), defined_path(index, leaves)
    place = data.draw(st.integers(0, len(path) - 1))
    flipped = bytes([path[place][0] ^ 1]) + path[place][1:]
    for changed in (
        [*path[:place], flipped, *path[place + 1 :]],
        path[:-1],
        [*path, path[-1]],
        [*path[:place], b"short", *path[place + 1 :]],
    ):
        with pytest.raises(ProofFails):
            check_inclusion(leaves[index], index, size, changed, root)
    with pytest.raises(ProofFails):
        check_inclusion(leaves[index - 1], index, size, path, root)


@given(st.data())
def test_no_other_history_is_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    leaves = MANY[:new]
    other = [*leaves[:changed], MANY[-1], *leaves[changed + 1 :]]
    proof = defined_proof(old, other)

    check_consistency(old, root_of(other[:old]), new, root_of(other), proof)
    with pytest.raises(ProofFails):
        check_consistency(old, root_of(leaves[:old]), new, root_of(other), proof)
    with pytest.raises(ProofFails):
        check_consistency(old, root_of(other[:old]), new, root_of(leaves), proof)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: inclusion(8, 8), BeyondTree),
        (lambda: inclusion(-1, 8), BeyondTree),
        (lambda: consistency(9, 8), ReversedSizes),
        (lambda: consistency(0, 8), BeyondTree),
        (lambda: check_inclusion(LEAVES[0], 3, 3, [], LEAVES[0]), BeyondTree),
        (lambda: check_consistency(2, LEAVES[0], 2, LEAVES[1], []), ProofFails),
    ],
)
def test_impossible_questions_say_what_was_expected(
    ask: Callable[[], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask()
