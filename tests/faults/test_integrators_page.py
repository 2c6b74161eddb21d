"""The integrator's page works as it stands, from its first command to its last."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from intake.registers.mapping import parse
from tests.faults.program import Server

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return [found[2] for found in BLOCK.finditer(text) if found[1] == language]


@pytest.mark.slow
def test_the_integrators_page_runs(common_server: Server, tmp_path: Path):
    script = "set -euo pipefail\n" + "\n".join(blocks("integrators.md", "sh"))
    environment = os.environ | {
        "LEDGER": common_server.address,
        "TOKEN": str(common_server.token),
        "DATABASE_URL": common_server.database,
        "LIFECYCLE_DATA": str(tmp_path),
        "PYTHONPATH": str(DOCS.parent),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=120,
    )

    said = done.stdout.decode()
    assert done.returncode == 0, said + done.stderr.decode()
    assert said.count('"status":"accepted"') >= 4 + 3
    assert '"accepted":2,"duplicate":0' in said
    assert "2 rows: 1 accepted, 1 rejected" in said
    assert "LandDelivered DEED-7003" in said
    assert "3 accepted" in said
    assert "fact,position,project," in said
    assert pq.read_table(tmp_path / "projects.parquet").num_rows >= 3
    assert len(list(tmp_path.glob("meeting_*.xlsx"))) == 1
    assert (tmp_path / "faults.xlsx").exists()


@pytest.mark.parametrize("text", blocks("registers.md", "toml"))
def test_the_mapping_on_the_page_can_be_read(text: str):
    mapping = parse(text)

    assert [fact.kind for fact in mapping.facts] == ["ConstructionStarted"]
