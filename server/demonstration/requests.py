"""Tell what enterprises ask for, and what becomes of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from server.demonstration.book import Book, Payload
from server.demonstration.days import between, later, next_working

RECEIVED = (600, 60)
SOLVED_OF_600 = 561
DOUBTED_OF_600 = 12
YEAR = (date(2024, 1, 2), date(2024, 12, 13))
TOPICS = ("环评", "能评", "工程规划许可证", "施工图审批", "竣工验收", "电力接入", "设备进场")
DEPARTMENTS = ("供电公司", "住房和城乡建设局", "生态环境局", "自然资源和规划局", "行政审批局")
CATEGORIES = {"consult": (1, "咨询办事流程"), "help": (5, "请求协调"), "complaint": (10, "投诉")}
"""The working days a category has, and what is asked."""
CHANNELS = ("hotline", "mini-program", "visit", "proactive")
LATE = 0.06
"""The share of requests answered after their time."""
MISDIRECTED = 0.08
"""The share of requests that go to the wrong department first."""
REOPENED_EVERY, FOLLOWED_UP_EVERY = 8, 3


class Fate(Enum):
    """What becomes of a request."""

    SOLVED = "answered as resolved, and it is"
    DOUBTED = "answered as resolved, but the enterprise says that it is not"
    EXPLAINED = "answered with an explanation"


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a service is given to: a stream or a project, and the enterprise behind it."""

    subject: str
    enterprise: str


def solved(received: int) -> int:
    """Count the solved among so many requests, in the published proportion."""
    return received * SOLVED_OF_600 // RECEIVED[0]


def fates(received: int) -> list[Fate]:
    """Give the fate of each request."""
    good, doubted = solved(received), received * DOUBTED_OF_600 // RECEIVED[0]
    explained = received - good - doubted
    return [Fate.SOLVED] * good + [Fate.DOUBTED] * doubted + [Fate.EXPLAINED] * explained


@dataclass(slots=True)
class Request:
    """One request, about which facts are told."""

    book: Book
    place: Place
    id: str
    topic: str

    def tell(self, kind: str, day: date, hour: int, data: Payload) -> None:
        """Add a fact of some minute of an hour."""
        minute = self.book.random.randint(0, 59)
        self.book.tell(
            kind,
            self.place.subject,
            day,
            {"request_id": self.id, **data},
            text=f"{day}T{hour:02d}:{minute:02d}:00+08:00",
            told_on=later(day, 1),
            steady=True,
        )

    def answer(self, day: date, hour: int, outcome: str) -> None:
        """Answer (答复办结)."""
        data = {"outcome": outcome, "answer_digest": f"{self.topic}事项已答复"}
        self.tell("RequestAnswered", day, hour, data)

    def follow_up(self, day: date, hour: int, said: str, *, reopened: bool = False) -> None:
        """Ask the enterprise again (回访)."""
        data = {"satisfied": said, "solved": said, "reopened": reopened}
        self.tell("RequestFollowedUp", day, hour, data)


def ask_for_help(book: Book, place: Place, number: int, fate: Fate) -> str:
    """Tell a request from its receipt to the question whether it is solved; give its id."""
    random = book.random
    category = random.choice(tuple(CATEGORIES))
    days, asked = CATEGORIES[category]
    request = Request(book, place, f"SQ-2024-{number + 1:04d}", random.choice(TOPICS))
    on = between(random, *YEAR)
    request.tell(
        "RequestReceived",
        on,
        9,
        {
            "enterprise": place.enterprise,
            "channel": random.choice(CHANNELS),
            "category": category,
            "urgency": "normal",
            "text_digest": f"{asked}：{request.topic}",
            "district": book.region,
        },
    )
    _dispatch(request, on, days)
    answered = next_working(on, days + 1 if random.random() < LATE else random.randint(1, days))
    if number % REOPENED_EVERY == 1:
        earlier = max(on, answered - timedelta(days=1))
        request.answer(earlier, 13, "explained")
        request.follow_up(earlier, 14, "no", reopened=True)
    request.answer(answered, 16, "explained" if fate is Fate.EXPLAINED else "resolved")
    if fate is Fate.DOUBTED:
        request.follow_up(next_working(answered), 10, "no")
    elif number % FOLLOWED_UP_EVERY == 0:
        request.follow_up(next_working(answered), 10, "yes")
    return request.id


def _dispatch(request: Request, on: date, days: int) -> None:
    """Hand the request to a department (派单), now and then to the wrong one first."""
    random = request.book.random
    departments = random.sample(DEPARTMENTS, 2 if random.random() < MISDIRECTED else 1)
    for hour, department in enumerate(departments, start=10):
        request.tell(
            "RequestDispatched",
            on,
            hour,
            {
                "to_department": department,
                "list_item": f"ZR-{random.randint(1, 500):03d}",
                "sign_due": f"{on}T{hour + 2}:00:00+08:00",
                "resolve_due": next_working(on, days).isoformat(),
            },
        )
