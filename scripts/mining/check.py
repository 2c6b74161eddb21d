"""Read an event log of ours with pm4py, mine it, and write and flatten it as others would.

Usage: check.py LOG. Ends with an error if pm4py does not find what is in the file.
"""

import json
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pm4py

BEIJING = ZoneInfo("Asia/Shanghai")


def main(path: Path) -> None:
    """Check the log at a path."""
    written = json.loads(path.read_text("utf-8"))
    log = pm4py.read_ocel2_json(str(path))

    assert len(log.events) == len(written["events"])
    related = {r["objectId"] for event in written["events"] for r in event["relationships"]}
    assert set(log.objects["ocel:oid"]) >= related
    qualified = {r["qualifier"] for event in written["events"] for r in event["relationships"]}
    assert set(log.relations["ocel:qualifier"]) == qualified
    days = dict(zip(log.events["ocel:eid"], log.events["ocel:timestamp"], strict=True))
    for event in written["events"]:
        # pm4py turns times into UTC; in Beijing they are of the day that the fact states.
        assert days[event["id"]].astimezone(BEIJING).date().isoformat() == event["time"][:10]
    assert len(log.object_changes) > 0
    assert len(log.o2o) > 0
    flat = pm4py.ocel_flattening(log, "project")
    durations = pm4py.get_all_case_durations(flat)
    graph = pm4py.discover_ocdfg(log)
    assert "project" in graph["object_types"]
    with tempfile.TemporaryDirectory() as folder:
        again = str(Path(folder) / "again.json")
        pm4py.write_ocel2_json(log, again)
        assert len(pm4py.read_ocel2_json(again).events) == len(log.events)
        xes = str(Path(folder) / "flat.xes")
        pm4py.write_xes(flat, xes)
        assert len(pm4py.read_xes(xes)) == len(flat)
    sys.stderr.write(
        f"ok      pm4py {pm4py.__version__}: {len(log.events)} events, {len(log.objects)} objects,"
        f" {len(log.object_changes)} changes, {len(durations)} projects flattened and back as XES\n"
    )


main(Path(sys.argv[1]))
