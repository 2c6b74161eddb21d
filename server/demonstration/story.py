"""Tell the life of one project, chapter by chapter, as facts of its sources."""

from dataclasses import dataclass, field
from datetime import date

from server.demonstration.book import Book, Payload, Report
from server.demonstration.days import later, next_working
from server.demonstration.invention import Profile, person, project_code
from server.demonstration.money import in_wan, in_yi, tenths
from server.demonstration.sources import city_of
from server.demonstration.terms import Terms

FIVE_PERMITS = {
    "land_use_planning_permit": "自然资源和规划局",
    "real_estate_title": "不动产登记中心",
    "works_planning_permit": "自然资源和规划局",
    "drawing_review_certificate": "住房和城乡建设局",
    "construction_permit": "住房和城乡建设局",
}
"""The five certificates of 五证齐发 with the departments that issue them."""

FOREIGN = 0.15
"""The share of projects with foreign capital."""


@dataclass(slots=True)
class Story:
    """One project whose facts go into a book, never before its registration was told.

    The facts of a steady project arrive within days and are never disturbed. A project that other
    facts name in their payload needs a `stream` of its own before it opens.
    """

    book: Book
    profile: Profile
    total_wan: int
    registered_on: date
    steady: bool = False
    subject: str = field(init=False)
    told_on: date = field(init=False)
    code: str | None = None
    service_list: str | None = None
    stream: str | None = None
    terms: Terms | None = None
    days: dict[str, date] = field(default_factory=dict)

    def open(
        self, *, text: str | None = None, land_tenths: int | None = None, in_park: bool = True
    ) -> None:
        """Register the lead; everything else is told after it."""
        data: Payload = {
            "title": self.profile.title,
            "enterprise_ref": self.profile.enterprise,
            "district": self.profile.district,
            "industry_gb4754": self.profile.industry,
            "intended_investment": in_wan(self.total_wan),
            "stage": "negotiating",
        }
        if in_park:
            data["park"] = self.profile.park_code
        if land_tenths is not None:
            data["intended_land_mu"] = tenths(land_tenths)
        self.told_on = later(self.registered_on, self.book.random.randint(1, 3))
        report = self.book.tell(
            "ProjectRegistered",
            "",
            self.registered_on,
            data,
            text=text,
            told_on=self.told_on,
            region=self.profile.district,
            steady=self.steady,
            stream=self.stream,
        )
        self.subject = report.record_id

    def tell(
        self,
        kind: str,
        on: date,
        data: Payload,
        *,
        text: str | None = None,
        reason: str | None = None,
        evidence: str | None = None,
        told_on: date | None = None,
        system: str | None = None,
        steady: bool = False,
        slips: bool = False,
    ) -> Report:
        """Add a fact of this project and remember its day under its kind."""
        self.days[kind] = on
        late = self.book.random.randint(1, 4) if self.steady else self.book.lateness()
        told = told_on or later(on, late)
        return self.book.tell(
            kind,
            self.subject,
            on,
            data,
            text=text,
            told_on=max(told, later(self.told_on, 1)),
            system=system,
            reason=reason,
            evidence=evidence,
            region=self.profile.district,
            steady=steady or self.steady,
            slips=slips,
        )

    def sign(self, on: date, *, fixed_wan: int, text: str | None = None) -> None:
        """Sign the investment agreement (签约)."""
        self.tell(
            "ProjectSigned",
            on,
            {
                "agreement_no": f"{self.profile.district}-XY-{self.book.serial('agreement'):04d}",
                "total_investment": in_yi(self.total_wan),
                "fixed_asset_investment": in_wan(fixed_wan),
                "is_foreign": self.book.random.random() < FOREIGN,
                "origin_region": self.book.random.choice(("上海市", "江苏省", "浙江省", "广东省")),
            },
            text=text,
            evidence="投资协议书",
        )

    def assign_code(self, on: date) -> None:
        """Give the project its code (赋码), in place of an earlier one if it has one."""
        code = project_code(self.book.code_number(), on.year, on.month, self.profile.district)
        superseded = {} if self.code is None else {"supersedes_code": self.code}
        self.code = code
        self.tell("ProjectCodeAssigned", on, {"code": code, **superseded})

    def approve(self, on: date) -> None:
        """Give the project its code and, some days later, its filing (备案)."""
        self.assign_code(on)
        filed = next_working(on, self.book.random.randint(1, 5))
        self.tell(
            "InvestmentApprovalObtained",
            filed,
            {
                "mode": "filing",
                "doc_no": f"备〔{filed.year}〕{self.book.serial('filing')}号",
                "authority": "数据局",
                "approved_investment": in_wan(self.total_wan),
            },
            evidence="企业投资项目备案证",
        )

    def assess(self, submitted: date, decided: date, terms: Terms, *, scored: bool = False) -> None:
        """Pass the review before landing (前评估, 准入评审), scored by experts first or not."""
        number = self.book.serial(f"assessment {submitted.year}")
        assessment_id = f"PS-{self.profile.district}-{submitted.year}-{number:03d}"
        self.tell(
            "PreAssessmentSubmitted",
            submitted,
            {
                "assessment_id": assessment_id,
                "dossier": "产业用地项目评审申报书",
                "demand_land_mu": tenths(terms.demand),
                "indicators": terms.indicators(),
            },
        )
        if scored:
            self._score(assessment_id, next_working(submitted, 2))
        self.tell(
            "AdmissionDecided",
            decided,
            {
                "assessment_id": assessment_id,
                "outcome": "pass",
                "conditions": [],
                "meeting_no": f"{decided:%Y%m}次评审会",
            },
            evidence="评审工作领导小组会议纪要",
        )

    def _score(self, assessment_id: str, on: date) -> None:
        """Score the dossier (前评估打分)."""
        random = self.book.random
        criteria = {
            "investment_intensity": (random.randint(22, 30), 30),
            "technology": (random.randint(24, 35), 35),
            "environment": (random.randint(26, 35), 35),
        }
        self.tell(
            "PreAssessmentScored",
            on,
            {
                "assessment_id": assessment_id,
                "policy": "pre-assessment/zhangjiagang@2024.1",
                "round": "1",
                "scores": {
                    code: {"score": str(score), "max": str(most), "weight": str(most)}
                    for code, (score, most) in criteria.items()
                },
                "total": str(sum(score for score, _ in criteria.values())),
                "panel": "（示例）产业项目评审专家组",
            },
        )

    def plan(self, on: date, node: str, planned: str, *, phase: str | None = None) -> str:
        """Plan a milestone (节点计划) under a named unit and person; give the plan's id."""
        plan_id = f"JD-{self.profile.district}-{self.book.serial('plan'):04d}"
        data: Payload = {
            "plan_id": plan_id,
            "node": node,
            "planned": planned,
            "responsible_unit": f"{self.profile.park}项目管家组",
            "responsible_person": person(self.book.random),
        }
        if phase is not None:
            data["phase_id"] = phase
        self.tell("MilestonePlanned", on, data)
        return plan_id

    def replan(self, on: date, plan_id: str, node: str, *, old: str, new: str, reason: str) -> None:
        """Move a planned milestone (节点调整), approved by name and with a reason."""
        self.tell(
            "MilestoneReplanned",
            on,
            {
                "plan_id": plan_id,
                "node": node,
                "old": old,
                "new": new,
                "approved_by": f"{city_of(self.profile.district)}重大项目办公室",
                "counts_as_new_baseline": False,
            },
            reason=reason,
        )
