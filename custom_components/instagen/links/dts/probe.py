"""Finding out, once and gently, whether a DTS stick answers at an address."""

from collections.abc import Callable

from ...plant.identity import PlantIdentity
from .. import LinkError, Verdict
from .errors import DtsError, NoAnswerError, verdict_of
from .identify import serial_text
from .plant import inverters_of
from .session import DtsSession


async def probe(session: DtsSession, greeted: Callable[[], None]) -> PlantIdentity:
    """Ask the stick who it is, then which inverter is behind it.

    ``greeted`` is called between the two. Raises ``LinkError`` with a verdict when it is
    no plant of ours.
    """
    try:
        gateway = await session.gateway_information()
        greeted()
        registry = await session.registry()
    except NoAnswerError as err:
        # A stick of microinverters introduces itself, too, but has no registry.
        known = Verdict.NOT_INSTAGEN if session.serial else Verdict.NO_ANSWER
        raise LinkError(known) from err
    except DtsError as err:
        raise LinkError(verdict_of(err)) from err
    inverters = inverters_of(registry)
    if not inverters:
        raise LinkError(Verdict.NOT_INSTAGEN)
    name = inverters[0].model_name.partition(b"\0")[0].decode("ascii", "ignore")
    return PlantIdentity(model=name.strip() or None, serial=serial_text(gateway.serial))


async def greet(session: DtsSession) -> str:
    """Ask the stick for its serial alone. Raises ``LinkError`` with a verdict."""
    try:
        return serial_text((await session.gateway_information()).serial)
    except DtsError as err:
        raise LinkError(verdict_of(err)) from err
