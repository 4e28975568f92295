"""Maintenance commands as entities run them: with translated errors."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import CONF_UNPROVEN_WRITES, DOMAIN
from .control.maintenance import (
    BusyError,
    Command,
    Maintenance,
    NeedsOptInError,
    NotSentError,
    Outcome,
    Progress,
    Result,
)
from .coordinator import InstagenCoordinator


async def async_run_command(
    coordinator: InstagenCoordinator,
    maintenance: Maintenance,
    command: Command,
    progress: Progress,
) -> Result:
    """Run a command to its end, and read the plant anew once it is done.

    Raises ``HomeAssistantError`` when it was not sent.
    """
    options = coordinator.config_entry.options
    try:
        result = await maintenance.run(
            command,
            allow_unproven=options.get(CONF_UNPROVEN_WRITES, False),
            progress=progress,
        )
    except BusyError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="command_busy"
        ) from err
    except NeedsOptInError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="command_needs_opt_in"
        ) from err
    except NotSentError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="command_not_sent"
        ) from err
    if result.outcome is Outcome.DONE:
        await coordinator.async_request_refresh()
    return result


def raise_unless_done(result: Result) -> None:
    """Raise ``HomeAssistantError`` for every end but the good one."""
    if result.outcome is Outcome.DONE:
        return
    if result.code is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=f"command_{result.outcome}"
        )
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=f"command_{result.outcome}_with_code",
        translation_placeholders={"code": str(result.code)},
    )
