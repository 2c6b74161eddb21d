"""Write events for people, in Chinese and in English, from nothing but their bytes."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from domain.envelope import Recorded
from domain.flexdate import BEIJING
from domain.kinds import KINDS
from domain.person_name import COMMITMENT_PREFIX

LANGUAGES = ("zh", "en")
_WORDS = {
    "zh": {
        "title": "证据包中的事实",
        "note": "本文件由事件原文生成；以 events/ 中的原文为准。",
        "occurred_on": "发生日期",
        "recorded_at": "记录时间（北京）",
        "stream": "所属",
        "version": "版本",
        "who": "责任人",
        "reason": "理由",
        "source": "来源",
        "evidence": "依据",
        "corrects": "更正",
        "approved": "复核",
        "payload": "内容",
        "sealed": "（姓名已封存）",
    },
    "en": {
        "title": "The facts of this bundle",
        "note": "Made from the events; what counts are their bytes in events/.",
        "occurred_on": "date",
        "recorded_at": "recorded (Beijing)",
        "stream": "about",
        "version": "version",
        "who": "who",
        "reason": "why",
        "source": "source",
        "evidence": "evidence",
        "corrects": "corrects",
        "approved": "approved by",
        "payload": "content",
        "sealed": "(name sealed)",
    },
}


def facts_file(language: str) -> str:
    """Name the file of a language."""
    return f"facts.{language}.md"


def facts(events: Iterable[Recorded], names: Mapping[str, str], language: str) -> bytes:
    """Write all events; names are put in where they were handed out, by their commitments."""
    words = _WORDS[language]
    parts = [f"# {words['title']}\n\n{words['note']}\n"]
    parts += [_fact(event, names, language) for event in events]
    return "\n".join(parts).encode()


def _fact(event: Recorded, names: Mapping[str, str], language: str) -> str:
    """Write one event."""
    words = _WORDS[language]
    kind = KINDS.get(event.kind)
    chinese, english = (event.kind, event.kind) if kind is None else (kind.chinese, kind.english)
    person = _opened(event.actor.name, names, words["sealed"])
    source = event.source
    label = "" if source.record_version is None else f" ({source.record_version})"
    rows = {
        "occurred_on": event.occurred_on.text,
        "recorded_at": event.recorded_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        "stream": event.stream,
        "version": event.version,
        "who": " · ".join(filter(None, (event.actor.org, event.actor.role, person))),
        "reason": event.reason,
        "source": f"{source.system} {source.record_id}{label}",
        "evidence": "; ".join(f"{each.title} sha256:{each.sha256}" for each in event.evidence),
        "corrects": event.corrects,
        "approved": "; ".join(each.actor.org for each in event.approvals),
        "payload": _line(_opened(event.payload, names, words["sealed"])),
    }
    title = f"## {event.position} {chinese if language == 'zh' else english} `{event.kind}`\n\n"
    return title + "".join(f"- {words[key]}: {_plain(row)}\n" for key, row in rows.items() if row)


def _opened(value: Any, names: Mapping[str, str], sealed: str) -> Any:
    """Put names in place of their commitments, and say where one is sealed."""
    if isinstance(value, dict):
        return {key: _opened(item, names, sealed) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item, names, sealed) for item in value]
    if isinstance(value, str) and value.startswith(COMMITMENT_PREFIX):
        return names.get(value, sealed)
    return value


def _line(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: object) -> str:
    """Keep a value on its line."""
    return " ".join(str(value).split())
