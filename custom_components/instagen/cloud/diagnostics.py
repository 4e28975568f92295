"""What a developer needs to help with an account, without anything that tells whose it is."""

from dataclasses import asdict
from typing import Any

from .runtime import AccountEntry


def account_report(entry: AccountEntry) -> dict[str, Any]:
    """Return numbers, and how the connection does: no name, no mail, no serial, no place."""
    account = entry.runtime_data
    home, view = account.coordinator.home(), account.mirror.view
    return {
        "brand": account.client.brand.slug,
        "opt_in": account.client.opt_in,
        "kind": view.kind,
        "role_codes": list(view.me.role_ids) if view.me else None,
        "plants_by_state": {
            str(state): count for state, count in home.plants_by_state.items()
        },
        "devices_by_code": {
            str(code): count for code, count in home.devices_by_code.items()
        },
        "followed": len(entry.subentries),
        "outstanding": account.mirror.outstanding,
        "last_update_success": account.coordinator.last_update_success,
        "last_error": getattr(
            account.coordinator.last_exception, "translation_key", None
        ),
        "statistics": asdict(account.client.transport.statistics),
    }
