"""The levels of government that keep lists of projects."""

from typing import Literal

ListLevel = Literal["provincial", "prefecture", "municipal", "district"]
