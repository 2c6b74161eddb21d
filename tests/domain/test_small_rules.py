"""Rules that need a line or two each: regions, codes, names, milestones, receipts, errors."""

import pickle
from decimal import Decimal

import pytest

from domain.district_names import NAMES
from domain.districts import _COUNTIES
from domain.errors import (
    Conflict,
    LedgerError,
    Malformed,
    NotFound,
    Refused,
    UnknownFormat,
    shortened,
)
from domain.fact import phase_of, project_of
from domain.industry import industry_beginning
from domain.kinds import KINDS
from domain.milestones import Milestone, reached
from domain.person_name import COMMITMENT_PREFIX, readable_name, seal
from domain.project_code import is_project_code
from domain.receipt import Receipt, Status, refusal
from domain.regions import lies_in, region_beginning, region_code, region_prefix, significant

OTHER_MARKS = {
    "premises_secured",
    "permit_applied",
    "permit_issued",
    "simulated_approval_opened",
    "suspended",
    "resumed",
    "withdrawn",
    "terminated",
    "start_verified",
    "equipment_installed",
}


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("2407-320582-89-01-729324", True),
        ("2109-320552-89-01-218790", True),
        ("2020-320582-39-03-512345", True),
        ("2413-320582-89-01-729324", False),
        ("2400-320582-89-01-729324", False),
        ("2407-320582-89-01-72932", False),
        ("240732058289017293240000", False),
        ("２407-320582-89-01-729324", False),
        ("2407-320582-89-01-729324\n", False),
    ],
)
def test_a_project_code_has_the_present_or_the_older_form(code: str, *, valid: bool) -> None:
    assert is_project_code(code) is valid


def test_a_region_holds_what_begins_with_its_digits() -> None:
    assert lies_in("321181", "3211")
    assert lies_in("321181", "321100")
    assert lies_in("320582", "320000")
    assert lies_in("320552", "32")
    assert not lies_in("320412", "3211")
    assert significant("110000") == "11"
    assert significant("320500") == "3205"
    assert significant("320582") == "320582"


@pytest.mark.parametrize("wrong", ["", "3", "321", "990000", "32058a", 320582, None])
def test_what_is_no_region_is_refused(wrong: object) -> None:
    for read in (region_code, region_prefix):
        with pytest.raises(Malformed) as refused:
            read(wrong)
        assert refused.value.code == "invalid_region"
    assert region_prefix("3211") == "3211"


def test_a_commitment_tells_nothing_and_is_not_taken_for_a_name() -> None:
    commitment = seal("王某", bytes(32))

    assert commitment.startswith(COMMITMENT_PREFIX)
    assert len(commitment) == len(COMMITMENT_PREFIX) + 64
    assert seal("王某", bytes([1]) * 32) != commitment
    assert readable_name("王某") == "王某"
    with pytest.raises(Malformed):
        readable_name(commitment.upper())


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_sets_milestones_and_known_marks_only(kind: str) -> None:
    marks = reached(kind, KINDS[kind].example)

    assert set(marks) <= {milestone.value for milestone in Milestone} | OTHER_MARKS
    assert all(type(mark) is str for mark in marks)


@pytest.mark.parametrize(
    ("kind", "change", "marks"),
    [
        ("AdmissionDecided", {"outcome": "pass"}, ("admitted",)),
        ("PhysicalProgressReported", {"element": "installation"}, ("equipment_installed",)),
        ("PhysicalProgressReported", {"element": "piling"}, ()),
        ("AdmissionDecided", {"outcome": "conditional"}, ("admitted",)),
        ("AdmissionDecided", {"outcome": "defer"}, ()),
        ("PermitIssued", {}, ("permit_issued", "construction_permit")),
        ("PermitIssued", {"permit_kind": "real_estate_title"}, ("permit_issued",)),
        ("PermitStatusReported", {}, ("permit_applied",)),
        ("PermitStatusReported", {"simulated": True}, ()),
        ("InvestmentReported", {}, ()),
        ("ConstructionStarted", {}, ("construction_started",)),
    ],
)
def test_what_a_fact_reaches_depends_on_what_it_says(
    kind: str, change: dict[str, object], marks: tuple[str, ...]
) -> None:
    assert reached(kind, KINDS[kind].example | change) == marks


