"""Frames and packings of the stick (facts/protobuf-10081.md sections 1, 3, 6)."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.stick import SimulatedStick, StickConfig
from custom_components.instagen.simulated.stick.frame import (
    Frame,
    FrameBuffer,
    crc16,
    decode,
)
from custom_components.instagen.simulated.stick.packing import (
    pack_range,
    pack_weekdays,
    pack_window,
    serial_number,
    serial_text,
    unpack_range,
    unpack_weekdays,
    unpack_window,
    version,
)
from custom_components.instagen.simulated.tariff import Window

STICK = 0x430122480680
VECTORS = {
    "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101": (
        0xDB01,
        1,
        0,
        255,
    ),
    "484dc30200024a230037000e0000430122480680000000010880e2cfaa06121332303233"
    "2d31312d31342032323a31333a32301880e101": (0xC302, 2, STICK, 1),
    "484dc30300031b2b003f000e0000430122480680000000010880e2cfaa06121332303233"
    "2d31312d31342032323a31333a32301880e10128f8acd191b18008": (0xC303, 3, STICK, 1),
    "484dc3080004174e0031000e0000430122480680000000010880e2cfaa061080e2cfaa06"
    "1a07f8acd191b1800820012814": (0xC308, 4, STICK, 1),
}


def test_crc_has_the_check_value() -> None:
    assert crc16(b"123456789") == 0x4B37
    assert crc16(bytes.fromhex("10c6b8bfc2061880e101")) == 0x1458


@pytest.mark.parametrize(("text", "header"), VECTORS.items())
def test_frames_of_the_facts(text: str, header: tuple[int, int, int, int]) -> None:
    data = bytes.fromhex(text)
    frame = decode(data)
    assert frame is not None
    assert (frame.command, frame.sequence, frame.serial, frame.target) == header
    assert frame.encode() == data


def test_the_short_form() -> None:
    frame = Frame(0xA301, 9, b"abc", long=False)
    data = frame.encode()
    assert len(data) == 13
    assert decode(data) == frame
    assert frame.answer(b"", 0).command == 0xA201


@given(st.binary(max_size=400), st.integers(1, 40))
def test_frames_survive_every_cut(payload: bytes, size: int) -> None:
    frame = Frame(0xC303, 7, payload, STICK, 1)
    data = frame.encode() * 2
    buffer = FrameBuffer()
    found = []
    for start in range(0, len(data), size):
        found += buffer.feed(data[start : start + size])
    assert found == [frame, frame]


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=6))
def test_noise_raises_nothing_and_is_not_kept(pieces: list[bytes]) -> None:
    buffer = FrameBuffer()
    for piece in pieces:
        buffer.feed(piece)
    assert len(buffer._bytes) <= 360


_COMMANDS = st.sampled_from(
    [
        56065,
        56066,
        56067,
        56068,
        56070,
        56071,
        56072,
        49922,
        49923,
        49927,
        49928,
        50174,
        41745,
    ]
)


@settings(max_examples=1500, deadline=None)
@given(_COMMANDS, st.binary(max_size=80), st.sampled_from([1, 255, 7]))
def test_no_payload_breaks_a_handler(command: int, payload: bytes, target: int) -> None:
    stick = SimulatedStick(SimulatedPlant(), StickConfig(answers_mode_read=True))
    stick.answer(Frame(command, 1, payload, STICK, target))
    stick.plant.advance(30)
    assert stick.answer(Frame(0xDB01, 2, b"", 0, 255)) is not None or stick.away


def test_serials_are_their_own_hex_digits() -> None:
    assert serial_number("430122480680") == STICK
    assert serial_text(STICK) == "430122480680"


def test_versions() -> None:
    assert (version(1, 0, 9), version(11, 1, 1)) == (4105, 45313)


def test_ranges() -> None:
    assert pack_range((6, 0), (10, 0)) == 0x06000A00
    assert pack_range((1, 1), (31, 3)) == 0x01011F03
    assert unpack_range(0x01011F03) == ((1, 1), (31, 3))
    assert pack_window(Window(271, 30)) == 0x041F001D
    assert unpack_window(0x041F001D) == Window(271, 30)
    assert unpack_window(0x0000173B) == Window(0, 1440)
    assert unpack_window(0x041F041E) == Window(0, 1440)
    assert (pack_window(None), unpack_window(0)) == (0, None)
    with pytest.raises(ValueError, match="time of day"):
        unpack_window(0x19000000)


def test_weekdays() -> None:
    assert pack_weekdays(frozenset({0, 6})) == 65
    assert unpack_weekdays(65) == {0, 6}
