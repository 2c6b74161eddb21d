"""What is remembered of projects is found again, whether it lies in memory or in the file."""

from hypothesis import given
from hypothesis import strategies as some

from domain.flexdate import FlexDate
from domain.plausibility import Claim, History
from intake.histories import Histories

STREAMS = some.sets(some.integers(0, 9).map("project/{}".format))


def history(signed_on: str) -> History:
    """Give a history in which every part says something."""
    told = History()
    yuan = {"yuan": 10**15}
    for kind, on, payload in (
        ("ProjectRegistered", "2024", {"district": "320582", "intended_investment": None}),
        ("ProjectSigned", signed_on, {"total_investment": yuan}),
        ("InvestmentReported", "2024-03", {"basis": "reported", "ytd": yuan}),
        ("ConstructionStarted", "2024-06-01T08:00:00+08:00", {}),
    ):
        told.add(Claim(kind, payload, FlexDate.parse(on), f"register/{kind}"), f"event-{kind}")
    return told


@given(
    near=some.integers(0, 4),
    steps=some.lists(some.tuples(STREAMS, some.booleans()), max_size=20),
)
def test_it_remembers_what_was_kept_last_until_it_is_taken(
    near: int, steps: list[tuple[set[str], bool]]
) -> None:
    histories, expected = Histories(near), dict[str, History]()

    for day, (streams, keeps) in enumerate(steps, 1):
        if keeps:
            kept = {stream: history(f"2024-01-{day:02}") for stream in streams}
            histories.keep(kept)
            expected |= kept
        else:
            taken = {stream: expected.pop(stream) for stream in streams & expected.keys()}
            assert histories.take(streams) == taken

    assert histories.take([f"project/{number}" for number in range(10)]) == expected
