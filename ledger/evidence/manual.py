"""The manual that lies in every bundle: how to check it with tools that everybody has."""

from pathlib import Path

NAME = "MANUAL.md"
TEXT = Path(__file__).with_name("manual.md").read_text("utf-8")
