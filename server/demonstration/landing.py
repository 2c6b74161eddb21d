"""Tell what goes before and after an award: the offer, the contract and the land service list."""

from datetime import date

from server.demonstration.book import Payload
from server.demonstration.days import later, next_working
from server.demonstration.story import Story

ITEMS = (
    ("flood", "水务局", "已完成区域防洪评价，项目不再单独编制"),
    ("archaeology", "文体旅局", "地下无文物"),
    ("minerals", "自然资源和规划局", "不压覆矿产"),
    ("soil", "生态环境局", "土壤状况符合工业用地要求"),
    ("lightning", "气象局", "已完成区域雷电灾害风险评估"),
)
"""What a plot is examined for, so that nobody asks for it again."""


def offer(story: Story, awarded: date, plot: Payload) -> None:
    """Offer the plot (挂牌) some weeks before it is awarded."""
    story.tell(
        "LandOffered",
        next_working(later(awarded, -story.book.random.randint(30, 36))),
        {
            "parcel_id": plot["parcel_id"],
            "area_mu": plot["area_mu"],
            "use": "工业用地",
            "standard_land": True,
            "floor_price": plot["price"],
            "control_indicators": {
                "investment_intensity": {
                    "value": "450",
                    "unit": "万元/亩",
                    "direction": "higher",
                }
            },
        },
        evidence="国有建设用地使用权挂牌出让公告",
    )


def contract(story: Story, awarded: date, plot: Payload) -> None:
    """Sign the contract for the plot (签出让合同); the land service list goes out with it."""
    signed = next_working(awarded)
    list_id = issue_list(story, signed, plot["parcel_id"])
    serial = story.book.serial(f"contract {signed.year}")
    story.tell(
        "LandContractSigned",
        signed,
        {
            "contract_no": f"{story.profile.district}{signed.year}CR{serial:04d}",
            "parcel_id": plot["parcel_id"],
            "area_mu": plot["area_mu"],
            "delivery_due": later(signed, 30).isoformat(),
            "start_due": later(signed, 270).isoformat(),
            "completion_due": later(signed, 1_000).isoformat(),
            "service_list_id": list_id,
        },
        evidence="国有建设用地使用权出让合同",
    )


def issue_list(story: Story, on: date, parcel: str) -> str:
    """Issue the land service list (用地清单) of a plot; give its id."""
    serial = story.book.serial("service list")
    list_id = f"YD-{story.profile.district}-{serial:03d}"
    story.service_list = list_id
    story.tell(
        "LandServiceListIssued",
        on,
        {
            "list_id": list_id,
            "parcel_id": parcel,
            "items": [
                {"code": code, "department": department, "conclusion": conclusion}
                for code, department, conclusion in ITEMS
            ],
            "issued_with_contract": True,
        },
        evidence="用地清单",
    )
    return list_id
