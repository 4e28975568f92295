"""Windows on the wire: device and client mean the same minutes by the same number."""

import pytest

from custom_components.instagen.links import tariff_form
from custom_components.instagen.links.dts.packing import packed_window, unpacked_window
from custom_components.instagen.plant.tariff import DAY_MINUTES, Window
from custom_components.instagen.simulated import assumptions
from custom_components.instagen.simulated.stick.packing import (
    pack_window,
    unpack_window,
)

EDGES = (0, 1, 29, 30, 59, 60, 270, 271, 720, 1380, 1410, 1438, 1439)


def minutes(window: Window) -> set[int]:
    """Return the minutes of the day that a window of ours holds."""
    return {minute for part in window.parts for minute in range(part.start, part.end)}


def test_ends_are_inclusive_on_both_sides() -> None:
    """Manual 5.1.2 shows 00:30-04:30 beside 04:31-00:29."""
    assert assumptions.LAST_MINUTE_BELONGS is True
    assert tariff_form.LAST_MINUTE_BELONGS is True
    night = Window(30, 271)
    assert packed_window(night) == 0x001E041E
    told = unpack_window(0x001E041E)
    assert told
    assert (told.holds(29), told.holds(30)) == (False, True)
    assert (told.holds(270), told.holds(271)) == (True, False)


@pytest.mark.parametrize("inclusive", [True, False])
def test_one_switch_on_each_side_and_they_agree(
    monkeypatch: pytest.MonkeyPatch, inclusive: bool
) -> None:
    monkeypatch.setattr(assumptions, "LAST_MINUTE_BELONGS", inclusive)
    monkeypatch.setattr(tariff_form, "LAST_MINUTE_BELONGS", inclusive)
    for start in EDGES:
        for end in EDGES:
            window = Window.between(start, end)
            number = packed_window(window)
            if not number or start == end:
                continue  # no window, and the whole day, which rule V9 refuses
            theirs = unpack_window(number)
            assert theirs
            held = {minute for minute in range(DAY_MINUTES) if theirs.holds(minute)}
            assert held == minutes(window)
            assert pack_window(theirs) == number
            assert unpacked_window(number) == window


def test_they_do_not_agree_when_only_one_is_turned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assumptions, "LAST_MINUTE_BELONGS", False)
    told = unpack_window(packed_window(Window(30, 271)))
    assert told
    assert not told.holds(270)
