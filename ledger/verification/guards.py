"""Check that the database still refuses what it must refuse: triggers, constraints, rights.

What is expected is read from the shipped migrations, so a guard that was
rewritten shows as much as one that was switched off.
"""

import re
from typing import Any

from psycopg import Connection

from ledger.connection import APPLICATION_ROLE
from ledger.migrate import migrations
from ledger.verification.finding import Findings

GROWING = (
    "events",
    "heads",
    "tiles",
    "aliases",
    "mentions",
    "person_names",
    "checkpoints",
    "cosignatures",
    "quarantine",
    "quarantine_decisions",
    "superseded",
    "register_versions",
    "tokens",
    "token_revocations",
    "pending",
    "denials",
    "erasures",
    "batches",
    "batch_parts",
    "batch_rows",
)
"""The tables that nobody may change or empty."""
ROWS_CHANGED = {
    "person_names": ("only_erasure", "allow_erasure_only"),
    "batch_rows": ("only_emptying", "allow_emptying_only"),
}
"""Of these one change is let through, which a trigger looks at."""

_ALWAYS = "A"
# Bits of pg_trigger.tgtype: before, and for which statements.
_BEFORE, _DELETE, _UPDATE, _TRUNCATE = 2, 8, 16, 32
_ROW = 1
CONSTRAINTS = {
    "events": {
        "events_pkey",
        "events_id_key",
        "events_stream_version_key",
        "events_position_check",
        "events_version_check",
        "events_content_digest_check",
        "events_bytes_check",
        "leaf_hash_is_of_bytes",
    },
    "heads": {"heads_pkey", "heads_previous_key", "heads_check", "heads_edge_check"},
    "tiles": {"tiles_pkey", "tiles_hashes_check", "tiles_index_check", "tiles_level_check"},
    "person_names": {"person_names_pkey", "erased_together", "only_locked"},
    "aliases": {"aliases_pkey"},
    "mentions": {"mentions_pkey"},
    "checkpoints": {"checkpoints_pkey", "checkpoints_origin_size_verifier_key_key"},
    "cosignatures": {"cosignatures_pkey", "cosignatures_size_check"},
    "quarantine": {"quarantine_pkey", "quarantine_digest_key", "quarantine_draft_key"},
    "quarantine_decisions": {"quarantine_decisions_pkey"},
    "superseded": {
        "superseded_pkey",
        "superseded_draft_key",
        "superseded_content_digest_check",
        "superseded_source_key_record_version_content_digest_key",
    },
    "register_versions": {
        "register_versions_pkey",
        "register_versions_version_check",
        "register_versions_digest_check",
    },
    "tokens": {"tokens_pkey", "tokens_hash_key", "tokens_points_check"},
    "token_revocations": {"token_revocations_pkey"},
    "denials": {"denials_pkey", "denials_times_check"},
    "erasures": {"erasures_pkey"},
    "batches": {"batches_pkey", "batches_door_check"},
    "batch_parts": {"batch_parts_pkey", "batch_parts_counts_check", "batch_parts_first_check"},
    "batch_rows": {"batch_rows_pkey"},
    "pending": {"pending_pkey", "pending_event_key"},
}
_ALLOWED = {"INSERT", "SELECT"}
_FUNCTION = re.compile(
    rb"CREATE (?:OR REPLACE )?FUNCTION ledger\.(\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL
)


def check_guards(connection: Connection[Any], findings: Findings) -> int:
    """Check all guards, and give how many there are."""
    checks = (_triggers, _functions, _constraints, _rights, _rules)
    return sum(check(connection, findings) for check in checks)


def _triggers(connection: Connection[Any], findings: Findings) -> int:
    """Check that each table has its triggers, always on, and no others."""
    rows = connection.execute(
        "SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, p.proname,"
        " t.tgqual IS NULL AND t.tgnargs = 0"
        " FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " JOIN pg_proc AS p ON p.oid = t.tgfoid"
        " WHERE c.relnamespace = 'ledger'::regnamespace AND NOT t.tgisinternal"
    ).fetchall()
    found = {(table, name): tuple(rest) for table, name, *rest in rows}
    expected: dict[tuple[str, str], tuple[object, ...]] = {}
    for table in GROWING:
        changes = _DELETE | _TRUNCATE | (0 if table in ROWS_CHANGED else _UPDATE)
        expected[table, "only_grows"] = (_ALWAYS, _BEFORE | changes, "refuse_change", True)
    for table, (name, function) in ROWS_CHANGED.items():
        expected[table, name] = (_ALWAYS, _ROW | _BEFORE | _UPDATE, function, True)
    for (table, name), wanted in expected.items():
        if found.get((table, name)) != wanted:
            state = "is missing" if (table, name) not in found else "is not as it was made"
            findings.add("guards", f"the trigger {name} on {table} {state}")
    for table, name in found.keys() - expected.keys():
        if table in GROWING:
            findings.add("guards", f"{table} has a trigger that is not ours: {name}")
    return len(expected)


def _functions(connection: Connection[Any], findings: Findings) -> int:
    """Compare the functions of the schema with those of the migrations."""
    expected: dict[str, str] = {}
    for migration in migrations():
        expected |= {
            name.decode(): body.decode() for name, body in _FUNCTION.findall(migration.sql)
        }
    rows = connection.execute(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace"
    ).fetchall()
    found = dict(rows)
    for name, body in expected.items():
        if found.get(name) != body:
            findings.add("guards", f"the function ledger.{name} is not as it was made")
    for name in found.keys() - expected.keys():
        findings.add("guards", f"the schema has a function that is not ours: {name}")
    return len(expected)


def _constraints(connection: Connection[Any], findings: Findings) -> int:
    """Check that each table has its constraints and that they hold for all rows."""
    rows = connection.execute(
        "SELECT c.relname, k.conname, k.convalidated AND NOT k.condeferrable"
        " FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid"
        " WHERE c.relnamespace = 'ledger'::regnamespace"
    ).fetchall()
    found = {(table, name) for table, name, holds in rows if holds}
    wanted = [(table, name) for table, names in CONSTRAINTS.items() for name in sorted(names)]
    for table, name in wanted:
        if (table, name) not in found:
            findings.add("guards", f"the constraint {name} on {table} is missing")
    return len(wanted)


def _rights(connection: Connection[Any], findings: Findings) -> int:
    """Check that the application's role may insert and select only."""
    rows = connection.execute(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND table_schema = 'ledger' AND table_name = ANY (%s)",
        [APPLICATION_ROLE, list(GROWING)],
    ).fetchall()
    for table, right in rows:
        if right not in _ALLOWED:
            findings.add("guards", f"the role {APPLICATION_ROLE} may {right} {table}")
    return len(rows)


def _rules(connection: Connection[Any], findings: Findings) -> int:
    """Refuse rules and row security, which would answer or store something else."""
    rows = connection.execute(
        "SELECT c.relname, c.relhasrules, c.relrowsecurity, c.relkind::text FROM pg_class AS c"
        " WHERE c.relnamespace = 'ledger'::regnamespace AND c.relname = ANY (%s)",
        [list(GROWING)],
    ).fetchall()
    for table in set(GROWING) - {row[0] for row in rows}:
        findings.add("guards", f"the table {table} is missing")
    for table, has_rules, has_security, kind in rows:
        if has_rules or has_security or kind not in {"r", "p"}:
            findings.add("guards", f"{table} is not the plain table it was made as")
    return len(rows)
