"""The planted figures of Zhangjiagang."""

from domain.ratio import Ratio
from server.demonstration import admissions as admitted
from server.demonstration import zhangjiagang as lists
from server.demonstration import zhangjiagang_past as past
from server.demonstration.exceptions import NOT_ENROLLED
from server.demonstration.figures import Sheet
from server.demonstration.finance import LINKED
from server.demonstration.pools import POOLS
from server.demonstration.portfolio import ZHANGJIAGANG, Portfolio
from server.demonstration.requests import RECEIVED, solved
from server.demonstration.service import ENTERPRISES, VISITS

GAUGE = "targets[target=320582-2025-new-projects]"
NONSENSE = 1_000
"""Percent: no completion rate is above this unless units were mistaken."""


def figures_of_zhangjiagang(portfolio: Portfolio) -> Sheet:
    """List them."""
    sheet = Sheet(portfolio, ZHANGJIAGANG)
    sheet.asks("zhangjiagang-lists")
    _lists(sheet)
    _earlier_and_known(sheet)
    sheet.asks("zhangjiagang-admissions")
    _admissions(sheet)
    _at_once(sheet)
    sheet.asks("zhangjiagang-steering")
    _steering(sheet)
    sheet.asks("zhangjiagang-service")
    _service(sheet)
    return sheet


def _lists(sheet: Sheet) -> None:
    """List the figures of 2024: projects, plan, actual and rate by level."""
    count = sheet.portfolio.count
    new = [count(*places) for places in lists.NEW]
    continuing = [count(*places) for places in lists.CONTINUING]
    levels = (
        ("PROVINCIAL", "A-F04", "58.03", "82.4", "142.0"),
        ("PREFECTURE", "A-F05", "206", "292.1", "141.8"),
        ("MUNICIPAL", "A-F02", "383", "475.7", "124.2"),
    )
    for number, (level, source, plan, actual, rate) in enumerate(levels, start=1):
        row = f"of2024[key={level}]"
        listed = sum(new[:number]) + sum(continuing[:number])
        sheet.count(f"{level} projects 2024", f"{row}.projects", listed, source)
        sheet.add(f"{level} plan 2024, 亿元", f"{row}.plan.amount", plan, source)
        sheet.add(f"{level} actual 2024, 亿元", f"{row}.actual.amount", actual, source)
        sheet.add(f"{level} completion 2024, %", f"{row}.completion.percent", rate, source)
        reported = f"reported2024[key={level}].completion.percent"
        sheet.add(f"{level} completion as reported, %", reported, rate, source)
    point = "new[on=2024-12-31].rate"
    sheet.count("planned starts 2024", f"{point}.denominator", sum(new), "A-F03")
    sheet.count("started of them", f"{point}.numerator", sum(new), "A-F03")
    sheet.add("start rate 2024, %", f"{point}.percent", "100.0", "A-F03")
    commissioned = count(*lists.COMMISSIONED)
    sheet.count("put into operation 2024", "inOperation.totalCount", commissioned, "A-F06")
    sheet.add("projects", "all.totalCount", sheet.portfolio.share(ZHANGJIAGANG))


def _earlier_and_known(sheet: Sheet) -> None:
    """List the year before, and what was known of 2024 before and after slips were corrected."""
    portfolio = sheet.portfolio
    levels = sum(portfolio.count(*places) for places in lists.CONTINUING)
    municipal = levels + portfolio.count(*past.FINISHED)
    prefecture = portfolio.count(*past.PREFECTURE)
    sheet.count("MUNICIPAL projects 2023", "of2023[key=MUNICIPAL].projects", municipal, "K11")
    sheet.count("PREFECTURE projects 2023", "of2023[key=PREFECTURE].projects", prefecture, "K11")
    provincial = portfolio.count(*past.PROVINCIAL)
    sheet.count("PROVINCIAL projects 2023", "of2023[key=PROVINCIAL].projects", provincial, "K11")
    sheet.add("MUNICIPAL plan 2023, 亿元", "of2023[key=MUNICIPAL].plan.amount", "367", "K11")
    spring = "knownInSpring[key=MUNICIPAL].completion.percent"
    sheet.add("completion known on 2025-03-31, %", spring, "124.2", "A-F02")
    if portfolio.noise.unit_slips:
        year_end = "knownAtYearEnd[key=MUNICIPAL].completion.percent"
        sheet.add("completion known on 2024-12-31, %", year_end, NONSENSE, relation=">")


