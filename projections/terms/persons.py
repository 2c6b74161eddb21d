"""Put the names of persons back where read models hold commitments."""


def name_of(commitment: str) -> str:
    """Give the name behind a commitment, null once it has been erased."""
    return f"(SELECT n.value FROM ledger.person_names n WHERE n.commitment = {commitment} LIMIT 1)"
