"""Keep what tests write in memory, where making a database costs a tenth of what it does on a disk.

Programs are killed in these tests, the machine is not, so nothing that they prove needs a disk.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev", "shm")
_ENOUGH_BYTES = 4 * 2**30


def keep_in_memory() -> None:
    """Make temporary folders in memory, here and in programs started from here, if it has room."""
    if "TMPDIR" in os.environ or not _MEMORY.is_dir():
        return
    if shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
