"""An account at the reference cloud."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, DummyCookieJar

from custom_components.instagen.links.cloud.auth import Credentials
from custom_components.instagen.links.cloud.brands import Brand, reference_brand
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.session import CloudSession
from custom_components.instagen.links.cloud.transport import Limits, Transport
from simulator.cloud import PASSWORDS, Cloud

from .server import Clock


@asynccontextmanager
async def account(
    cloud: Cloud,
    clock: Clock,
    *,
    name: str = "demo-installer",
    brand: Brand | None = None,
    limits: Limits | None = None,
    **given: Any,
) -> AsyncGenerator[CloudClient]:
    """Open an account; time passes in the cloud, too, when the client sleeps."""

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        if cloud.plant_clock is not None:
            cloud.advance(seconds)

    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        transport = Transport(
            http, limits=limits or Limits(timeout=5), clock=clock, sleep=sleep
        )
        who = Credentials(name, PASSWORDS[name])
        brand = brand or reference_brand(cloud.base_url)
        yield CloudClient(CloudSession(transport, brand, who), **given)
