"""What the districts of Jiangsu are called, by their codes of GB/T 2260.

Districts that were abolished stay, since facts of earlier years bear their codes. Development zones
call themselves as they like and have no name here.
"""

from typing import Final

_PREFECTURES: Final[dict[str, tuple[str, str]]] = {
    "3201": (
        "南京市",
        (
            "02玄武区 04秦淮区 05建邺区 06鼓楼区 11浦口区 13栖霞区 14雨花台区 15江宁区 16六合区"
            " 17溧水区 18高淳区 24溧水县 25高淳县"
        ),
    ),
    "3202": ("无锡市", "05锡山区 06惠山区 11滨湖区 13梁溪区 14新吴区 81江阴市 82宜兴市"),
    "3203": (
        "徐州市",
        (
            "02鼓楼区 03云龙区 05贾汪区 11泉山区 12铜山区 21丰县 22沛县 23铜山县 24睢宁县"
            " 81新沂市 82邳州市"
        ),
    ),
    "3204": ("常州市", "02天宁区 04钟楼区 05戚墅堰区 11新北区 12武进区 13金坛区 81溧阳市 82金坛市"),
    "3205": (
        "苏州市",
        (
            "05虎丘区 06吴中区 07相城区 08姑苏区 09吴江区 81常熟市 82张家港市 83昆山市 84吴江市"
            " 85太仓市"
        ),
    ),
    "3206": (
        "南通市",
        (
            "02崇川区 11港闸区 12通州区 13崇川区 14海门区 21海安县 23如东县 81启东市 82如皋市"
            " 83通州市 84海门市 85海安市"
        ),
    ),
    "3207": (
        "连云港市",
        "03连云区 05新浦区 06海州区 07赣榆区 21赣榆县 22东海县 23灌云县 24灌南县",
    ),
    "3208": (
        "淮安市",
        (
            "02清河区 03淮安区 04淮阴区 11清浦区 12清江浦区 13洪泽区 26涟水县 29洪泽县 30盱眙县"
            " 31金湖县"
        ),
    ),
    "3209": (
        "盐城市",
        (
            "02亭湖区 03盐都区 04大丰区 21响水县 22滨海县 23阜宁县 24射阳县 25建湖县 28盐都县"
            " 81东台市 82大丰市"
        ),
    ),
    "3210": (
        "扬州市",
        "02广陵区 03邗江区 11维扬区 12江都区 23宝应县 81仪征市 84高邮市 88江都市",
    ),
    "3211": ("镇江市", "02京口区 11润州区 12丹徒区 81丹阳市 82扬中市 83句容市"),
    "3212": ("泰州市", "02海陵区 03高港区 04姜堰区 81兴化市 82靖江市 83泰兴市 84姜堰市"),
    "3213": ("宿迁市", "02宿城区 11宿豫区 21宿豫县 22沭阳县 23泗阳县 24泗洪县"),
}
"""The name of each prefecture, and the last two digits of its counties with their names."""

NAMES: Final[dict[str, str]] = {
    code: name
    for prefecture, (own, counties) in _PREFECTURES.items()
    for code, name in (
        (prefecture, own),
        (f"{prefecture}00", own),
        *((f"{prefecture}{county[:2]}", county[2:]) for county in counties.split()),
    )
}
"""What a code is called, a prefecture's also with its two zeros."""
