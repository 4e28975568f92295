"""Another use of the device's own contact: open, rest, write, verify (automation.md 4.8).

The first write switches every use off, which opens the contact whatever moved it; the
second one, after a rest, chooses the new use, and never with a command of the old one.
Nothing of this is written down: whoever is stopped in between leaves the contact open,
which is safe, and a restart moves nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ..plant.contact_settings import FUNCTION, GENERATOR, LOAD_CONTACT, LOAD_MODE
from ..plant.dry_contact import ContactFunction
from ..plant.settings import SettingValue, SettingValues
from .wishes import Outcome, Refusal, Result, WishError

OBEYS: Final = 20.0
"""Seconds within which a device does what it took (facts/local-protocol.md 4.6)."""

REST: Final = 5.0
"""Seconds that the contact then rests open between two uses."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One write of a change."""

    changes: SettingValues
    rest: float = 0.0
    """Seconds to wait before it."""


_OPEN: Final[SettingValues] = {LOAD_CONTACT: False, GENERATOR: False}


def stages(before: SettingValues, changes: SettingValues) -> tuple[Stage, ...]:
    """Return the writes that a change of the contact takes, one after the other.

    Only another use wants more than one: another function, or another load mode while
    loads are controlled. A use that nobody can name has to be opened as well.
    """
    after = {**before, **changes}
    if _use(before) == _use(after):
        return (Stage(changes=changes),)
    commands = {key: changes.get(key, False) for key in _OPEN}
    wished: dict[str, SettingValue] = {**changes, **commands}
    if before.get(FUNCTION) == ContactFunction.OFF:
        return (Stage(changes=wished),)
    opened = Stage(changes={**_OPEN, FUNCTION: ContactFunction.OFF.value})
    if after.get(FUNCTION) == ContactFunction.OFF:
        return (Stage(changes={**wished, **opened.changes}),)
    if FUNCTION in after:
        wished[FUNCTION] = after[FUNCTION]
    return (opened, Stage(changes=wished, rest=OBEYS + REST))


def _use(values: SettingValues) -> tuple[SettingValue | None, SettingValue | None]:
    function = values.get(FUNCTION)
    loads = function == ContactFunction.LOAD_CONTROL
    return function, values.get(LOAD_MODE) if loads else None


async def carry_out(
    before: SettingValues,
    changes: SettingValues,
    *,
    write: Callable[[SettingValues], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[None]],
) -> Outcome:
    """Write one stage after the other; none follows one that was not proven.

    ``write`` is one wish to the writer. Raises ``WishError``.
    """
    head, *rest = stages(before, changes)
    first = outcome = await write(head.changes)
    for stage in rest:
        if outcome.result not in _PROVEN:
            raise WishError(Refusal.NOT_APPLIED, {"setting": FUNCTION})
        await sleep(stage.rest)
        outcome = await write(stage.changes)
    return Outcome(
        result=outcome.result,
        before=first.before,
        after=outcome.after,
        link=outcome.link or first.link,
    )


_PROVEN: Final = frozenset({Result.VERIFIED, Result.UNCHANGED})
