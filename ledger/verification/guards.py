"""Check that the database still refuses what it must: triggers, columns, constraints, rights.

What is expected is read from the shipped migrations, so a guard that was
rewritten shows as much as one that was switched off.
"""

import re
from typing import Any

from psycopg import Connection

from ledger.connection import APPLICATION_ROLE
from ledger.migrate import migrations
from ledger.verification.columns import COLUMNS
from ledger.verification.constraints import CONSTRAINTS
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
_REFUSED = ("UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_FUNCTION = re.compile(
    rb"CREATE (?:OR REPLACE )?FUNCTION ledger\.(\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL
)


def check_guards(connection: Connection[Any], findings: Findings) -> int:
    """Check all guards, and give how many there are."""
    checks = (_triggers, _event_triggers, _functions, _columns, _constraints, _rights, _rules)
    return sum(check(connection, findings) for check in checks)


def _triggers(connection: Connection[Any], findings: Findings) -> int:
    """Check that each table has its triggers, always on, and no others."""
    rows = connection.execute(
        "SELECT c.relname, t.tgname, t.tgenabled::text, t.tgtype::int, p.proname,"
        " t.tgqual IS NULL AND t.tgnargs = 0 AND t.tgattr = '' AND p.pronargs = 0"
        " AND p.pronamespace = c.relnamespace"
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


def _event_triggers(connection: Connection[Any], findings: Findings) -> int:
    """Refuse what runs when somebody connects or alters a table, unless an extension brought it."""
    rows = connection.execute(
        "SELECT evtname FROM pg_event_trigger AS t WHERE NOT EXISTS (SELECT FROM pg_depend AS d"
        " WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e')"
    ).fetchall()
    for (name,) in rows:
        findings.add("guards", f"the database has an event trigger that is not ours: {name}")
    return 0


def _columns(connection: Connection[Any], findings: Findings) -> int:
    """Check that each table has its columns and no others: types, what may be absent, defaults."""
    rows = connection.execute(
        "SELECT c.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),"
        " 'COLLATE ' || nullif(l.collname, 'default'),"
        " CASE WHEN a.attnotnull THEN 'NOT NULL' END,"
        " CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY' END,"
        " CASE a.attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' END"
        "  || pg_get_expr(d.adbin, d.adrelid))"
        " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " LEFT JOIN pg_collation AS l ON l.oid = a.attcollation"
        " LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)"
        " WHERE c.relnamespace = 'ledger'::regnamespace AND c.relname = ANY (%s)"
        " AND a.attnum > 0 AND NOT a.attisdropped",
        [list(GROWING)],
    ).fetchall()
    found = {(table, name): told for table, name, told in rows}
    wanted = {(table, name): told for table in GROWING for name, told in COLUMNS[table].items()}
    for table, name in found.keys() - wanted.keys():
        findings.add("guards", f"{table} has a column that is not ours: {name}")
    for (table, name), told in wanted.items():
        seen = found.get((table, name), "missing")
        if seen != told:
            findings.add("guards", f"the column {name} of {table} is {seen}, not {told}")
    return len(wanted)


def _functions(connection: Connection[Any], findings: Findings) -> int:
    """Compare the functions of the schema with those of the migrations."""
    expected: dict[str, str] = {}
    for migration in migrations():
        expected |= {
            name.decode(): body.decode() for name, body in _FUNCTION.findall(migration.sql)
        }
    rows = connection.execute(
        "SELECT proname, min(prosrc), count(*) = 1 AND bool_and(proconfig IS NULL)"
        " FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace GROUP BY proname"
    ).fetchall()
    found = {name: body for name, body, plain in rows if plain}
    for name, body in expected.items():
        if found.get(name) != body:
            findings.add("guards", f"the function ledger.{name} is not as it was made")
    for name in {row[0] for row in rows} - expected.keys():
        findings.add("guards", f"the schema has a function that is not ours: {name}")
    return len(expected)


def _constraints(connection: Connection[Any], findings: Findings) -> int:
    """Check that each table has its constraints, that they say the same and hold for all rows."""
    rows = connection.execute(
        "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)"
        " FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid"
        " LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')"
        " WHERE c.relnamespace = 'ledger'::regnamespace AND k.convalidated"
        " AND NOT k.condeferrable AND coalesce(i.indisunique AND i.indisvalid, true)"
    ).fetchall()
    found = {(table, name): definition for table, name, definition in rows}
    wanted = {(table, name): each for table in GROWING for name, each in CONSTRAINTS[table].items()}
    for (table, name), definition in wanted.items():
        if (table, name) not in found:
            findings.add("guards", f"the constraint {name} on {table} is missing")
        elif found[table, name] != definition:
            message = f"the constraint {name} on {table} is not as it was made: "
            findings.add("guards", message + found[table, name])
    return len(wanted)


def _rights(connection: Connection[Any], findings: Findings) -> int:
    """Check that the application's role may insert and select only, by whatever way it has rights.

    Rights may come from everybody's, from another role, or be for single columns.
    """
    rows = connection.execute(
        "SELECT c.relname, p.name, bool_or(has_table_privilege(r.oid, c.oid, p.name)"
        " OR p.name IN ('UPDATE', 'REFERENCES')"
        " AND has_any_column_privilege(r.oid, c.oid, p.name))"
        " FROM pg_roles AS a JOIN pg_roles AS r ON pg_has_role(a.oid, r.oid, 'MEMBER')"
        " CROSS JOIN pg_class AS c CROSS JOIN unnest(%s::text[]) AS p (name)"
        " WHERE a.rolname = %s AND c.relnamespace = 'ledger'::regnamespace"
        " AND c.relname = ANY (%s) GROUP BY c.relname, p.name",
        [list(_REFUSED), APPLICATION_ROLE, list(GROWING)],
    ).fetchall()
    for table, right, may in rows:
        if may:
            findings.add("guards", f"the role {APPLICATION_ROLE} may {right} {table}")
    return len(rows)


def _rules(connection: Connection[Any], findings: Findings) -> int:
    """Refuse what would answer or store something else: rules, row security, tables that inherit.

    So is a table that the database empties after a crash.
    """
    rows = connection.execute(
        "SELECT c.relname, NOT c.relhasrules AND NOT c.relrowsecurity AND c.relkind = 'r'"
        " AND c.relpersistence = 'p' AND NOT EXISTS (SELECT FROM pg_inherits AS i"
        " WHERE c.oid IN (i.inhparent, i.inhrelid)) FROM pg_class AS c"
        " WHERE c.relnamespace = 'ledger'::regnamespace AND c.relname = ANY (%s)",
        [list(GROWING)],
    ).fetchall()
    for table in set(GROWING) - {row[0] for row in rows}:
        findings.add("guards", f"the table {table} is missing")
    for table, is_plain in rows:
        if not is_plain:
            findings.add("guards", f"{table} is not the plain table it was made as")
    return len(rows)
