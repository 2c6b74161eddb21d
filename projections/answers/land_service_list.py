"""The land service lists of a project, and what departments asked for outside them."""

from projections.judging.findings import off_list
from projections.terms.relation import Arguments, Field, Many, One, Relation, Value
from projections.terms.seen import seen


def _lists(_: Arguments) -> str:
    """Select the lists of the parent project, each as it was last issued."""
    return f"""SELECT DISTINCT ON (l.list_id) l.project, l.list_id, l.parcel, l.day_to AS issued,
            l.with_contract, l.items, l.order_key
        FROM read.service_lists l WHERE l.project = $parent.id AND {seen("l")}
        ORDER BY l.list_id, l.order_key DESC"""


def _last_list(arguments: Arguments) -> str:
    """Select the list that was issued last."""
    return f"SELECT l.* FROM ({_lists(arguments)}) l ORDER BY l.order_key DESC LIMIT 1"


def _items(_: Arguments) -> str:
    """Give one row an item, numbered as it stands on the list."""
    return """SELECT x.number::integer AS number, x.item ->> 'code' AS code,
            x.item ->> 'department' AS department, x.item ->> 'conclusion' AS conclusion
        FROM jsonb_array_elements($parent.items) WITH ORDINALITY AS x (item, number)"""


def _requirements(_: Arguments) -> str:
    """Select the requirements outside the list as deviations, whatever became of them."""
    return off_list(
        "SELECT q.* FROM read.requirements q WHERE q.project = $parent.project"
        f" AND q.list_id = $parent.list_id AND {seen('q')}"
    )


LAND_SERVICE_LIST = Relation(
    "LandServiceList",
    row={
        "project": "text",
        "list_id": "text",
        "parcel": "text",
        "issued": "date",
        "with_contract": "boolean",
        "items": "jsonb",
        "order_key": "text",
    },
    fields={
        "id": Value("$self.list_id", "id"),
        "parcel_id": Value("$self.parcel", "id"),
        "issued_on": Value("$self.issued", "date"),
        "issued_with_contract": Value("$self.with_contract", "boolean"),
        "items": Value("jsonb_array_length($self.items)", "int"),
        "entries": Many("ServiceListItem", _items, "$self.number"),
        "off_list_requirements": Many("Deviation", _requirements, "$self.positions"),
    },
)

SERVICE_LIST_ITEM = Relation(
    "ServiceListItem",
    row={"number": "integer", "code": "text", "department": "text", "conclusion": "text"},
    fields={
        "code": Value("$self.code", "text"),
        "department": Value("$self.department", "text"),
        "conclusion": Value("$self.conclusion", "text"),
    },
)

RELATIONS = (LAND_SERVICE_LIST, SERVICE_LIST_ITEM)
PROJECT_FIELDS: dict[str, Field] = {
    "land_service_list": One("LandServiceList", _last_list),
    "land_service_lists": Many("LandServiceList", _lists, "$self.order_key, $self.list_id"),
}
