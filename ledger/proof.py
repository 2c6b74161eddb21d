"""Inclusion and consistency proofs of RFC 6962: which subtrees they name, and how they are checked.

A proof is a list of hashes, each the root over a range of leaves. Which ranges
those are follows from index and sizes alone; `ledger.tiles` finds their
hashes. Checking follows the steps of RFC 9162, 2.1.3.2 and 2.1.4.2, and asks
for nothing but the proof.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Refused
from ledger.tree import HASH_BYTES, node_hash


class Range(NamedTuple):
    """Neighbouring leaves, from the index `start` up to but not including `end`."""

    start: int
    end: int


class BeyondTree(Refused):
    """A tree of {size} events has no {what} {value}."""

    code = "beyond_tree"
    cure = "Ask for something between 1 and {size}."

    def __init__(self, *, what: str, value: int, size: int) -> None:
        """Name what was asked for, and how large the tree is."""
        if size < 1:
            self.cure = "Nothing is recorded yet; ask again once something is."
        super().__init__(what=what, value=value, size=size)


class ReversedSizes(Refused):
    """A proof leads from a tree to a larger one, not from {old} to {new}."""

    code = "reversed_sizes"
    field = "from"
    cure = "Name the smaller size first."


class ProofFails(Refused):
    """The proof does not lead to the expected hash: {reason}."""

    code = "proof_fails"
    field = "proof"
    cure = "Ask for the proof again; if it fails again, keep both and ask the ledger's auditors."


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Give the siblings on the way from a leaf to the root, from the leaf upwards.

    Raises BeyondTree.
    """
    if not 0 <= index < size:
        raise BeyondTree(what="position", value=index + 1, size=size)
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_of(end - start)
        if index < middle:
            ranges.append(Range(middle, end))
            end = middle
        else:
            ranges.append(Range(start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Give the subtrees that show that a tree continues a smaller one.

    Raises BeyondTree and ReversedSizes.
    """
    if old > new:
        raise ReversedSizes(old=old, new=new, value=old)
    if old < 1:
        raise BeyondTree(what="size", value=old, size=new)
    ranges = []
    start, end, is_known = 0, new, True
    while end != old:
        middle = start + _left_of(end - start)
        if old <= middle:
            ranges.append(Range(middle, end))
            end = middle
        else:
            ranges.append(Range(start, middle))
            start, is_known = middle, False
    # The old root is known to whoever checks, unless it had to be taken apart.
    return ([] if is_known else [Range(start, end)]) + ranges[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in a tree. Raises BeyondTree and ProofFails."""
    if not 0 <= index < size:
        raise BeyondTree(what="position", value=index + 1, size=size)
    _check_hashes(proof, len(inclusion_ranges(index, size)))
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            # Past the right border some levels have no sibling.
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if computed != root:
        raise ProofFails(reason=f"expected the root {root.hex()}, came to {computed.hex()}")


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree continues a smaller one. Raises BeyondTree, ReversedSizes, ProofFails."""
    _check_hashes(proof, len(consistency_ranges(old, new)))
    if old == new:
        if old_root != new_root:
            raise ProofFails(reason=f"two different trees of {old} events")
        return
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if node & 1 or node == last:
            first = node_hash(sibling, first)
            second = node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if first != old_root:
        raise ProofFails(reason=f"expected the old root {old_root.hex()}, came to {first.hex()}")
    if second != new_root:
        raise ProofFails(reason=f"expected the new root {new_root.hex()}, came to {second.hex()}")


def _check_hashes(proof: Sequence[bytes], wanted: int) -> None:
    """Refuse a proof of another length, or with something else than hashes."""
    if len(proof) != wanted:
        raise ProofFails(reason=f"expected {wanted} hashes, got {len(proof)}")
    if any(len(part) != HASH_BYTES for part in proof):
        raise ProofFails(reason=f"a hash has {HASH_BYTES} bytes")


def _left_of(count: int) -> int:
    """Give how many of several leaves lie in the left subtree: the largest power of two below."""
    return 1 << ((count - 1).bit_length() - 1)