def _admissions(sheet: Sheet) -> None:
    """List the card and the funnel of the admissions of 2024."""
    for name, path, expected, source in (
        ("submitted", "card.submitted", admitted.PASSED, "A-F12"),
        ("passed", "card.passed", admitted.PASSED, "A-F12"),
        ("listed of the admitted", "card.listed", admitted.LISTED, "A-F17"),
        ("listed, %", "card.conversion.percent", "93.3", "A-F17"),
        ("investment admitted, 亿元", "card.totalInvestment.amount", "238.2", "A-F13"),
        ("land demanded, mu", "card.demandLand.value", "2166", "A-F14"),
        ("land supplied, mu", "card.suppliedLand.value", "1220.1", "A-F16"),
        ("admitted with land", "card.landCompleted", admitted.AWARDED, "A-F16"),
        ("admitted and started", "card.started", admitted.STARTED, "A-F16"),
        ("intensity, 万元 a mu", "card.intensityWeighted", admitted.INTENSITY, "A-F14"),
        ("tax, 万元 a mu", "card.taxPerMu", admitted.TAX, "A-F15"),
        ("output, 万元 a mu", "card.outputPerMu", admitted.OUTPUT, "A-F15"),
        ("funnel: listed", "funnel[phase=LISTED].entered", admitted.LISTED, "A-F17"),
        ("funnel: with land", "funnel[phase=LAND].entered", admitted.AWARDED, "A-F16"),
        ("funnel: started", "funnel[phase=STARTED].entered", admitted.STARTED, "A-F16"),
    ):
        sheet.add(name, path, expected, source)


def _at_once(sheet: Sheet) -> None:
    """List the land-and-start projects and the dates of the two with names."""
    at_once = admitted.NAMED + admitted.AT_ONCE + lists.AT_ONCE
    sheet.add("land-and-start 2024", "atOnce.totalCount", at_once, "A-F09")
    kecai = "atOnce.nodes[title=科彩（Kecai）新建项目]"
    sheet.add("Kecai: permits on one day", f"{kecai}.permitBurst.count", 5, "A-F07")
    sheet.add("Kecai: on", f"{kecai}.permitBurst.on", "2024-06-12", "A-F07")
    sheet.add("Kecai: days from land to start", f"{kecai}.leadTime.calendarDays", 8, "A-F07")
    sheet.add("Kecai: working days", f"{kecai}.leadTime.workDays", 6, "A-F07")
    phase = "moved[0].changes[path=phase]"
    sheet.add("Kecai: phase at the end of June", f"{phase}.new", "CONSTRUCTION", "A-F07")
    sheet.add("Kecai: moved there by", f"{phase}.cause.type", "ConstructionStarted", "A-F07")
    daxin = "atOnce.nodes[title=大新镇集装箱角件项目]"
    sheet.add("Daxin: title", f"{daxin}.title", "大新镇集装箱角件项目", "A-F08")


def _steering(sheet: Sheet) -> None:
    """List who should be enrolled, what drifted, and what the pools hold."""
    sheet.add("started and not enrolled", "gap.missing.#", NOT_ENROLLED)
    sheet.add("ranking of 2024-Q2 published", "second.published", "true", "A-M01")
    sheet.add("what drifted since", "second.drift.#", 0, relation=">")
    sheet.add("ranking of 2024-Q4 published", "fourth.published", "true", "A-M01")
    sheet.add("special meetings kept 2024", "meetings[name=monthly analysis].kept.numerator", 12)
    enterprises = sheet.portfolio.count(*ENTERPRISES)
    sheet.count(
        "large enterprises with an officer", "contacts.enterprises.numerator", enterprises, "B-F01"
    )
    sheet.add("target for new projects of 2025", f"{GAUGE}.threshold", 300, "B-F08")
    sheet.add("pools with movements", "pools.#", len(POOLS))


def _service(sheet: Sheet) -> None:
    """List visits, requests, finance, and the new starts of 2022."""
    count = sheet.portfolio.count
    received = count(*RECEIVED)
    good = solved(received)
    sheet.count("site visits 2024", "requests.siteVisits", count(*VISITS), "A-F10")
    sheet.count("requests received 2024", "requests.received", received)
    sheet.count("requests solved 2024", "requests.resolved", good, "A-F10")
    rate = Ratio(good, received).percent()
    sheet.add("requests solved, %", "requests.resolutionRate.percent", rate)
    sheet.count("projects linked to banks", "finance.projectsLinked", count(*LINKED), "A-F11")
    sheet.add("paid out 2024, 亿元", "finance.total.amount", "12.53", "A-F11")
    sheet.add("paid out to carried-over, 亿元", "finance.carried.amount", "8.89", "A-F11")
    sheet.add("paid out to new, 亿元", "finance.new.amount", "3.64", "A-F11")
    operating, others = (count(*places) for places in lists.COHORT)
    finished = count(*past.NEW_2022)
    built, cohort = finished + operating + 1, finished + operating + others + 1
    sheet.add("new starts of 2022", "cohort.projects", cohort)
    sheet.add("in operation of them", "cohort.commissioned", built)
    sheet.add("built out, %", "cohort.builtOut.percent", Ratio(built, cohort).percent())
