"""A superuser changes the database; `lifecycle verify` finds it and ends with code 1."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.clock import TOLERANCE, utc_now
from ledger.verification.signatures import Trust
from ledger.verification.verify import verify
from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import settle
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import SIGNED, SIZE, append, fact, flipped

VERIFY = "`lifecycle verify`: "


def test_an_honest_ledger_raises_no_alarm(scene: Scene) -> None:
    verdict = scene.verify("--models", "--against", scene.keep())

    assert (verdict.code, verdict.found) == (0, {}), verdict.messages


def test_a_ledger_that_is_written_to_meanwhile_raises_no_alarm(scene: Scene) -> None:
    def go_on(_done: int, _total: int) -> None:
        append(scene.office.database, [fact(1, "LandDelivered")], utc_now)
        scene.office.sign()

    trust = Trust(last=scene.office.desk.last)
    found = verify(scene.office.database, go_on, trust, processes=1)

    assert found.read["checkpoints"] == len(SIGNED) + 1
    assert (found.read["events"], found.findings.first) == (SIZE, [])


@attack(1, "change the bytes of an event", VERIFY + "`leaf_hash`")
def test_changed_bytes_are_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'),"
            " 'bureau', 'office'), 'UTF8') WHERE position = 17"
        )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"leaf_hash", "tiles"}


@attack(2, "change bytes and hash, guards dropped and put back", VERIFY + "`heads`, the tiles too")
@pytest.mark.parametrize("position", [17, 599])
def test_changed_bytes_with_their_hash_are_found(scene: Scene, position: int) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'),"
            " 'bureau', 'office'), 'UTF8') WHERE position = %s",
            [position],
        )
        connection.execute(
            "UPDATE ledger.events SET leaf_hash = sha256('\\x00'::bytea || bytes)"
            " WHERE position = %s",
            [position],
        )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() & {"tiles", "heads"}


COLUMNS = {
    "stream": "'project/another'",
    "kind": "'Commissioned'",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "source_key": "source_key || '1'",
    "record_version": "'9'",
    "version_key": "'0019'",
    "content_digest": "sha256('')",
    "corrects": "gen_random_uuid()",
    "id": "gen_random_uuid()",
}


@attack(3, "change any other column of an event", VERIFY + "`columns`, `content_digest`")
def test_every_changed_column_is_found(scene: Scene) -> None:
    for place, (column, value) in enumerate(COLUMNS.items(), 21):
        with scene.unguarded() as connection:
            connection.execute(
                f"UPDATE ledger.events SET {column} = {value} WHERE position = {place}".encode()
            )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found["columns"] == len(COLUMNS) - 1
    assert verdict.found["content_digest"] >= 1


@attack(4, "change only a read model", VERIFY + "`models`, with `--models`")
def test_a_changed_read_model_is_found(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        connection.execute("UPDATE read.investments SET ytd = ytd + 1 WHERE position = 24")

    verdict = scene.verify("--models")
    assert (verdict.code, verdict.found) == (1, {"models": 1})


@attack(54, "replace an adopted policy by another file", VERIFY + "`models`, with `--models`")
def test_a_replaced_policy_is_found(scene: Scene) -> None:
    adoption = fact(1, "PolicyAdopted", stream="policy/colour/example")
    append(scene.office.database, [adoption], lambda: datetime(2025, 1, 1, tzinfo=UTC))
    Runner(scene.office.database, VIEWS).catch_up()
    assert scene.verify("--models").found == {}
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        replaced = connection.execute(
            "UPDATE read.policies SET body = replace(body, '2024-12-31', '2030-12-31'),"
            " effective_to = '2030-12-31', sha256 = encode(sha256('other'), 'hex')"
        )
    assert replaced.rowcount == 1

    verdict = scene.verify("--models")
    assert (verdict.code, verdict.found) == (1, {"models": 1})


SETTLED = {
    "a colour": "UPDATE read.project_spans SET colour = 'red', judged = 'red'"
    " WHERE ctid = (SELECT min(ctid) FROM read.project_spans WHERE colour <> 'red')",
    "a node": "DELETE FROM read.node_spans"
    " WHERE ctid = (SELECT min(ctid) FROM read.node_spans WHERE known_to > 9e18)",
    "a title": "UPDATE read.card_spans SET title = 'Another'"
    " WHERE ctid = (SELECT min(ctid) FROM read.card_spans WHERE known_to > 9e18)",
    "a first day": "UPDATE read.life_spans SET firsts[1] = firsts[1] + 1"
    " WHERE ctid = (SELECT min(ctid) FROM read.life_spans WHERE known_to > 9e18)",
    "a finding": "INSERT INTO read.findings SELECT l.project, 'en', 'R01', 'violation', 'violated',"
    " NULL, 'It is said.', NULL, '{1}', l.known_from, l.known_to FROM read.life_spans l"
    " WHERE ctid = (SELECT min(ctid) FROM read.life_spans WHERE known_to > 9e18)",
    "a board": "UPDATE read.board_pages SET red[9] = red[9] + 1",
}


@pytest.mark.parametrize("what", SETTLED.values(), ids=SETTLED.keys())
def test_what_was_settled_otherwise_is_found(scene: Scene, what: str) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        settle(connection, SIZE)
        honest = scene.verify("--models")
        connection.execute(what.encode())

    verdict = scene.verify("--models")

    assert honest.found == {}
    assert json.loads(honest.messages.removesuffix("None"))["read"]["judged_projects"] > 0
    assert (verdict.code, verdict.found.keys()) == (1, {"models"})


@attack(5, "delete an event in the middle", VERIFY + "`positions`")
def test_a_deleted_event_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute("DELETE FROM ledger.events WHERE position = 300")

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"positions", "stream_versions"}


@attack(6, "delete an event and renumber those after it", VERIFY + "`stream_versions`, `tiles`")
def test_renumbered_events_are_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute("DELETE FROM ledger.events WHERE position = 300")
        for step, after in ((5_000, 300), (-5_001, 5_000)):
            connection.execute(
                "UPDATE ledger.events SET position = position + %s WHERE position > %s",
                [step, after],
            )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"stream_versions", "stream_chain", "tiles", "heads"}


@attack(7, "swap two events", VERIFY + "`tiles`, `heads`")
def test_swapped_events_are_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        for before, after in ((101, 5_000), (102, 101), (5_000, 102)):
            connection.execute(
                "UPDATE ledger.events SET position = %s WHERE position = %s", [after, before]
            )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"tiles", "heads"}


CUT = (
    "DELETE FROM ledger.events WHERE position > 550",
    "DELETE FROM ledger.heads WHERE size > 550",
    "DELETE FROM ledger.tiles WHERE (index + 1) * 256 ^ (level + 1) > 550",
    "DELETE FROM ledger.aliases WHERE position > 550",
    "DELETE FROM ledger.mentions WHERE position > 550",
    (
        "DELETE FROM ledger.person_names AS n"
        " WHERE NOT EXISTS (SELECT FROM ledger.events AS e WHERE e.id = n.event)"
    ),
)


@attack(8, "cut the tail off and keep the checkpoints", VERIFY + "`checkpoints`")
def test_a_cut_tail_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        for statement in CUT:
            connection.execute(statement.encode())

    verdict = scene.verify()
    assert (verdict.code, set(verdict.found)) == (1, {"checkpoints"})


@attack(
    9,
    "cut the tail off with the checkpoints over it",
    VERIFY + "`checkpoints`, from the file outside",
)
def test_a_cut_tail_without_its_checkpoints_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        for statement in (*CUT, "DELETE FROM ledger.checkpoints WHERE size > 550"):
            connection.execute(statement.encode())

    verdict = scene.verify()
    assert (verdict.code, set(verdict.found)) == (1, {"checkpoints"})


@attack(10, "overwrite a full tile", VERIFY + "`tiles`")
@pytest.mark.parametrize(
    ("overwriting", "found"),
    [
        (
            f"UPDATE ledger.tiles SET hashes = {flipped('hashes', 4000)} WHERE index = 1",
            {"tiles": 1},
        ),
        # The tiles above are made from the root that is kept beside the hashes; a column that is
        # computed must become another one to be overwritten.
        (
            (
                "ALTER TABLE ledger.tiles ALTER COLUMN root DROP EXPRESSION;"
                f" UPDATE ledger.tiles SET root = {flipped('root', 4)} WHERE index = 1"
            ),
            {"tiles": 1, "guards": 1},
        ),
    ],
    ids=["hashes", "root"],
)
def test_an_overwritten_tile_is_found(
    scene: Scene, overwriting: str, found: dict[str, int]
) -> None:
    with scene.unguarded() as connection:
        connection.execute(overwriting.encode())

    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, found)


@attack(11, "overwrite the right edge, from which partial tiles follow", VERIFY + "`heads`")
def test_an_overwritten_edge_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            f"UPDATE ledger.heads SET edge = {flipped('edge', 40)} WHERE size IN (250, 550)"
        )

    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, {"heads": 2})


UNGUARDING = [
    "CREATE FUNCTION ledger.other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE ledger.events DISABLE TRIGGER only_grows",
    "ALTER TABLE ledger.heads ENABLE TRIGGER only_grows",
    "ALTER TABLE ledger.tokens ENABLE REPLICA TRIGGER only_grows",
    "ALTER TABLE ledger.register_versions DISABLE TRIGGER only_grows",
    "ALTER TABLE ledger.superseded DROP CONSTRAINT superseded_draft_key",
    "DROP TRIGGER only_erasure ON ledger.person_names",
    "ALTER TABLE ledger.events DROP CONSTRAINT leaf_hash_is_of_bytes",
    "ALTER TABLE ledger.heads DROP CONSTRAINT heads_previous_key",
    (
        "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'"
    ),
    (
        "CREATE TRIGGER more BEFORE INSERT ON ledger.events FOR EACH ROW"
        " EXECUTE FUNCTION ledger.allow_erasure_only()"
    ),
    "GRANT UPDATE ON ledger.events TO ledger_app",
    "CREATE RULE silent AS ON INSERT TO ledger.checkpoints DO INSTEAD NOTHING",
    "ALTER TABLE ledger.events ENABLE ROW LEVEL SECURITY",
    (
        "ALTER TABLE ledger.tiles DROP CONSTRAINT tiles_hashes_check;"
        " ALTER TABLE ledger.tiles ADD CONSTRAINT tiles_hashes_check CHECK (true)"
    ),
    (
        "ALTER TABLE ledger.tokens DROP CONSTRAINT tokens_hash_key;"
        " ALTER TABLE ledger.tokens ADD CONSTRAINT tokens_hash_key UNIQUE (hash, id)"
    ),
    (
        "CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OF size OR DELETE OR TRUNCATE"
        " ON ledger.cosignatures EXECUTE FUNCTION ledger.refuse_change();"
        " ALTER TABLE ledger.cosignatures ENABLE ALWAYS TRIGGER only_grows"
    ),
    (
        "CREATE SCHEMA other; CREATE FUNCTION other.refuse_change() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE OR REPLACE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON ledger.batches EXECUTE FUNCTION other.refuse_change();"
        " ALTER TABLE ledger.batches ENABLE ALWAYS TRIGGER only_grows"
    ),
    "CREATE FUNCTION ledger.allow_erasure_only(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "GRANT UPDATE (edge) ON ledger.heads TO ledger_app",
    "GRANT DELETE ON ledger.tiles TO PUBLIC",
    "CREATE TABLE other.more () INHERITS (ledger.aliases)",
    "ALTER TABLE ledger.erasures SET UNLOGGED",
    "ALTER TABLE ledger.events ALTER content_digest DROP NOT NULL",
    "ALTER TABLE ledger.erasures ALTER erased_at SET DEFAULT '2020-01-01'",
    "ALTER TABLE ledger.checkpoints ALTER number SET GENERATED BY DEFAULT",
    "ALTER TABLE ledger.aliases ADD more int DEFAULT 1",
    'ALTER TABLE ledger.batches ALTER actor TYPE text COLLATE "C"',
    (
        "CREATE FUNCTION other.entered() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        " CREATE EVENT TRIGGER entering ON ddl_command_end EXECUTE FUNCTION other.entered()"
    ),
    (
        "CREATE TABLE other.pg_trigger AS SELECT * FROM pg_trigger;"
        " DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = other, pg_catalog',"
        " current_database()); END$$; ALTER TABLE ledger.mentions DISABLE TRIGGER only_grows"
    ),
]


@attack(12, "leave guards switched off, changed or beside others", VERIFY + "`guards`")
def test_missing_guards_are_found(scene: Scene) -> None:
    found = 0
    for statement in UNGUARDING:
        with psycopg.connect(scene.office.database, autocommit=True) as connection:
            connection.execute(statement.encode())

        verdict = scene.verify()
        assert (verdict.code, set(verdict.found)) == (1, {"guards"}), statement
        assert verdict.found["guards"] > found, statement
        found = verdict.found["guards"]


@attack(13, "date an append back", VERIFY + "`recorded_at`")
def test_a_time_that_goes_back_is_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET recorded_at = recorded_at - interval '1 day',"
            " bytes = convert_to(replace(convert_from(bytes, 'UTF8'),"
            " to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),"
            " to_char(recorded_at AT TIME ZONE 'UTC' - interval '1 day', 'YYYY-MM-DD')), 'UTF8')"
            " WHERE position = 400"
        )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"recorded_at", "leaf_hash"}


@attack(62, "date an append into the future", VERIFY + "`recorded_at`")
def test_a_time_that_has_not_come_yet_is_found(scene: Scene) -> None:
    append(scene.office.database, [fact(1, "LandDelivered")], utc_now)
    assert scene.verify().found == {}
    append(
        scene.office.database,
        [fact(2, "LandDelivered")],
        lambda: utc_now() + TOLERANCE + timedelta(minutes=1),
    )

    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, {"recorded_at": 1})
    assert "has not come yet" in verdict.messages


@attack(
    14,
    "change or drop an alias, a mention, a person's name",
    VERIFY + "`aliases`, `mentions`, `names`",
)
def test_changed_side_tables_are_found(scene: Scene) -> None:
    with scene.unguarded() as connection:
        for statement in (
            "UPDATE ledger.aliases SET stream = 'project/p3' WHERE position = 2",
            (
                "DELETE FROM ledger.mentions WHERE position = (SELECT min(position)"
                " FROM ledger.mentions)"
            ),
            (
                "UPDATE ledger.person_names AS n SET value = o.value, salt = o.salt"
                " FROM ledger.person_names AS o, ledger.events AS e, ledger.events AS f"
                " WHERE e.position = 1 AND n.event = e.id AND f.position = 15 AND o.event = f.id"
            ),
            "ALTER TABLE ledger.person_names DROP CONSTRAINT only_locked",
            (
                "UPDATE ledger.person_names SET value = '李某' WHERE event ="
                " (SELECT id FROM ledger.events WHERE position = 22)"
            ),
            (
                "DELETE FROM ledger.person_names WHERE event ="
                " (SELECT id FROM ledger.events WHERE position = 8)"
            ),
            *(
                "INSERT INTO ledger.person_names SELECT e.id, '" + path + "', commitment, salt,"
                " value FROM ledger.events AS e, (SELECT * FROM ledger.person_names LIMIT 1) AS n"
                " WHERE position = 9"
                for path in ("{actor,name}", "{payload,name}")
            ),
        ):
            connection.execute(statement.encode())

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found == {"aliases": 2, "mentions": 1, "names": 5, "guards": 1}
    assert "lies readable in the database" in verdict.messages
    assert "a name at {payload,name} of event " in verdict.messages


@attack(15, "let a person's name vanish without an approved erasure", VERIFY + "`erasures`")
def test_an_erasure_that_nobody_approved_is_found(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        connection.execute(
            "UPDATE ledger.person_names SET value = NULL, salt = NULL WHERE event ="
            " (SELECT id FROM ledger.events WHERE position = 1)"
        )

    verdict = scene.verify()
    assert (verdict.code, set(verdict.found)) == (1, {"erasures"})


@attack(
    16, "feed an unknown version: of the format, a kind, a schema", VERIFY + "`unknown_version`"
)
def test_an_unknown_version_is_refused(scene: Scene) -> None:
    with scene.unguarded() as connection:
        for position, old, new in (
            (200, '"format":1,', '"format":2,'),
            (201, '"kind":"', '"kind":"Un'),
            (202, '"schema_version":1,', '"schema_version":9,'),
            (203, '"schema_version"', '"schema_versio"'),
        ):
            connection.execute(
                "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes,"
                " 'UTF8'), %s, %s), 'UTF8') WHERE position = %s",
                [old, new, position],
            )

    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found["unknown_version"] == 3
    assert verdict.found["unreadable_event"] == 1


@attack(17, "show an empty ledger, or none at all", VERIFY + "`empty`, `unreadable`")
def test_an_empty_ledger_proves_nothing(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute("TRUNCATE ledger.events, ledger.heads, ledger.tiles")

    assert scene.verify().found.keys() >= {"empty", "checkpoints"}
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        connection.execute("DROP TABLE ledger.tiles")
        connection.execute("DROP TABLE ledger.heads CASCADE")
    verdict = scene.verify()
    assert verdict.code == 1
    assert verdict.found.keys() >= {"empty", "unreadable"}


def test_a_head_that_cannot_be_read_is_a_doubt_and_no_crash(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute("UPDATE ledger.heads SET edge = substring(edge FOR 32) WHERE size = 600")

    verdict = scene.verify()
    assert verdict.code == 1
    assert "unreadable" in verdict.found
    assert "full subtrees" in verdict.messages
