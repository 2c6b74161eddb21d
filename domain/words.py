"""Texts for people, in both languages of the ledger."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Chinese and English, perhaps with `{named}` places to fill."""

    zh: str
    en: str

    def fill(self, language: Language, **facts: object) -> str:
        """Give the text of a language with its places filled."""
        return (self.zh if language == "zh" else self.en).format_map(facts)
