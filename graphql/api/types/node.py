"""Declare what has an id of its own in the whole ledger."""

import strawberry

from api.declaration import reads


@strawberry.interface(description="Something with an id of its own in the whole ledger · 节点")
class Node:
    """Something that can be found by its id alone."""

    id: strawberry.ID = reads("Its id, to be found again with node · 标识")
