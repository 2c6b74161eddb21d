"""Send a payload that must be refused, and see how."""

from typing import Any

import pytest

from domain.errors import Malformed
from domain.kinds import (
    validate_payload,
)


def refusal(kind: str, payload: Any) -> Malformed:
    with pytest.raises(Malformed) as refused:
        validate_payload(kind, payload)
    return refused.value
