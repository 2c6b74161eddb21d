"""What service is given to: a project or an enterprise, each named by its stream."""

from domain.fact import Fact
from projections.folding.projection import FactView


class ServedView(FactView):
    """A read model about service; what was given to an absorbed project was given to the kept."""

    subject = "stream"

    def about(self, fact: Fact) -> str | None:
        """Give the stream of the project that is kept, or of the enterprise."""
        return fact.stream if fact.project is None else f"project/{fact.project}"
