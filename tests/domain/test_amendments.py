from collections.abc import Sequence
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amendments import effective, fold_order, retracted, visible_facts
from domain.draft import SOURCE_REVISION
from domain.envelope import Recorded, Source
from domain.fact import Fact, order_key
from domain.flexdate import FlexDate
from domain.versions import version_key
from tests.domain.examples import drafted, identifier, recorded

STARTED = "2024-06-19"


def fact(number: int = 1, **changes: Any) -> Recorded:
    """Give a recorded start of construction."""
    given = {
        "id": identifier(number),
        "occurred_on": STARTED,
        "source": Source("town", f"{number}"),
    }
    return recorded(drafted("ConstructionStarted", **(given | changes)), number)


def correction(number: int, target: int, decided: str = "2024-07-01", **content: Any) -> Recorded:
    return _amendment("EventCorrected", number, target, decided, content)


def retraction(number: int, target: int, decided: str = "2024-07-01") -> Recorded:
    return _amendment("EventRetracted", number, target, decided, {})


def _amendment(
    kind: str, number: int, target: int, decided: str, content: dict[str, Any]
) -> Recorded:
    draft = drafted(
        kind,
        id=identifier(number),
        corrects=identifier(target),
        occurred_on=decided,
        source=Source("commission", f"{number}"),
        payload=content,
    )
    return recorded(draft, number)


def revision(number: int, version: str, **changes: Any) -> Recorded:
    """Give what the ledger appends for a newer version of the record of fact 1."""
    given = {"occurred_on": STARTED, "source": Source("town", "1", version)}
    newer = drafted("ConstructionStarted", **(given | changes))
    return recorded(
        newer.as_revision(identifier(1), id=identifier(number), decided_on="2024-06-30"), number
    )


def day(root: Recorded, *amendments: Recorded) -> str | None:
    found = effective(root, amendments)
    return None if found is None else found.occurred_on.text


def payload(**changes: Any) -> dict[str, Any]:
    return {"basis": "permit", "self_reported": False} | changes


def state(facts: Sequence[Fact]) -> list[Fact]:
    """Give facts without what depends on when they arrived."""
    return [msgspec.structs.replace(each, position=0, recorded_at=None) for each in facts]


def test_a_fact_alone_is_in_force_as_it_was_sent() -> None:
    root = fact(1, stream="project/one")

    found = effective(root, ())

    assert found is not None
    assert (found.id, found.cause, found.project) == (root.id, root.id, "one")
    assert (found.occurred_on, found.payload) == (root.occurred_on, root.payload)
    assert found.phase_id == "1"


def test_a_correction_replaces_date_or_payload_or_both() -> None:
    root = fact()

    assert day(root, correction(2, 1, occurred_on="2024-06-20")) == "2024-06-20"
    found = effective(root, [correction(2, 1, payload=payload(phase_id="2"))])
    assert found is not None
    assert (found.payload["phase_id"], found.phase_id) == ("2", "2")
    assert found.occurred_on.text == STARTED
    assert (found.id, found.cause, found.source) == (root.id, identifier(2), root.source)


def test_a_corrections_payload_replaces_the_whole_payload() -> None:
    found = effective(fact(), [correction(2, 1, payload=payload(basis="filing"))])

    assert found is not None
    assert found.payload == payload(basis="filing")
    assert found.phase_id is None


def test_the_newest_decision_wins_not_the_last_to_arrive() -> None:
    early = correction(2, 1, "2024-07-01", occurred_on="2024-06-20")
    late = correction(3, 1, "2024-07-02", occurred_on="2024-06-21")

    assert day(fact(), early, late) == day(fact(), late, early) == "2024-06-21"


def test_each_part_is_taken_from_the_newest_correction_that_names_it() -> None:
    dated = correction(2, 1, "2024-07-01", occurred_on="2024-06-20")
    worded = correction(3, 1, "2024-07-02", payload=payload(basis="filing"))

    found = effective(fact(), [dated, worded])

    assert found is not None
    assert (found.occurred_on.text, found.payload["basis"]) == ("2024-06-20", "filing")
    assert found.cause == worded.id