def test_a_fact_names_its_phase_in_one_of_four_ways() -> None:
    assert phase_of("LandAwarded", {"phase_id": "2"}) == "2"
    assert phase_of("LandAwarded", {}) is None
    assert phase_of("PhaseDefined", {"ordinal": 2}) == "2"
    assert phase_of("ProjectSuspended", {"scope": "2"}) == "2"
    assert phase_of("ProjectSuspended", {"scope": "project"}) is None
    assert phase_of("TargetSet", {"scope": "3211"}) is None


def test_only_a_projects_stream_is_a_project() -> None:
    assert project_of("project/one") == "one"
    assert project_of("list/one") is None


def test_a_receipt_says_only_what_there_is_to_say() -> None:
    accepted = Receipt(Status.ACCEPTED, event_id="e", position=7)
    error = Malformed(code="invalid_date", cure="Give a date.", field="occurred_on", value="soon")

    assert accepted.as_json(0) == {
        "index": 0,
        "status": "accepted",
        "event_id": "e",
        "position": 7,
    }
    assert refusal(error).as_json(3) == {
        "index": 3,
        "status": "rejected",
        "code": "invalid_date",
        "field": "occurred_on",
        "value": "soon",
        "cure": "Give a date.",
    }
    assert refusal(error, Status.QUARANTINED).status == "quarantined"


def test_an_error_is_told_by_its_docstring_and_its_facts() -> None:
    class TooEarly(Refused):
        """{what} comes too early.

        Only the first paragraph is the message.
        """

        code = "too_early"
        cure = "Wait for {what}."

    error = TooEarly(what="The start", field="occurred_on", value="x" * 300)

    assert str(error) == "The start comes too early."
    assert error.cure == "Wait for The start."
    assert (error.code, error.field) == ("too_early", "occurred_on")
    assert error.value is not None
    assert len(error.value) == 200
    assert isinstance(error, LedgerError)
    assert NotFound(what="project", value="x").code == "not_found"
    assert Conflict().code == "conflict"


def test_a_malformed_field_is_placed_under_its_path() -> None:
    error = Malformed(code="wrong_unit", cure="Send yuan.", field="yuan", value=5)

    assert error.within("payload").within("data").field == "data.payload.yuan"
    assert Malformed(code="a", cure="B.").within("payload").field == "payload"
    assert str(error) == "yuan: Send yuan."


def test_any_value_can_be_shown() -> None:
    assert shortened("\ud800") == "\\ud800"
    assert shortened(10**5000) == "(int)"
    assert len(shortened("项" * 300)) == 200


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "true"), ([None, "a"], '[null, "a"]'), ({"a": Decimal("1.5")}, '{"a": "1.5"}')],
)
def test_a_refused_value_is_shown_as_it_was_sent(value, shown):
    assert shortened(value) == shown


def test_every_district_of_the_province_has_a_name():
    counties = {prefecture + own for prefecture, each in _COUNTIES.items() for own in each.split()}

    assert NAMES.keys() == counties | _COUNTIES.keys() | {f"{each}00" for each in _COUNTIES}
    assert (NAMES["320582"], NAMES["3205"], NAMES["320412"]) == ("张家港市", "苏州市", "武进区")
    assert all(name[-1] in "市区县" for name in NAMES.values())


@pytest.mark.parametrize(
    "error",
    [
        UnknownFormat(value=9),
        Malformed(code="invalid_value", cure="Write a number.", field="size", value="x"),
    ],
)
def test_an_error_reaches_another_process_as_it_is(error: LedgerError) -> None:
    told = pickle.loads(pickle.dumps(error))  # noqa: S301 - it was written here

    assert type(told) is type(error)
    for name in ("code", "field", "value", "cure", "facts", "args"):
        assert getattr(told, name) == getattr(error, name)


def test_questions_name_regions_and_industries_by_codes_or_their_beginnings() -> None:
    assert [region_beginning(code) for code in ("32", "32058", "320582")]
    assert [industry_beginning(code) for code in ("C", "39", "C39", "C3985")]
    for read, value in (
        (region_beginning, ""),
        (region_beginning, "3"),
        (region_beginning, "99"),
        (region_beginning, "苏州"),
        (industry_beginning, ""),
        (industry_beginning, "U"),
        (industry_beginning, "3"),
    ):
        with pytest.raises(Malformed):
            read(value)
