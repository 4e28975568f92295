"""Tests of the repository itself: its files, its layout, its promises."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "instagen"
