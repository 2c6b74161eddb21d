"""Invent titles, places and people that nobody can take for real ones.

Every invented project carries 「（示例）」 (example) in its title and a running number.
"""

from dataclasses import dataclass
from random import Random

from server.demonstration.book import Book

MARK = "（示例）"

Trade = tuple[str, str]

BIOMEDICAL: tuple[Trade, ...] = (("C2761", "生物药品"), ("C3581", "医疗器械"))
EMERGING: tuple[Trade, ...] = (
    ("C3491", "工业机器人"),
    ("C3562", "半导体专用设备"),
    ("C3825", "光伏组件"),
    ("C3841", "锂电池材料"),
    ("C3985", "电子专用材料"),
)
"""Strategic emerging industries (战略性新兴产业), besides the biomedical ones."""
TRADITIONAL: tuple[Trade, ...] = (
    ("C3516", "冶金专用设备"),
    ("C3525", "精密模具"),
    ("C3670", "汽车零部件"),
    ("C3812", "新型电机"),
    ("C2651", "高性能树脂"),
    ("C2662", "特种化学品"),
    ("C1751", "功能性纺织面料"),
    ("C3130", "高端钢材深加工"),
    ("C3311", "金属结构件"),
)
TRADES = (*TRADITIONAL, *EMERGING, *BIOMEDICAL)
"""Industries of GB/T 4754 with what the invented factories make."""

PARKS = {
    "320582": (
        "保税区",
        "经开区",
        "冶金园",
        "塘桥镇",
        "乐余镇",
        "凤凰镇",
        "南丰镇",
        "大新镇",
        "常阴沙",
    ),
    "320412": ("武进高新区", "经发区", "太湖湾", "湖塘镇", "牛塘镇", "洛阳镇", "雪堰镇", "前黄镇"),
    "320602": ("崇川经开区", "市北高新区"),
    "320611": ("港闸经开区",),
    "320612": ("南通高新区", "通州湾示范区", "金沙街道"),
    "320681": ("启东经开区", "吕四港经开区"),
    "320682": ("如皋经开区", "如皋港"),
    "320683": ("如东经开区", "洋口港"),
    "320684": ("海门经开区", "海门工业园"),
    "320685": ("海安经开区", "海安高新区"),
    "321102": ("京口工业园",),
    "321111": ("润州工业园",),
    "321112": ("丹徒经开区",),
    "321181": ("丹阳经开区", "丹阳高新区"),
    "321182": ("扬中经开区", "扬中高新区"),
    "321183": ("句容经开区",),
}
"""Zones and towns by code; the places are real, their projects here are not."""

PRESENT_FORM = 2020
"""The year from which project codes begin with year and month."""
CODES = 900_000
SCATTERED = 524_287
"""Has no divisor in common with the number of codes, so that no two numbers share one."""
PARK_CODES = {
    "保税区": "baoshuiqu",
    "经开区": "jingkaiqu",
    "冶金园": "yejinyuan",
    "塘桥镇": "tangqiao",
    "乐余镇": "leyu",
    "凤凰镇": "fenghuang",
    "南丰镇": "nanfeng",
    "大新镇": "daxin",
    "常阴沙": "changyinsha",
}
"""What the towns and zones of Zhangjiagang are called in its competition."""

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a registration says about a project."""

    title: str
    district: str
    park: str
    industry: str
    enterprise: str

    @property
    def park_code(self) -> str:
        """Give what the park is registered under: its code, or its name where it has none."""
        return PARK_CODES.get(self.park, self.park)


def profile(book: Book, district: str) -> Profile:
    """Invent a project of a district, of the book's next trade if it has a deck of them."""
    serial = book.serial("project")
    industry, product = book.trades.pop() if book.trades else book.random.choice(TRADES)
    park = book.random.choice(PARKS[district])
    return Profile(
        title=f"{MARK}{park}{product}项目 {serial:03d} 号",
        district=district,
        park=park,
        industry=industry,
        enterprise=f"{MARK}{district} {product}企业 {serial:03d}",
    )


def person(random: Random) -> str:
    """Invent the name of an official."""
    return f"{random.choice(SURNAMES)}示例"


def project_code(number: int, year: int, month: int, district: str) -> str:
    """Invent a project code in the form of its year; its number tells projects apart."""
    scattered = 100_000 + number * SCATTERED % CODES
    began = f"{year % 100:02d}{month:02d}" if year >= PRESENT_FORM else str(year)
    return f"{began}-{district}-89-01-{scattered}"
