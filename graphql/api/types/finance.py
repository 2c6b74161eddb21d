"""Declare bank money: facilities, disbursements and their sums, and the pools of resources."""

import strawberry

from api.codes import LoanClass, PoolResource
from api.declaration import Argument, reads
from api.scalars import Decimal, FlexDate
from api.types.event import Event
from api.types.value import Money, PolicyRef


@strawberry.type(description="A disbursement out of a facility · 放款")
class LoanLine:
    """One disbursement."""

    facility: strawberry.ID = reads("The facility it was paid out of · 授信编号")
    bank: str | None = reads("The bank, where the facility's link names it · 银行")
    amount: Money = reads("How much · 金额")
    on: FlexDate = reads("When · 日期")
    class_: LoanClass = reads("carried or new, in the bank's words · 结转或新增", "class")
    term_months: int | None = reads("For how many months · 期限 (月)")


@strawberry.type(description="What a bank put at a project's disposal · 授信")
class Facility:
    """One facility."""

    id: strawberry.ID = reads("Its id at the bank · 授信编号")
    bank: str = reads("The bank · 银行")
    linked_on: FlexDate = reads("When it was linked to the project · 对接日期")
    need: Money = reads("What the project needs · 资金需求")
    quota: Money | None = reads("At most so much, where a quota is known · 额度")
    rate_bp: int | None = reads("The rate in hundredths of a percent · 利率 (基点)")
    disbursed: Money = reads("Paid out so far · 已放款")
    overdrawn: bool | None = reads("Whether more was paid out than the quota allows · 是否超额度")


@strawberry.type(description="Project finance of a year, carried over and new · 项目融资")
class FinanceSummary:
    """The finance of a year."""

    projects_linked: int = reads("Projects linked to a bank by then, in any year · 对接项目数")
    borrowers: int = reads("Projects that were paid money in the year · 放款项目数")
    carried_projects: int = reads("Of them carried over from earlier years · 结转项目数")
    new_projects: int = reads("Of them new · 新增项目数")
    total: Money = reads("Paid out in the year · 放款总额")
    carried: Money = reads("Of it to projects carried over · 结转")
    new: Money = reads("Of it to new projects · 新增")
    policy: PolicyRef | None = reads("The rule by which they were told apart · 口径依据")


@strawberry.type(description="What is left of a resource in a pool · 指标池")
class PoolBalance:
    """The balance of one resource of one pool."""

    pool: strawberry.ID = reads("The pool · 指标池")
    resource: PoolResource = reads("The resource, as energy_tce · 指标")
    unit: str = reads("Its unit · 单位")
    region: strawberry.ID | None = reads("The region of the pool, where it is known · 地区")
    credited: Decimal = reads("Came in · 收储")
    allocated: Decimal = reads("Given to projects · 配置")
    released: Decimal = reads("Came back, reserved or given before · 释放")
    expired: Decimal = reads("Lapsed · 失效")
    reserved: Decimal = reads("Set aside · 预留")
    available: Decimal = reads(
        "Credited and released, less allocated, expired and reserved · 可用余额"
    )
    lapsed: Decimal = reads(
        "Of it, what came with a validity that is over and was not recorded as expired; whatever"
        " went is taken from what ends first · 已过有效期的余额"
    )
    lapsed_reserved: Decimal = reads(
        "Of what is set aside, the same; whatever was released is taken from what ends first"
        " · 已过有效期的预留"
    )
    movements: list[Event] = reads(
        "The latest movements, newest first · 最近变动",
        first=Argument(int, "How many, 1 to 200 · 条数", 50, (1, 200)),
    )
    overdrafts: list[Event] = reads(
        "The movements after which less than nothing was left · 透支变动"
    )
