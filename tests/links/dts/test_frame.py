"""Frames: the vectors of the facts, and everything a wire can do to them."""

import random

import pytest

from custom_components.instagen.links.dts.errors import (
    BadCrcError,
    BadLengthError,
    FrameError,
)
from custom_components.instagen.links.dts.frame import (
    MAX_FRAME,
    TO_STICK,
    Command,
    Frame,
    FrameReader,
    crc,
)

VECTORS = {
    "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101": Frame(
        command=Command.GATEWAY_INFORMATION,
        sequence=1,
        payload=bytes.fromhex("1080e2cfaa061880e101"),
    ),
    "484dc30200024a230037000e0000430122480680000000010880e2cfaa06121332303233"
    "2d31312d31342032323a31333a32301880e101": Frame(
        command=Command.REGISTRY,
        sequence=2,
        serial=0x430122480680,
        target=1,
        payload=bytes.fromhex(
            "0880e2cfaa061213323032332d31312d31342032323a31333a32301880e101"
        ),
    ),
    "484dc3080004174e0031000e0000430122480680000000010880e2cfaa061080e2cfaa06"
    "1a07f8acd191b1800820012814": Frame(
        command=Command.WRITE_WORKING_MODE,
        sequence=4,
        serial=0x430122480680,
        target=1,
        payload=bytes.fromhex("0880e2cfaa061080e2cfaa061a07f8acd191b1800820012814"),
    ),
}
FRAME = Frame(command=0xDA01, sequence=7, payload=b"\x08\x01", serial=5)


def read(*pieces: bytes) -> list[Frame | str]:
    """Feed pieces; return frames and the names of errors as they come."""
    reader = FrameReader()
    found: list[Frame | str] = []
    for piece in pieces:
        reader.feed(piece)
        while True:
            try:
                frame = reader.take()
            except FrameError as err:
                found.append(type(err).__name__)
                continue
            if frame is None:
                break
            found.append(frame)
        assert len(reader) <= MAX_FRAME
    return found


def test_the_check_value():
    assert crc(b"123456789") == 0x4B37
    assert crc(bytes.fromhex("10c6b8bfc2061880e101")) == 0x1458


@pytest.mark.parametrize(("raw", "frame"), VECTORS.items())
def test_the_vectors_of_the_facts(raw: str, frame: Frame):
    assert frame.encode().hex() == raw
    assert read(bytes.fromhex(raw)) == [frame]


def test_a_short_form_has_neither_serial_nor_target():
    frame = Frame(command=0xA301, sequence=3, payload=b"\x10\x01")
    assert len(frame.encode()) == 12
    assert read(frame.encode()) == [frame]
    assert frame.target == TO_STICK


def test_pieces_are_joined():
    raw = FRAME.encode()
    assert read(*(raw[n : n + 1] for n in range(len(raw)))) == [FRAME]
    assert read(raw[:11], raw[11:]) == [FRAME]


def test_what_comes_joined_is_parted():
    raw = FRAME.encode()
    assert read(raw + raw + raw[:5], raw[5:]) == [FRAME, FRAME, FRAME]


def test_long_answers():
    frame = Frame(command=0xC203, sequence=9, payload=bytes(range(256)) * 12)
    raw = frame.encode()
    assert read(raw[:1024], raw[1024:2048], raw[2048:]) == [frame]


@pytest.mark.parametrize("garbage", [b"x", b"H", b"HH", b"\0" * 40_000, b"MH"])
def test_garbage_before_a_frame(garbage: bytes):
    assert read(garbage, FRAME.encode()) == [FRAME]
    assert read(garbage + FRAME.encode()) == [FRAME]


def test_a_wrong_crc_costs_only_its_own_frame():
    raw = FRAME.encode()
    broken = raw[:-1] + bytes([raw[-1] ^ 1])
    assert read(broken + raw) == [BadCrcError.__name__, FRAME]


@pytest.mark.parametrize("length", [0, 9, 23, MAX_FRAME + 1, 0xFFFF])
def test_a_wrong_length_costs_only_its_own_frame(length: int):
    raw = FRAME.encode()
    broken = raw[:8] + length.to_bytes(2) + raw[10:]
    assert read(broken + raw) == [BadLengthError.__name__, FRAME]


def test_a_wrong_extension():
    raw = FRAME.encode()
    broken = raw[:10] + b"\x00\x0f" + raw[12:]
    assert read(broken + raw) == [BadLengthError.__name__, FRAME]


def test_every_broken_bit_is_noticed_or_harmless():
    """No broken frame stands in the way of the next two whole ones."""
    raw = FRAME.encode()
    for place in range(len(raw) * 8):
        broken = bytearray(raw)
        broken[place // 8] ^= 1 << place % 8
        found = read(bytes(broken) + raw * 800)
        assert found[-1] == FRAME, place


def test_any_cut_of_any_stream():
    """However the bytes are dealt out, the frames are the same."""
    rng = random.Random(3)
    frames = [
        Frame(command=0xDA01, sequence=n, payload=rng.randbytes(rng.randrange(300)))
        for n in range(50)
    ]
    raw = b"".join(frame.encode() for frame in frames)
    for _ in range(30):
        cuts = sorted(rng.randrange(len(raw)) for _ in range(20))
        pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
        assert read(*pieces) == frames
