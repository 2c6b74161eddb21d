"""The planted figures of Zhenjiang, Wujin and Nantong."""

from domain.ratio import Ratio
from server.demonstration import nantong, wujin_figures, zhenjiang, zhenjiang_works
from server.demonstration import wujin as followed
from server.demonstration.figures import Sheet
from server.demonstration.operation import ZHENJIANG as ZHENJIANG_EVALUATED
from server.demonstration.portfolio import NANTONG, WUJIN, ZHENJIANG, Portfolio

JUNE = 6


def figures_of_zhenjiang(portfolio: Portfolio) -> Sheet:
    """List the projects and rates of two years, and the starts of 2025."""
    sheet = Sheet(portfolio, ZHENJIANG)
    sheet.asks("zhenjiang")
    counts = zhenjiang_works.counts_of(portfolio)
    built = counts.finished + counts.continuing
    of_2024, of_2025 = built + counts.slipped, counts.continuing + counts.starts
    sheet.count("MUNICIPAL projects 2024", "of2024[key=MUNICIPAL].projects", of_2024, "D-F01")
    sheet.add("MUNICIPAL completion 2024, %", "of2024[key=MUNICIPAL].completion.percent", "107.0")
    provincial = portfolio.count(*zhenjiang_works.PROVINCIAL_2024)
    sheet.count("PROVINCIAL projects 2024", "of2024[key=PROVINCIAL].projects", provincial, "D-F02")
    path = "of2024[key=PROVINCIAL].completion.percent"
    sheet.add("PROVINCIAL completion 2024, %", path, "131.6")
    sheet.count("MUNICIPAL projects 2025", "of2025[key=MUNICIPAL].projects", of_2025, "D-F04")
    sheet.add("MUNICIPAL plan 2025, 亿元", "of2025[key=MUNICIPAL].plan.amount", "610.5", "D-F05")
    provincial = portfolio.count(*zhenjiang_works.STILL_PROVINCIAL)
    provincial += portfolio.count(*zhenjiang.PROVINCIAL_STARTS)
    sheet.count("PROVINCIAL projects 2025", "of2025[key=PROVINCIAL].projects", provincial, "D-F04")
    _starts(sheet, counts.starts)
    signed, outside = counts.fresh, counts.fresh // zhenjiang.OUTSIDE_EVERY
    rate = Ratio(signed - outside, signed).percent()
    sheet.add("signed 2024 in a park, %", "signings.parkEntryRate.percent", rate)
    gauge = "targets[target=3211-2025-park-entry].threshold"
    sheet.add("target for parks 2025, %", gauge, 95, "D-F08")
    due = counts.finished + len(ZHENJIANG_EVALUATED)
    done = portfolio.count(*zhenjiang_works.EVALUATED) + len(ZHENJIANG_EVALUATED)
    sheet.add("post-evaluations due by 2025", "evaluations.due", due)
    sheet.add("post-evaluations done", "evaluations.done", done)
    sheet.add("due and not done", "evaluations.missing.#", due - done)
    sheet.add("pairs of tax a mu", "pairs.#", done)
    sheet.add("projects", "all.totalCount", portfolio.share(ZHENJIANG))
    return sheet


def _starts(sheet: Sheet, starts: int) -> None:
    """List the start rates at the two days that the targets name."""
    june, september = "municipal[on=2025-06-30]", "municipal[on=2025-09-30]"
    by_june = sum(month <= JUNE for month in zhenjiang.months(starts))
    sheet.add("planned starts 2025", f"{june}.rate.denominator", starts)
    sheet.add("started by the end of June", f"{june}.rate.numerator", by_june)
    sheet.add("start rate in June, %", f"{june}.rate.percent", Ratio(by_june, starts).percent())
    sheet.add("target for June, %", f"{june}.target", 85, "D-F05")
    sheet.add("start rate in September, %", f"{september}.rate.percent", "100.0")
    sheet.add("target for September, %", f"{september}.target", 100, "D-F05")
    sheet.add("target for September met", f"{september}.met", "true", "D-F05")
    provincial = "provincial[on=2025-06-30].rate.percent"
    sheet.add("provincial start rate in June, %", provincial, "100.0", "D-F05")


