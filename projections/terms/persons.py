"""Put the names of persons back where read models hold commitments.

In SQL they are still locked: equal for the same person, and readable for whoever has the keys and
writes the answer.
"""


def name_of(commitment: str) -> str:
    """Give the name behind a commitment, null once it has been erased."""
    return f"(SELECT n.value FROM ledger.person_names n WHERE n.commitment = {commitment} LIMIT 1)"


def pseudonym_of(name: str) -> str:
    """Give what stands for a person without saying who it is; null where the name is null."""
    return f"split_part({name}, ':', 3)"
