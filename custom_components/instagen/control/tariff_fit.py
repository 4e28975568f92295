"""The best two windows for days that have more: one peak and one off-peak of them.

Days are weighed minute by minute on the ring of 1,440. What fits is what has the right
band at the right price; among equals wins what charges least at a wrong price, then the
earlier window.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final, NamedTuple

from ..plant.tariff import (
    ALL_WEEK,
    DAY_MINUTES,
    WHOLE_DAY,
    Band,
    Group,
    Period,
    Rate,
    Window,
)

_RATES: Final = 4
"""How many prices are tried for each band; a tariff that fits has one."""

type Label = tuple[Band, Rate]
type Profile = tuple[tuple[int, int, Band, Rate], ...]
"""Known minutes of a day: from, to, and what they are."""


class _Span(NamedTuple):
    """Minutes of the ring at whose borders something changes, and what was seen there."""

    start: int
    end: int
    seen: Mapping[Label, int]
    """Minutes by what they are; a minute of several days counts several times."""


class _Choice(NamedTuple):
    """One way to lay a window, the spans it covers, and what it gains."""

    window: Window | None
    covers: int
    """One bit for each span."""

    gain: int
    dear: int
    """Minutes that it calls cheap and are not."""


def best_groups(days: Mapping[int, Sequence[Profile]]) -> tuple[Group, Group | None]:
    """Return the two groups that hold the most of the days known of each weekday.

    A weekday of which nothing is known goes with the first group.
    """
    known = {day: tuple(profiles) for day, profiles in days.items() if any(profiles)}
    kinds = list(dict.fromkeys(known.values()))
    single, most = _best(known.values())
    whole = sum(_minutes(profile) for kind in known.values() for profile in kind)
    if most == whole or len(kinds) < 2:
        return replace(single, weekdays=ALL_WEEK), None
    best: tuple[int, Group, Group] | None = None
    # The first kind is always in group A: the other half is the same, mirrored.
    for chosen in product((True, False), repeat=len(kinds) - 1):
        first = {
            kinds[0],
            *(k for k, one in zip(kinds[1:], chosen, strict=True) if one),
        }
        second = frozenset(day for day, kind in known.items() if kind not in first)
        if not second:
            continue
        group_a, held_a = _best(known[day] for day in known if day not in second)
        group_b, held_b = _best(known[day] for day in second)
        if best is None or held_a + held_b > best[0]:
            best = (
                held_a + held_b,
                replace(group_a, weekdays=ALL_WEEK - second),
                replace(group_b, weekdays=second),
            )
    if best is None or best[0] <= most:
        return replace(single, weekdays=ALL_WEEK), None
    return best[1], best[2]


def _minutes(profile: Profile) -> int:
    return sum(end - start for start, end, _, _ in profile)


def _best(kinds: Iterable[Sequence[Profile]]) -> tuple[Group, int]:
    """Return the windows and prices that hold the most, and how many minutes they hold."""
    spans = _spans([profile for kind in kinds for profile in kind])
    seen: Counter[Label] = Counter()
    for span in spans:
        seen.update(span.seen)
    tried = [
        _lay(spans, dict(zip(Band, rates, strict=True)))
        for rates in product(*(_rates(seen, band) for band in Band))
    ]
    group, held, _ = max(tried, key=lambda one: (one[1], -one[2]))
    return group, held


def _rates(seen: Counter[Label], band: Band) -> list[Rate | None]:
    """Return the prices to try for a band, the most frequent first."""
    rates = [rate for (one, rate), _ in seen.most_common() if one is band]
    return [*rates[:_RATES]] or [None]


def _spans(profiles: Sequence[Profile]) -> list[_Span]:
    """Cut the ring wherever a day changes, and count what each piece is."""
    edges = {0, DAY_MINUTES}
    for profile in profiles:
        for start, end, _, _ in profile:
            edges |= {start, end}
    ordered = sorted(edges)
    place = {edge: number for number, edge in enumerate(ordered)}
    counts: list[Counter[Label]] = [Counter() for _ in ordered[1:]]
    for profile in profiles:
        for start, end, band, rate in profile:
            for number in range(place[start], place[end]):
                length = ordered[number + 1] - ordered[number]
                counts[number][band, rate] += length
    return [
        _Span(start, end, count)
        for start, end, count in zip(ordered, ordered[1:], counts, strict=False)
    ]


def _lay(
    spans: Sequence[_Span], rates: Mapping[Band, Rate | None]
) -> tuple[Group, int, int]:
    """Lay the windows for one choice of prices; tell what they hold, and hold wrongly."""
    rest = [_seen(span, Band.PARTIAL_PEAK, rates) for span in spans]
    cheap, peak = _best_pair(
        list(_choices(spans, Band.OFF_PEAK, rates, rest)),
        list(_choices(spans, Band.PEAK, rates, rest)),
    )
    gain = cheap.gain + peak.gain
    group = _group(spans, rates, cheap, peak)
    return group, sum(rest) + gain, cheap.dear


def _best_pair(cheap: list[_Choice], peak: list[_Choice]) -> tuple[_Choice, _Choice]:
    """Return the two windows that gain most and are apart."""
    cheap.sort(key=lambda one: -one.gain)
    peak.sort(key=lambda one: -one.gain)
    found = [one for one in (*cheap, *peak) if one.window is None]
    best = (found[0], found[1])
    for first in cheap:
        for second in peak:
            if first.gain + second.gain < best[0].gain + best[1].gain:
                break
            if not first.covers & second.covers:
                best = max(best, (first, second), key=_score)
    return best


def _score(pair: tuple[_Choice, _Choice]) -> tuple[int, int, int]:
    cheap, peak = pair
    early = -cheap.window.start if cheap.window else 0
    return cheap.gain + peak.gain, -cheap.dear, early


def _seen(span: _Span, band: Band, rates: Mapping[Band, Rate | None]) -> int:
    rate = rates[band]
    return 0 if rate is None else span.seen.get((band, rate), 0)


def _choices(
    spans: Sequence[_Span],
    band: Band,
    rates: Mapping[Band, Rate | None],
    rest: Sequence[int],
) -> Iterator[_Choice]:
    """Return windows from where a band becomes more or less frequent to another such place."""
    yield _Choice(None, 0, 0, 0)
    held = [_seen(span, band, rates) for span in spans]
    count = len(spans)
    share = [
        minutes / (span.end - span.start)
        for minutes, span in zip(held, spans, strict=True)
    ]
    firsts = [n for n in range(count) if held[n] and share[n] != share[n - 1]]
    lasts = [n for n in range(count) if held[n] and share[n] != share[(n + 1) % count]]
    if any(held) and not firsts:
        firsts, lasts = [0], [count - 1]
    for first, last in product(firsts, lasts):
        covers = [(first + n) % count for n in range((last - first) % count + 1)]
        window = Window.between(spans[first].start, spans[last].end % DAY_MINUTES)
        if len(covers) == count:
            window = WHOLE_DAY
        yield _Choice(
            window,
            sum(1 << n for n in covers),
            sum(held[n] - rest[n] for n in covers),
            sum(sum(spans[n].seen.values()) - held[n] for n in covers),
        )


def _group(
    spans: Sequence[_Span],
    rates: Mapping[Band, Rate | None],
    cheap: _Choice,
    peak: _Choice,
) -> Group:
    """Make a group, and give the rest of the day a price where it needs one."""
    group = Group(
        peak=_period(peak, rates[Band.PEAK]),
        off_peak=_period(cheap, rates[Band.OFF_PEAK]),
        partial=rates[Band.PARTIAL_PEAK],
    )
    covered = cheap.covers | peak.covers
    left = [n for n in range(len(spans)) if not covered >> n & 1]
    if not left:
        return replace(group, partial=None)
    if group.partial is not None and group.periods:
        return group
    seen: Counter[Rate] = Counter()
    for number in left:
        for (_, rate), minutes in spans[number].seen.items():
            seen[rate] += minutes
    others = [rate for rate, _ in seen.most_common()] + [r for _, r in group.rates]
    partial = group.partial or next(iter(others), None)
    if not group.periods and partial is not None:
        # The device wants a window; peak at the one price is a day like any other.
        return Group(peak=Period(WHOLE_DAY, partial))
    return replace(group, partial=partial)


def _period(choice: _Choice, rate: Rate | None) -> Period | None:
    return Period(choice.window, rate) if choice.window and rate else None
