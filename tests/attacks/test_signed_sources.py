"""A source that signs what it sends cannot be forged, not even by whoever rules the ledger."""

import json
import secrets
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace
from typer.testing import CliRunner

from domain.attestation import Attested, key_id_of, signed_text
from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from domain.kinds import KINDS
from intake.attesting import statement_digest
from intake.delivery import Delivery
from intake.grant import Grant, Right
from ledger.clock import utc_now
from ledger.verification.whole import check_range
from server.operator import OPERATOR
from server.program import program
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import SIZE, append
from tests.attacks.test_backups import lifecycle
from tests.attacks.test_bundles import check, resigned
from tests.attacks.test_doors import CLERK, delivery, send

PLATFORM = CLERK.actor.id
LATER = timedelta(minutes=3)


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def change_key(scene: Scene, key: Ed25519PrivateKey, act: str) -> None:
    payload = {
        "actor": PLATFORM,
        "act": act,
        "key_id": key_id_of(public(key)),
        "public_key": b64encode(public(key)).decode(),
    }
    told = delivery(
        f"key-{act}", kind="ActorKeyChanged", system="ledger", subject=None, payload=payload,
        reason="agreed with the platform", occurred_on="2026-01-01",
    )  # fmt: skip
    [receipt] = send(scene, told, grant=OPERATOR)
    assert receipt.status.value == "accepted", receipt


def signed(key: Ed25519PrivateKey, fact: Delivery) -> Delivery:
    signature = key.sign(signed_text(statement_digest(fact)))
    name = key_id_of(public(key))
    return replace(fact, attested=Attested(name, b64encode(signature).decode()))


def forged(record: str, attested: Attested | None = None) -> Draft:
    """Make a fact in the platform's name without its key, as whoever rules the server can."""
    return prepare(
        id="0190e1d3-0000-7000-8000-00000000f0f0",
        kind="LandDelivered",
        stream="project/p1",
        occurred_on="2024-06-30",
        actor=Actor(PLATFORM, CLERK.actor.org, CLERK.actor.role),
        source=Source("land", record),
        payload=KINDS["LandDelivered"].example,
        request_id="forged",
        salts=lambda: secrets.token_bytes(32),
        attested=attested,
        named=("project/p1", None),
    )


def later(scene: Scene, draft: Draft) -> None:
    append(scene.office.database, [draft], lambda: utc_now() + LATER)
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        scene.office.desk.sign(connection)


def test_a_source_that_signs_is_heard_only_with_its_signature(
    scene: Scene, key: Ed25519PrivateKey
) -> None:
    [before] = send(scene, delivery("S-0"))
    change_key(scene, key, "registered")
    good = signed(key, delivery("S-1"))
    stranger = Ed25519PrivateKey.generate()
    altered = replace(good, record_id="S-2", occurred_on="2024-06-29")
    newer = signed(key, delivery("S-1", record_version="2", occurred_on="2024-06-29"))

    receipts = send(
        scene, delivery("S-3"), good, good, signed(stranger, delivery("S-4")), altered, newer
    )
    change_key(scene, key, "revoked")
    [afterwards, unsigned] = send(scene, signed(key, delivery("S-5")), delivery("S-6"))

    assert before.status.value == "accepted"
    assert [(receipt.status.value, receipt.code) for receipt in receipts] == [
        ("rejected", "signature_missing"),
        ("accepted", None),
        ("duplicate", None),
        ("rejected", "signature_wrong"),
        ("rejected", "signature_wrong"),
        ("corrected", None),
    ]
    assert (afterwards.code, unsigned.status.value) == ("signature_wrong", "accepted")
    assert scene.verify().found == {}


@attack(
    45,
    "forge a source with the ledger's own key, without that of the source",
    "`lifecycle verify`: `attestations`",
)
@pytest.mark.parametrize("how", ["unsigned", "by another key", "with a signature of another fact"])
def test_a_forged_source_is_found(scene: Scene, key: Ed25519PrivateKey, how: str) -> None:
    change_key(scene, key, "registered")
    real = signed(key, delivery("S-1"))
    [receipt] = send(scene, real)
    assert receipt.status.value == "accepted"
    assert scene.verify().found == {}
    name = key_id_of(public(key))
    other = Ed25519PrivateKey.generate()
    attested = {
        "unsigned": None,
        "by another key": Attested(
            name, b64encode(other.sign(signed_text(statement_digest(real)))).decode()
        ),
        "with a signature of another fact": real.attested,
    }[how]

    later(scene, forged("S-2", attested))

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found == {"attestations": 1}
    assert check_range(scene.office.database, SIZE, SIZE + 3).findings.counts == verdict.found


