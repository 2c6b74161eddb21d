"""Measure the ledger beside its peers: what `lifecycle bench` runs."""

from server.bench.row import Row
from server.bench.suite import run_all

__all__ = ["Row", "run_all"]
