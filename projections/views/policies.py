"""The policies that were adopted, with their rules as queries read them."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.errors import LedgerError
from domain.fact import Fact
from domain.policy import parse
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Policies(FactView):
    """One row an adoption (政策版本生效).

    Place, dates and rules are those of the policy file. A body that cannot be read has no rules: it
    is shown and never judges.
    """

    name = "policies"
    version = 3
    kinds = frozenset({"PolicyAdopted"})
    subject = "stream"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("policy", 'text COLLATE "C" NOT NULL'),
        Column("policy_id", "text NOT NULL"),
        Column("version_label", "text NOT NULL"),
        Column("policy_kind", 'text COLLATE "C" NOT NULL'),
        Column("jurisdiction", "text"),
        Column("effective_from", "date NOT NULL"),
        Column("effective_to", "date"),
        Column("sha256", "text NOT NULL"),
        Column("body", "text NOT NULL"),
        Column("rules", "jsonb"),
    )
    indexes = ("(policy_kind)", "(policy)")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the policy as its file says it."""
        payload = fact.payload
        body = str(payload["body"])
        try:
            policy = parse(body)
        except LedgerError:
            name, version = str(payload["policy_id"]), str(payload["version"])
            since, until = payload["effective_from"], text(payload, "effective_to")
            named = (f"{name}@{version}", name, version, payload["kind"])
            yield (*named, None, since, until, payload["sha256"], body, None)
            return
        yield (
            policy.ref,
            policy.id,
            policy.version,
            policy.kind,
            policy.jurisdiction,
            policy.effective_from,
            policy.effective_to,
            policy.sha256,
            policy.body,
            Jsonb(policy.rules),
        )


VIEW = Policies()
