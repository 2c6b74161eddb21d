"""Move to other clocks in the middle of a question: what is known, and the day that is judged.

What a caller leaves out stays as it is, but for the judged day: it is the Beijing day of `known`.
Nothing beyond the position that the read models have reached is ever known.
"""

from domain.errors import Refused
from projections.terms.relation import Arguments
from projections.terms.seen import day_of


class TwoCuts(Refused):
    """The past is cut by a time or by a position, not by both."""

    code = "two_cuts"
    field = "known"
    cure = "Give `known` or `knownPosition`."


def moved(arguments: Arguments) -> tuple[str, str]:
    """Give the SQL of the position and of the day that the arguments mean. Raises TwoCuts."""
    has_time, has_position = arguments.given("known"), arguments.given("known_position")
    if has_time and has_position:
        raise TwoCuts
    known, on = "$known", "$on"
    if has_position:
        known = f"least($reached, {arguments.bind('known_position', 'bigint')})"
    elif has_time:
        moment = arguments.bind("known", "timestamptz")
        # A time without a fraction covers its whole second.
        end = (
            f"{moment} + CASE WHEN date_trunc('second', {moment}) = {moment}"
            " THEN INTERVAL '1 second' ELSE INTERVAL '1 microsecond' END"
        )
        known = (
            "least($reached, coalesce((SELECT h.size FROM ledger.heads h"
            f" WHERE h.recorded_at < {end} ORDER BY h.recorded_at DESC, h.size DESC LIMIT 1), 0))"
        )
        on = day_of(moment)
    if arguments.given("on"):
        on = arguments.bind("on", "date")
    return known, on
