"""Our blueprints in Home Assistant: brought there by consent, then kept up to date."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from homeassistant.components.automation import automations_with_blueprint
from homeassistant.components.automation.helpers import (
    async_get_blueprints as async_get_automation_blueprints,
)
from homeassistant.components.script import scripts_with_blueprint
from homeassistant.components.script.helpers import (
    async_get_blueprints as async_get_script_blueprints,
)
from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import Store
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util.hass_dict import HassKey

from .blueprint_files import (
    DOMAINS,
    Fate,
    Known,
    beside_of,
    bundle_folder,
    bundled,
    decline,
    deliver,
    difference,
    take,
)
from .const import DOMAIN, LOGGER

BLUEPRINT_CHANGED: Final = "blueprint_changed"

_VERSION: Final = 1

_USERS: Final = {
    "automation": automations_with_blueprint,
    "script": scripts_with_blueprint,
}
_CACHES: Final = {
    "automation": async_get_automation_blueprints,
    "script": async_get_script_blueprints,
}


class BlueprintDelivery:
    """Brings the bundled blueprints into the configuration folder.

    A blueprint's first installation is asked for. From then on each start of Home
    Assistant brings what its owner did not change up to date.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Do nothing yet."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.blueprints"
        )
        self._lock = asyncio.Lock()

    @callback
    def async_start(self) -> None:
        """Keep up to date what was installed, once everybody is there."""
        async_at_started(self._hass, self._async_update)

    @callback
    def async_clear_issues(self) -> None:
        """Ask nothing more: the last plant is gone. What is installed stays."""
        for domain, issue_id in list(ir.async_get(self._hass).issues):
            if domain == DOMAIN and issue_id.startswith(BLUEPRINT_CHANGED):
                ir.async_delete_issue(self._hass, domain, issue_id)

    async def async_install(self, *, asked: bool = True) -> dict[str, list[str]]:
        """Install or update all blueprints; return their paths by what came of each.

        One that was thrown away comes back only when it is asked for. Raises
        ``HomeAssistantError``.
        """
        if self._hass.state is not CoreState.running:
            # Core lays its own examples only where there is no folder yet.
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="blueprints_too_early"
            )
        domains = self._domains()
        if not domains:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="blueprints_no_place"
            )
        bundle = await self._async_bundle()
        async with self._lock:
            known = await self._async_known()
            try:
                fates = await self._hass.async_add_executor_job(
                    self._deliver, bundle, domains, known, asked
                )
            except OSError as err:
                raise self._not_written(err) from err
            finally:  # also what was laid before one that could not be written
                await self._async_remember(known)
            await self._async_tell(bundle, fates)
        told: dict[str, list[str]] = {fate.value: [] for fate in Fate}
        for path, fate in fates.items():
            told[fate].append(path)
        await self._async_reload(told[Fate.INSTALLED], told[Fate.UPDATED])
        return told

    async def async_missing(self) -> tuple[int, int]:
        """Return how many blueprints there are, and how many are not installed."""
        bundle = await self._async_bundle()

        def count() -> tuple[int, int]:
            paths = bundled(bundle)
            return len(paths), sum(not self._place(path).exists() for path in paths)

        return await self._hass.async_add_executor_job(count)

    async def async_settle(self, path: str, *, take_new: bool) -> None:
        """Do with a changed blueprint what its owner decided."""
        bundle = await self._async_bundle()
        settle = take if take_new else decline
        async with self._lock:
            known = await self._async_known()
            try:
                known[path] = await self._hass.async_add_executor_job(
                    settle, bundle / path, self._place(path), known.get(path, Known())
                )
            except OSError as err:
                raise self._not_written(err) from err
            await self._async_remember(known)
        await self._async_reload([], [path])

    # ---- how ----

    async def _async_update(self, _: HomeAssistant) -> None:
        """Update what was installed before; say in the log why that was impossible."""
        if not await self._async_known() or not self._domains():
            return
        try:
            await self.async_install(asked=False)
        except HomeAssistantError as err:
            LOGGER.warning("Blueprints were not updated: %s", err)

    def _domains(self) -> list[str]:
        """Return the domains that are set up."""
        return [one for one in DOMAINS if one in self._hass.config.components]

    def _place(self, path: str) -> Path:
        return Path(self._hass.config.path("blueprints", path))

    def _deliver(
        self,
        bundle: Path,
        domains: Iterable[str],
        known: dict[str, Known],
        asked: bool,
    ) -> dict[str, Fate]:
        """Lay the files; what is known of them is brought up to date."""
        fates: dict[str, Fate] = {}
        for path in bundled(bundle, domains):
            place = self._place(path)
            if not asked and path in known and not place.exists():
                continue
            fates[path], known[path] = deliver(
                bundle / path, place, known.get(path, Known())
            )
        return fates

    async def _async_bundle(self) -> Path:
        bundle = await self._hass.async_add_executor_job(bundle_folder)
        if bundle is None:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="blueprints_missing"
            )
        return bundle

    async def _async_known(self) -> dict[str, Known]:
        stored = await self._store.async_load() or {}
        return {path: Known.from_dict(row) for path, row in stored.items()}

    async def _async_remember(self, known: dict[str, Known]) -> None:
        await self._store.async_save(
            {path: row.as_dict() for path, row in known.items()}
        )

    @staticmethod
    def _not_written(err: OSError) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="blueprints_not_written",
            translation_placeholders={"error": err.strerror or type(err).__name__},
        )

    async def _async_reload(self, new: Iterable[str], updated: Iterable[str]) -> None:
        """Let the blueprints be read anew, and those be built anew that use them."""
        for domain in self._domains():
            if any(_domain_of(path) == domain for path in (*new, *updated)):
                await _CACHES[domain](self._hass).async_reset_cache()
            used: Callable[[HomeAssistant, str], list[str]] = _USERS[domain]
            if any(
                used(self._hass, path.removeprefix(f"{domain}/"))
                for path in updated
                if _domain_of(path) == domain
            ):
                await self._hass.services.async_call(
                    domain, SERVICE_RELOAD, blocking=True
                )

    # ---- repairs ----

    async def _async_tell(self, bundle: Path, fates: dict[str, Fate]) -> None:
        """Raise a repair for each new version that lies beside a changed one."""
        for path, fate in fates.items():
            if fate is Fate.BESIDE:
                await self._async_raise(bundle, path)
            else:
                ir.async_delete_issue(self._hass, DOMAIN, _issue_of(path))

    async def _async_raise(self, bundle: Path, path: str) -> None:
        place = self._place(path)
        found = await self._hass.async_add_executor_job(
            difference, bundle / path, place
        )
        shown = found.lines
        if found.left_out:
            texts = async_get_cached_translations(
                self._hass, self._hass.config.language, "common", DOMAIN
            )
            cut = texts.get(f"component.{DOMAIN}.common.blueprint_difference_cut", "")
            shown += "\n" + cut.format(lines=found.left_out)
        placeholders = {
            "name": place.stem,
            "path": path,
            "beside": beside_of(place).name,
            "difference": shown,
        }
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            _issue_of(path),
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=BLUEPRINT_CHANGED,
            translation_placeholders=placeholders,
            data=dict(placeholders),
        )


def _domain_of(path: str) -> str:
    return path.partition("/")[0]


def _issue_of(path: str) -> str:
    return f"{BLUEPRINT_CHANGED}_{path}"


BLUEPRINTS: Final[HassKey[BlueprintDelivery]] = HassKey(f"{DOMAIN}_blueprints")
