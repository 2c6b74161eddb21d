"""The demonstration, with its revisions, corrections and repeats, raises no alarm."""

import asyncio
from pathlib import Path

from ledger.verification.signatures import Trust
from ledger.verification.verify import verify
from server.demonstration import Portfolio
from server.loading import load
from server.settings import Settings


def test_an_honest_demonstration_raises_no_alarm(database: str, tmp_path: Path) -> None:
    asyncio.run(load(Settings(data=tmp_path), database, Portfolio(seed=1, projects=200)))

    found = verify(database, lambda *_: None, Trust(), processes=1)
    assert found.ok, found.as_json()
    assert found.read["events"] > 1_000
    assert found.read["names"] > 1_000
