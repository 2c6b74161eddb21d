"""The value objects of answers: money, areas and ratios, exact until they are shown.

Division is the only place where digits can be lost. It is done on whole numbers here, so a quotient
is rounded once, half up, from its exact value, just as the pure functions of the domain do it.
"""

from projections.terms.relation import Arguments, One, Relation, Value

DIGITS_MAX = 12
_YUAN = {"yuan": "1", "wan_yuan": "0.0001", "yi_yuan": "0.00000001"}
_ONE_MU = {"mu": (1, 1, 4), "hectare": (1, 15, 6), "square_metre": (2000, 3, 4)}
"""Numerator, denominator and decimal places of one mu (亩) in each unit of area."""


def half_up(numerator: str, denominator: str, digits: str) -> str:
    """Give the SQL of a quotient rounded half up once, null over zero.

    The quotient is first cut, exactly, after one digit more than wanted; that digit decides. Below
    zero `div` cuts towards zero and `round` goes away from it, so that signs need no care.
    """
    places = f"least(greatest({digits}, 0), {DIGITS_MAX})"
    power = f"power(10::numeric, {places} + 1)"
    cut = f"div(({numerator})::numeric * {power}, nullif(({denominator}), 0)::numeric)"
    return f"round({cut} / {power}, {places})"


def cut(numerator: str, denominator: str) -> str:
    """Give the SQL of a quotient cut after thirty digits, to be added up before it is rounded."""
    return f"(div({numerator}::numeric * 1e30, {denominator}::numeric) * 1e-30)"


def digits_of(arguments: Arguments, default: int) -> str:
    """Give the wanted number of decimal places as SQL."""
    return arguments.bind("digits", "integer") if arguments.given("digits") else str(default)


def money(yuan: str, as_reported: str = "NULL::text") -> One:
    """Link to an amount in a column of the parent row, null where the amount is."""
    return One(
        "Money",
        lambda _: (
            f"SELECT {yuan}::bigint AS yuan, {as_reported} AS as_reported WHERE {yuan} IS NOT NULL"
        ),
    )


def area(mu: str) -> One:
    """Link to an area in a column of the parent row, null where the area is."""
    return One("Area", lambda _: f"SELECT {mu}::numeric AS mu WHERE {mu} IS NOT NULL")


def ratio(numerator: str, denominator: str, policy: str = "NULL::text") -> One:
    """Link to a share of two columns of the parent row."""
    return One(
        "Ratio",
        lambda _: (
            f"SELECT {numerator}::numeric AS numerator, {denominator}::numeric AS denominator,"
            f" {policy} AS policy WHERE {numerator} IS NOT NULL AND {denominator} IS NOT NULL"
        ),
    )


def _amount(arguments: Arguments) -> str:
    """Give an amount in the wanted unit, 万元 by default; exact, since units are powers of ten."""
    unit = str(arguments.choice("unit")).lower() if arguments.given("unit") else "wan_yuan"
    return f"trim_scale($self.yuan * {_YUAN[unit]}::numeric)"


def _extent(arguments: Arguments) -> str:
    """Give an area in the wanted unit, mu by default; other units end after some places."""
    unit = str(arguments.choice("unit")).lower() if arguments.given("unit") else "mu"
    numerator, denominator, places = _ONE_MU[unit]
    if denominator == 1:
        return "trim_scale($self.mu)"
    return f"trim_scale({half_up(f'($self.mu * {numerator})', str(denominator), str(places))})"


def _percent(arguments: Arguments) -> str:
    """Give the share in percent, with one decimal place by default."""
    return half_up("($self.numerator * 100)", "$self.denominator", digits_of(arguments, 1))


MONEY = Relation(
    "Money",
    row={"yuan": "bigint", "as_reported": "text"},
    fields={
        "amount": Value(_amount, "decimal"),
        "as_reported": Value("$self.as_reported", "text"),
    },
)

AREA = Relation("Area", row={"mu": "numeric"}, fields={"value": Value(_extent, "decimal")})

RATIO = Relation(
    "Ratio",
    row={"numerator": "numeric", "denominator": "numeric", "policy": "text"},
    fields={
        "numerator": Value("trim_scale($self.numerator)", "decimal"),
        "denominator": Value("trim_scale($self.denominator)", "decimal"),
        "percent": Value(_percent, "decimal"),
        "not_applicable": Value(
            "CASE WHEN $self.denominator = 0 THEN CASE $language WHEN 'zh'"
            " THEN '不适用：分母为零' ELSE 'not applicable: the denominator is zero' END END",
            "text",
        ),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
    },
)

RELATIONS = (MONEY, AREA, RATIO)
ROOTS: dict[str, One] = {}