def test_a_signature_of_somebody_without_a_key_is_found(
    scene: Scene, key: Ed25519PrivateKey
) -> None:
    """Nobody's facts need signing here, so it is the signature itself that must be looked at."""
    attested = signed(key, delivery("S-1")).attested
    assert attested is not None

    later(scene, forged("S-1", attested))

    assert scene.verify().found == {"attestations": 1}


def test_corrections_and_retractions_are_signed_too(scene: Scene, key: Ed25519PrivateKey) -> None:
    change_key(scene, key, "registered")
    first, other = (signed(key, delivery(record)) for record in ("S-1", "S-2"))
    correction = delivery(
        "S-3", kind="EventCorrected", subject=None, corrects="source:land/S-1", reason="misread",
        payload={"occurred_on": "2024-06-28"},
    )  # fmt: skip
    retraction = delivery(
        "S-4", kind="EventRetracted", subject=None, corrects="source:land/S-2", reason="a slip",
        payload={},
    )  # fmt: skip
    chief = with_all_rights(CLERK)

    taken = send(scene, first, other, signed(key, correction), signed(key, retraction), grant=chief)
    moved = replace(signed(key, retraction), record_id="S-5", corrects="source:land/S-1")
    [refused] = send(scene, moved, grant=chief)

    assert [receipt.status.value for receipt in taken] == ["accepted"] * 4
    assert refused.code == "signature_wrong"
    assert scene.verify().found == {}


def with_all_rights(grant: Grant) -> Grant:
    return Grant(grant.actor, frozenset(Right), grant.systems)


def test_a_bundle_shows_a_forged_source(
    scene: Scene, key: Ed25519PrivateKey, tmp_path: Path
) -> None:
    change_key(scene, key, "registered")
    send(scene, signed(key, delivery("S-1")))
    honest, false = tmp_path / "honest", tmp_path / "false"
    lifecycle(scene.office, "bundle", str(honest), "--project", "p1")
    later(scene, forged("S-2"))
    lifecycle(scene.office, "bundle", str(false), "--project", "p1")

    assert check(honest).code == 0
    assert check(false).found == {"bundle": 1}
    resigned(false, scene.prepared)
    assert check(false).code == 1


def test_names_in_a_signed_fact_may_be_erased(scene: Scene, key: Ed25519PrivateKey) -> None:
    change_key(scene, key, "registered")
    steward = {**KINDS["StewardAssigned"].example}
    told = delivery("S-1", kind="StewardAssigned", payload=steward)
    [receipt] = send(scene, signed(key, told))
    assert receipt.status.value == "accepted"
    assert scene.verify().found == {}

    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.person_names SET value = NULL, salt = NULL WHERE event = %s::uuid",
            [receipt.event_id],
        )

    # Nobody approved the erasure, which is found; the signature still holds for what is left.
    assert set(scene.verify().found) == {"erasures"}


def test_a_source_makes_its_key_and_signs_with_one_command(scene: Scene, tmp_path: Path) -> None:
    def command(*arguments: str, text: str = "") -> str:
        environment = {"DATABASE_URL": scene.office.database}
        given = [*arguments, *(() if "sign" in arguments else ("--json",))]
        result = CliRunner().invoke(program, given, env=environment, input=text)
        assert result.exit_code == 0, result.output
        return result.stdout

    file, folder = str(tmp_path / "key.pem"), str(scene.office.folder)
    told: dict[str, Any] = json.loads(command("attestation", "new-key", file))
    command(
        *("attestation", "register", OPERATOR.actor.id, "--public", told["public_key"]),
        *("--reason", "agreed", "--data", folder),
    )
    event = {
        "specversion": "1.0",
        "type": "LandDelivered",
        "source": "/sources/land",
        "id": "C-1#1",
        "subject": "project/p1",
        "occurredon": "2024-06-30",
        "data": KINDS["LandDelivered"].example,
    }
    lines = command("attestation", "sign", "-", "--key", file, text=json.dumps(event))
    appended = json.loads(command("append", "-", "--data", folder, text=lines))
    again = CliRunner().invoke(program, ["attestation", "new-key", file])

    assert "accepted" in json.dumps(appended)
    assert again.exit_code == 1
    assert scene.verify().found == {}