def test_a_correction_of_a_correction_replaces_what_that_one_says() -> None:
    wrong = correction(2, 1, "2024-07-02", occurred_on="2024-06-20")
    right = correction(3, 2, "2024-07-01", occurred_on="2024-06-21")

    assert day(fact(), wrong, right) == "2024-06-21"


def test_a_correction_of_an_old_correction_does_not_outrank_a_newer_one() -> None:
    old = correction(2, 1, "2024-07-01", occurred_on="2024-06-20")
    newer = correction(3, 1, "2024-07-05", occurred_on="2024-06-22")
    late_touch = correction(4, 2, "2024-07-09", occurred_on="2024-06-21")

    assert day(fact(), old, newer, late_touch) == "2024-06-22"


def test_a_retraction_removes_and_its_retraction_restores() -> None:
    root, gone, back, gone_again = fact(), retraction(2, 1), retraction(3, 2), retraction(4, 3)

    assert effective(root, [gone]) is None
    assert day(root, gone, back) == STARTED
    assert effective(root, [gone, back, gone_again]) is None
    assert retracted(root, [gone]) == {root.id}
    assert retracted(root, [gone, back]) == {gone.id}
    assert retracted(root, [gone, back, gone_again]) == {root.id, back.id}


def test_a_retracted_correction_corrects_nothing_nor_do_its_own_corrections() -> None:
    wrong = correction(2, 1, occurred_on="2024-06-20")
    touched = correction(3, 2, occurred_on="2024-06-21")

    assert day(fact(), wrong, touched, retraction(4, 2)) == STARTED
    assert day(fact(), wrong, retraction(4, 2), retraction(5, 4)) == "2024-06-20"


def test_one_of_two_retractions_taken_back_is_not_enough() -> None:
    root = fact()

    assert effective(root, [retraction(2, 1), retraction(3, 1), retraction(4, 2)]) is None


def test_amendments_of_something_else_or_of_each_other_are_passed_over() -> None:
    strange = [
        correction(2, 7, occurred_on="2024-06-20"),
        retraction(3, 4),
        retraction(4, 3),
        retraction(5, 5),
    ]

    assert day(fact(), *strange) == STARTED
    assert [found.occurred_on.text for found in visible_facts([fact(), *strange])] == [STARTED]


def test_a_replacement_that_does_not_fit_the_fact_is_passed_over() -> None:
    unfit = correction(2, 1, payload={"area_mu": "5"}, occurred_on="2024-06-20")

    found = effective(fact(), [unfit])

    assert found is not None
    assert (found.payload, found.occurred_on.text) == (fact().payload, "2024-06-20")


def test_a_corrected_date_that_cannot_be_read_is_passed_over() -> None:
    broken = msgspec.structs.replace(
        correction(2, 1, occurred_on=STARTED), payload={"occurred_on": "soon"}
    )

    assert day(fact(), broken) == STARTED


def test_a_correction_keeps_the_proof_of_the_fact_unless_it_brings_its_own() -> None:
    root = fact(reason="visited")
    found = effective(root, [correction(2, 1, occurred_on="2024-06-20")])

    assert found is not None
    assert found.reason == "checked on site"
    assert found.evidence == root.evidence


def test_an_explicit_correction_lies_above_every_version_of_the_record() -> None:
    root = fact(1, source=Source("town", "1", "1"))
    decided = correction(2, 1, "2024-06-01", occurred_on="2024-06-20")
    newer = revision(3, "2", occurred_on="2024-06-25", payload=payload(basis="filing"))

    found = effective(root, [decided, newer])

    assert found is not None
    assert (found.occurred_on.text, found.payload["basis"]) == ("2024-06-20", "filing")


def test_an_explicit_correction_lies_above_a_version_that_was_corrected_itself() -> None:
    root = fact(1, source=Source("town", "1", "1"))
    words = {"occurred_on": "2024-06-20", "payload": payload(basis="filing")}
    decided = correction(2, 1, "2024-06-01", **words)
    newer = revision(3, "2", occurred_on="2024-06-25")
    later = {"occurred_on": "2024-06-27", "payload": payload(self_reported=True)}
    of_the_version = correction(4, 3, "2024-07-01", **later)

    found = effective(root, [decided, newer, of_the_version])

    assert found is not None
    assert (found.occurred_on.text, found.payload["basis"]) == ("2024-06-20", "filing")
    assert found.cause == decided.id