def figures_of_wujin(portfolio: Portfolio) -> Sheet:
    """List the enrolled, the signed, the listed and the land-and-start."""
    sheet = Sheet(portfolio, WUJIN)
    sheet.asks("wujin")
    count, enrolled = portfolio.count, wujin_figures.enrolled(portfolio)
    sheet.count("enrolled in the statistics", "enrolled.done", enrolled, "E-F05")
    sheet.add("started and not enrolled", "enrolled.due", enrolled)
    emerging = wujin_figures.emerging(portfolio)
    sheet.count("enrolled, emerging industries", "emerging.totalCount", emerging, "E-F05")
    signed = count(*wujin_figures.SIGNED_BIOMEDICAL)
    sheet.count("biomedical signings 2024-H1", "biomedical.totalCount", signed, "E-F06")
    path = "biomedical.nodes.*.totalInvestment.amount"
    sheet.add("biomedical signings, 亿元", path, 20, "E-F06", relation=">")
    sheet.count("10 亿元 or more", "large.totalCount", count(*wujin_figures.LARGE), "E-F02")
    provincial = followed.PROVINCIAL_NEW + followed.PROVINCIAL_CONTINUING
    sheet.add("provincial projects", "lists[key=PROVINCIAL].projects", provincial, "E-F02")
    point = "provincial[on=2024-09-30].rate"
    sheet.add("new provincial projects", f"{point}.denominator", followed.PROVINCIAL_NEW, "E-F02")
    sheet.add("started of them", f"{point}.numerator", followed.PROVINCIAL_NEW, "E-F02")
    listed = count(*wujin_figures.ON_PREFECTURE)
    sheet.count("on the city's list", "lists[key=PREFECTURE].projects", listed, "E-F07")
    path = "lists[key=PREFECTURE].completion.percent"
    sheet.add("invested by October of the year's plan, %", path, "277.0")
    listed = wujin_figures.ENTRIES_FOLLOWED + count(*wujin_figures.LISTED)
    sheet.count("on the district's list", "lists[key=DISTRICT].projects", listed, "E-F07")
    first, second = (count(*year) for year in wujin_figures.AT_ONCE)
    sheet.count("land-and-start 2023", "of2023.totalCount", first, "E-F09")
    second += wujin_figures.FOLLOWED_AT_ONCE
    sheet.count("land-and-start 2024", "of2024.totalCount", second, "E-F09")
    sheet.add("projects", "all.totalCount", portfolio.share(WUJIN))
    return sheet


def figures_of_nantong(portfolio: Portfolio) -> Sheet:
    """List what had begun by the end of November 2019, and when it became known."""
    sheet = Sheet(portfolio, NANTONG)
    sheet.asks("nantong")
    started, autumn = portfolio.count(*nantong.LARGE_STARTED), portfolio.count(*nantong.AUTUMN)
    sheet.count("started, 10 亿元 or more", "started.totalCount", started, "C-F04")
    huge = portfolio.count(*nantong.PIPELINE) + 1
    sheet.count("100 亿元 or more", "huge.totalCount", huge, "C-F04")
    sheet.count("starts in autumn 2019", "autumn.totalCount", autumn, "C-F02")
    if autumn == nantong.AUTUMN[0]:
        path = "autumn.nodes.*.totalInvestment.amount"
        sheet.add("starts in autumn 2019, 亿元", path, 200, "C-F02", relation=">")
    sheet.add("started before the autumn", "startedBefore.totalCount", started - autumn)
    sheet.add("known before the import", "knownBefore.totalCount", 0)
    within = "withinAYear.nodes[0]"
    sheet.add("within a year: 亿元", f"{within}.totalInvestment.amount", "53.7", "C-F08")
    sheet.add("within a year: precision", f"{within}.leadTime.precision", "month", "C-F08")
    sheet.count("started in one ceremony", "batch[0].ceremonies[0].starts", autumn, "C-F02")
    for quarter in ("first", "second", "third"):
        leader = f"{quarter}.rows[region={nantong.HAIAN}]"
        sheet.add(f"rank of Hai'an, {quarter} quarter 2019", f"{leader}.rank", 1, "C-F13")
    running = f"third.rows[region={nantong.HAIAN}].consecutiveFirst"
    sheet.add("quarters running", running, 3, "C-F13")
    quota = "pools[pool=320682-land]"
    sheet.add("land quota of Rugao, movements", f"{quota}.movements.#", 6, "C-F06")
    fast = "fast.nodes[0].leadTime.calendarDays"
    sheet.add("days from signing to opening", fast, 24, "C-F01")
    sheet.add("projects", "all.totalCount", portfolio.share(NANTONG))
    return sheet
