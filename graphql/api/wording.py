"""Tell in Chinese what people read when a question cannot be answered; codes stay as they are.

Whoever raises an error says it in English, which is also what programs and logs keep. At the door
it is told in the language of the request, as far as it has words here; the rest stays English.
"""

import re
from typing import Any, Final

from graphql import GraphQLError

from api.document_sentences import OF_DOCUMENTS
from api.request_sentences import OF_REQUESTS

SENTENCES: Final = """
Variable '{}' got invalid value {}; {}
变量'{}'的值{}无效：{}

Variable '{}' has invalid value: {}
变量'{}'的值无效：{}

Argument '{}' has invalid value: {}
参数'{}'的值无效：{}

A Date is written as YYYY-MM-DD and must exist in the calendar; {} is none.
日期写作YYYY-MM-DD，且须为历法中存在的一天；{}不是。

A DateTime is written as RFC 3339 with an offset, as {}; {} is none.
时间按RFC 3339书写并带时区，如{}；{}不是。

A Decimal is written plainly, as "1220.1", with at most 40 digits before the point; {} is none.
小数直接写作"1220.1"，小数点前最多40位；{}不是。

A FlexDate is a string; {} is none.
日期须为字符串，{}不是。

{} is no date. Give an existing date as {}
{}不是日期。请给出存在的日期，写作{}

Give `known` or `knownPosition`, not both.
`known`与`knownPosition`只能给出其一。

`knownPosition` counts from 1; 0 is before everything.
`knownPosition`从1起计，0在一切之前。

The read models have reached position {}, not yet {}; ask again.
视图已处理到位置{}，尚未到{}，请稍后再查。

The read models are being made; ask again in a moment.
视图正在生成，请稍后再查。

No policy {} was known at position {}; `policies` lists those that were.
截至位置{1}没有政策{0}，`policies`列出当时已有的政策。

Policy {} is not of the kind {}, so nothing is judged by it.
政策{}不属于{}类，不能据此评判。

`{}` must be between {} and {}.
`{}`须在{}与{}之间。

`{}` must be of this form: {}.
`{}`须为以下形式：{}。

`{}` must lie in the `{}` {}.
`{0}`须在`{1}` {2}之内。

`{}` must not be empty. {}
`{}`不得为空。{}

`{}` cannot be {}. {}
`{}`不能是{}。{}

`{}`: {}
`{}`：{}

Leave it out, or say what you mean.
请省略，或写明所指。

Say what you mean.
请写明所指。

Give one of the kinds that GET /schemas lists, such as {}.
请给出GET /schemas所列的类型，如{}。

Name a rule, such as {}; docs/mechanisms.md lists all of them.
请给出规则编号，如{}；全部规则见docs/mechanisms.md。

Give a code of GB/T 2260, such as {}, or its beginning of two digits or more.
请给出GB/T 2260代码，如{}，或其开头两位以上数字。

Give a section, division or class of GB/T 4754, such as {}.
请给出GB/T 4754的门类、大类或小类，如{}。

Did you mean {}?
您要的可能是{}。

Give one of {}, or a kind that was adopted.
请给出{}之一，或已发布政策的类型。

This cursor was not given out by this field.
此游标不是由本字段给出的。

A text may not contain the NUL character.
文本不得含有NUL字符。

A text may not contain half of a surrogate pair.
文本不得含有不成对的代理码。

The operation asks for {} levels; at most {} are allowed.
查询有{}层，最多允许{}层。

The operation asks for {} fields; at most {} are allowed.
查询有{}个字段，最多允许{}个。

The operation asks for {} objects; at most {} are allowed.
查询涉及{}个对象，最多允许{}个。

This took too long and was stopped; ask for less.
查询超时，已停止；请缩小范围。

The database cannot be reached right now; try again.
暂时无法连接数据库，请重试。

A value is out of range or malformed where it is used.
某个值超出范围或格式不对。

Something went wrong here; the reference is {}.
服务内部出错，编号为{}。

Only trusted documents are answered here; send the documentId of one.
此处只回答已登记的查询，请发送其documentId。

No trusted document is called {}.
没有名为{}的已登记查询。

Mutations are sent with POST.
变更须用POST发送。
"""
"""English sentences, each above what it is in Chinese.

What varies is numbered by its place in the English sentence where the order differs.
"""
WORDS: Final = dict(
    each.split("\n")
    for sentences in (SENTENCES, OF_REQUESTS, OF_DOCUMENTS)
    for each in sentences.strip().split("\n\n")
)


def _read(sentence: str) -> re.Pattern[str]:
    """Give the form of a sentence; what varies is as short as it can be."""
    return re.compile("(.+?)".join(map(re.escape, sentence.split("{}"))), re.DOTALL)


_FORMS = tuple((_read(english), chinese) for english, chinese in WORDS.items())


def worded(message: str, language: str) -> str:
    """Give a message in a language, in English where there are no other words for it."""
    if language != "zh":
        return message
    for form, chinese in _FORMS:
        found = form.fullmatch(message)
        if found is not None:
            # A reason inside a message is a message itself.
            return chinese.format(*(worded(each, language) for each in found.groups()))
    return message


def told(error: GraphQLError, language: str) -> dict[str, Any]:
    """Give an error as it is answered."""
    shown: dict[str, Any] = dict(error.formatted)
    shown["message"] = worded(error.message, language)
    return shown