@pytest.mark.parametrize(
    "words",
    [
        {"occurred_on": "2024-06-25"},
        {"payload": payload(basis="filing")},
        {"payload": payload(basis="filing"), "occurred_on": "2024-06-25"},
        {"payload": {"basis": "no such basis"}, "occurred_on": "2024-06-25"},
        {"payload": {"basis": "no such basis"}},
        {"occurred_on": "no such day"},
    ],
)
def test_an_amendment_alone_means_what_it_means_among_others(words: dict[str, Any]) -> None:
    root, elsewhere = fact(1, source=Source("town", "1", "1")), retraction(9, 8)
    corrected = msgspec.structs.replace(correction(2, 1, payload=payload()), payload=words)
    revised = msgspec.structs.replace(revision(2, "2"), payload=words)

    for each in (corrected, revised):
        assert effective(root, [each]) == effective(root, [each, elsewhere])


def test_versions_of_a_record_are_ordered_by_version() -> None:
    root = fact(1, source=Source("town", "1", "1"))
    ninth = revision(2, "9", occurred_on="2024-06-20")
    tenth = revision(3, "10", occurred_on="2024-06-21")

    assert day(root, ninth, tenth) == day(root, tenth, ninth) == "2024-06-21"
    assert day(root, ninth, tenth, retraction(4, 3)) == "2024-06-20"


def test_a_newer_version_of_a_correction_replaces_it_as_a_whole() -> None:
    first = drafted(
        "EventCorrected",
        corrects=identifier(1),
        occurred_on="2024-07-05",
        source=Source("c", "9", "1"),
        payload={"occurred_on": "2024-06-20", "payload": payload(basis="filing")},
        id=identifier(2),
    )
    second = drafted(
        "EventCorrected",
        corrects=identifier(1),
        occurred_on="2024-07-01",
        source=Source("c", "9", "2"),
        payload={"occurred_on": "2024-06-21"},
        id=identifier(3),
    )
    other = correction(4, 1, "2024-07-03", occurred_on="2024-06-22")
    revised = second.as_revision(identifier(2), id=identifier(5), decided_on="2024-07-30")

    in_order = effective(fact(), [recorded(first), recorded(revised), other])
    newest_first = effective(fact(), [recorded(second), other])

    for found in (in_order, newest_first):
        assert found is not None
        assert (found.occurred_on.text, found.payload["basis"]) == ("2024-06-22", "permit")


VERSIONS = ["1", "2", "10"]
DAYS = {"1": "2024-06-19", "2": "2024-06-20", "10": "2024-06-21"}


@pytest.mark.parametrize("order", list(permutations([*VERSIONS, "correction", "retraction"])))
def test_any_order_of_arrival_gives_the_same_fact(order: tuple[str, ...]) -> None:
    """Append as the ledger does: the first version is the fact, a newer one revises it."""
    explicit = {
        "correction": correction(8, 1, payload=payload(basis="filing")),
        "retraction": retraction(9, 8),
    }
    root, held, amendments = None, "", []
    for position, item in enumerate(order, 1):
        if item in explicit:
            amendments.append(msgspec.structs.replace(explicit[item], position=position))
        elif root is None:
            root = fact(1, occurred_on=DAYS[item], source=Source("town", "1", item))
            held = item
        elif version_key(item) > version_key(held):
            held = item
            amendments.append(revision(position + 1, item, occurred_on=DAYS[item]))

    assert root is not None
    found = effective(root, amendments)

    assert found is not None
    assert (found.occurred_on.text, found.payload) == ("2024-06-21", fact().payload)


