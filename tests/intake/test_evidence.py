"""Documents that prove a fact are named so that everybody can find and read them."""

import pytest

from domain.errors import Malformed
from intake.evidence import evidence_of

DOCUMENT = {"id": "e", "title": "Permit", "sha256": "0A" * 32, "page": 3}


def test_a_document_is_read_with_its_digest_in_lower_case() -> None:
    (document,) = evidence_of([DOCUMENT])

    assert (document.sha256, document.page) == ("0a" * 32, 3)


@pytest.mark.parametrize("page", [0, 2**31, "3", True])
def test_a_page_is_a_number_that_every_reader_can_hold(page: object) -> None:
    with pytest.raises(Malformed) as caught:
        evidence_of([DOCUMENT | {"page": page}])

    assert caught.value.field == "evidence.0.page"
