"""Find whatever has an id of its own in the whole ledger: a project, an event, a policy."""

from projections.terms.relation import Arguments, One, OneOf
from projections.terms.seen import believed, seen

_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _project(arguments: Arguments) -> str:
    name = arguments.bind("id", "text")
    return (
        "SELECT p.project AS id, '' AS sort_up, '' AS sort_down FROM read.projects p"
        f" WHERE p.project = {name} AND {seen('p')} LIMIT 1"
    )


def _event(arguments: Arguments) -> str:
    name = arguments.bind("id", "text")
    return (
        "SELECT e.position FROM ledger.events e WHERE e.position <= $known"
        f" AND e.id = (CASE WHEN {name} ~ '{_UUID}' THEN {name}::uuid END)"
    )


def _policy(arguments: Arguments) -> str:
    name = arguments.bind("id", "text")
    return (
        f"SELECT p.policy FROM read.policies p WHERE p.policy = {name} AND {believed('p')} LIMIT 1"
    )


NODE = OneOf((One("Project", _project), One("Event", _event), One("PolicyRef", _policy)))
ROOTS = {"node": NODE}