NUMBERS = st.integers(1, 9)
DATES = st.sampled_from(
    ["2024-06-19", "2024-06-20", "2024-06", "2024-Q2", "2024-06-20T10:00:00+08:00"]
)
CONTENTS = st.fixed_dictionaries(
    {"occurred_on": DATES},
    optional={"payload": st.sampled_from([payload(), payload(basis="filing"), {"unfit": 1}])},
)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """Draw facts 1 to 3 and amendments of anything, even of themselves and of what never comes."""
    events = [fact(number, occurred_on=draw(DATES)) for number in (1, 2, 3)]
    for number in range(4, draw(st.integers(4, 12))):
        target, decided = draw(NUMBERS), draw(DATES)
        if draw(st.booleans()):
            events.append(correction(number, target, decided, **draw(CONTENTS)))
        else:
            events.append(retraction(number, target, decided))
    return events


def arrived(events: Sequence[Recorded]) -> list[Recorded]:
    """Number events in the order given."""
    return [
        msgspec.structs.replace(event, position=position)
        for position, event in enumerate(events, 1)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(events: list[Recorded], random: Any) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)

    assert state(visible_facts(arrived(shuffled))) == state(visible_facts(arrived(events)))


@given(histories(), st.integers(0, 12))
def test_what_was_known_is_what_had_arrived(events: list[Recorded], known: int) -> None:
    known_then = visible_facts(arrived(events)[:known])

    assert visible_facts(arrived(events), known) == known_then


@given(histories(), NUMBERS, DATES, CONTENTS)
def test_an_amendment_and_its_retraction_cancel(
    events: list[Recorded], target: int, decided: str, content: dict[str, Any]
) -> None:
    for amendment in (correction(20, target, decided, **content), retraction(20, target, decided)):
        with_both = visible_facts([*events, amendment, retraction(21, 20, decided)])
        assert with_both == visible_facts(events)


@given(histories(), st.integers(1, 3))
def test_correcting_back_restores_what_was_said(events: list[Recorded], target: int) -> None:
    before = {found.id: found for found in visible_facts(events)}
    found = before.get(identifier(target))
    if found is None:
        return
    back = {"payload": found.payload, "occurred_on": found.occurred_on.text}
    away = correction(20, target, "2025-01-01", occurred_on="2023", payload=payload(phase_id="9"))
    reversal = correction(21, target, "2025-01-02", **back)

    after = {each.id: each for each in visible_facts([*events, away, reversal])}

    assert after[found.id].payload == found.payload
    assert after[found.id].order_key == found.order_key


@given(histories())
def test_facts_come_in_fold_order_and_retracted_ones_not_at_all(events: list[Recorded]) -> None:
    found = visible_facts(events)
    amendments = [event for event in events if event.corrects is not None]

    assert found == sorted(found, key=fold_order)
    for root in events[:3]:
        gone = root.id in retracted(root, amendments)
        assert gone is (root.id not in {each.id for each in found})
        assert gone is (effective(root, amendments) is None)


def test_a_long_chain_is_no_danger() -> None:
    chain = [retraction(number + 1, number) for number in range(1, 3001)]

    assert effective(fact(), chain) is not None
    assert effective(fact(), chain[:-1]) is None


def test_fold_order_is_day_then_precision_then_time_then_catalogue_then_record() -> None:
    source = Source("town", "2")
    keys = [
        order_key(FlexDate.parse(text), kind, record)
        for text, kind, record in [
            ("2024-06-01T00:00:00+08:00", "Commissioned", source),
            ("2024-06-01T09:00:00+08:00", "ProjectSigned", source),
            ("2024-06-01T02:00:00Z", "ProjectSigned", source),
            ("2024-06-01", "ProjectSigned", source),
            ("2024-06-01", "LandAwarded", source),
            ("2024-06-01", "LandAwarded", Source("town", "10")),
            ("2024-06-01", "LandAwarded", Source("village", "1")),
            ("2024-06", "ProjectRegistered", source),
            ("2024-06-02", "ProjectRegistered", source),
        ]
    ]

    assert [key.encode() for key in keys] == sorted(key.encode() for key in keys)


def test_a_revision_says_so() -> None:
    found = effective(fact(1, source=Source("town", "1", "1")), [revision(2, "2")])

    assert found is not None
    assert found.reason == SOURCE_REVISION
