"""The reads of a poll are the fewest that the block rules allow."""

from itertools import combinations

from hypothesis import given, strategies as st
import pytest

from benchmarks.least import PROVEN, Register, share_a_read, witnesses
from custom_components.instagen.links.modbus.plan import BLOCKS, Source, blocks_of
from custom_components.instagen.links.modbus.rows import ROWS

ALL_SOURCES = sorted(
    {source for rows in ROWS.values() for row in rows for source in row.sources},
    key=lambda source: (source.register.space, source.register.address),
)


def registers_of(sources: list[Source]) -> set[Register]:
    """Return every register that the sources take, the second words of pairs too."""
    return {
        (source.register.space, source.register.address + offset)
        for source in sources
        for offset in range(source.register.count)
    }


def is_proven(space: str, start: int, count: int) -> bool:
    return any(
        (space, start) == (known, begin) and count <= most
        for known, begin, most in PROVEN
    )


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_each_block_is_a_proven_read(block):
    assert is_proven(block.space, block.start, block.count)


def test_one_read_holds_at_most_123_registers_and_none_overlap():
    assert max(count for _, _, count in PROVEN) == 123
    for (space, start, count), (other, begin, most) in combinations(PROVEN, 2):
        assert space != other or start + count <= begin or begin + most <= start


@given(st.sets(st.sampled_from(sorted(ROWS)), min_size=1))
def test_a_poll_sends_as_few_reads_as_there_are_witnesses(keys):
    sources = [source for key in keys for source in ROWS[key][0].sources]
    openers = witnesses(registers_of(sources))
    assert not any(share_a_read(*pair) for pair in combinations(openers, 2))
    assert len(blocks_of(sources)) == len(openers)


@given(st.sets(st.sampled_from(ALL_SOURCES), min_size=1))
def test_the_reads_bring_everything_asked_for(sources):
    blocks = blocks_of(sources)
    for space, address in registers_of(list(sources)):
        assert any(block.space == space and block.holds(address, 1) for block in blocks)
