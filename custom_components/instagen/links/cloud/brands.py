"""The brands that run on the same cloud: a brand is a row of data.

A capture from a real account corrects a row here and no code (facts/cloud-api.md 13).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

from yarl import URL

from ...plant.evidence import Evidence


class Door(StrEnum):
    """The front doors of one backend (facts/cloud-api.md 1.1)."""

    GATEWAY = "gateway"
    """Wrapped bodies, flat names, a cookie; what the portals use."""

    MICRO_SERVICE = "micro_service"
    """Plain bodies, whole paths, a header; what the apps use."""


class Login(StrEnum):
    """Generations of logging in (facts/cloud-api.md 3.1)."""

    V3 = "v3"
    """A nonce and a salt first, then the answer to them."""

    GATEWAY = "gateway"
    V0 = "v0"


class Digest(StrEnum):
    """How a password is hidden where the cloud gives no salt (facts/cloud-api.md 3.3)."""

    MD5_SHA256 = "md5_sha256"
    MD5 = "md5"


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Everything in which one brand differs from the next."""

    slug: str
    name: str
    base: URL
    """Where all calls go; paths are appended."""

    door: Door
    logins: tuple[Login, ...]
    """The ways to log in, the likeliest first. The next one is tried when the cloud
    wants another, never because of a password."""

    digests: tuple[Digest, ...] = (Digest.MD5_SHA256,)
    """Ways to hide a password, the likeliest first. Each is tried once, and only until
    one was accepted: from then on a refusal means the password."""

    cookie: str = ""
    """Name of the token's cookie at the gateway."""

    tokens: tuple[str, ...] = ("token",)
    """Names that the token goes by in the answer to a login."""

    tenant: int | None = None
    """The brand's own number (``t`` and ``tid``); None when it is not known."""

    user_agent: str = "Mozilla/5.0 (compatible; Instagen for Home Assistant)"
    language: str = "en_us"
    finds_region: bool = False
    regions: Mapping[int, URL] = field(default_factory=dict)
    """Hosts by data centre; no other host is ever logged in to."""

    evidence: Evidence
    reference: bool = False
    """Whether this is a reference cloud, where nothing real can break."""

    def __post_init__(self) -> None:
        """Refuse a brand that would send a token in the clear."""
        for url in (self.base, *self.regions.values()):
            if url.scheme != "https" and not (self.reference and _is_loopback(url)):
                raise ValueError("a brand wants https")
        if self.door is Door.GATEWAY and not self.cookie:
            raise ValueError("the gateway wants a cookie")

    def url_of(self, path: str) -> URL:
        """Return the address of a function."""
        return _join(self.base, path)

    def login_url(self, path: str, region: int | None = None) -> URL:
        """Return the address of a step of the login, in a region if it is known."""
        return _join(self.regions.get(region, self.base) if region else self.base, path)


def _join(base: URL, path: str) -> URL:
    return base.with_path(f"{base.path.rstrip('/')}/{path.lstrip('/')}")


def _is_loopback(url: URL) -> bool:
    if url.host == "localhost":
        return True
    try:
        return ip_address(url.host or "").is_loopback
    except ValueError:
        return False


INSTAGEN: Final = Brand(
    # The best-supported guess, and unproven: nobody has published a single request to
    # this host. Portal path, manual and gateway are those of the brands below.
    slug="instagen",
    name="Instagen",
    base=URL("https://cloudinstagen.co.uk/platform/api/gateway"),
    door=Door.GATEWAY,
    logins=(Login.GATEWAY,),
    digests=(Digest.MD5_SHA256, Digest.MD5),
    cookie="instagen_token",
    tokens=("token", "instagen_token"),
    evidence=Evidence.INFERRED,
)

HOYMILES: Final = Brand(
    slug="hoymiles",
    name="Hoymiles",
    base=URL("https://neapi.hoymiles.com"),
    door=Door.MICRO_SERVICE,
    logins=(Login.V3, Login.V0),
    tenant=159,
    finds_region=True,
    regions=MappingProxyType(
        {
            0: URL("https://neapi.hoymiles.com"),
            1: URL("https://euapi.hoymiles.com"),
        }
    ),
    evidence=Evidence.DOCUMENTED,
)

SOLENSO: Final = Brand(
    slug="solenso",
    name="Solenso",
    base=URL("https://monitor.solenso.net/platform/api/gateway"),
    door=Door.GATEWAY,
    logins=(Login.GATEWAY,),
    digests=(Digest.MD5_SHA256, Digest.MD5),
    cookie="solenso_token",
    tokens=("token", "solenso_token"),
    tenant=197,
    evidence=Evidence.DOCUMENTED,
)

ESTAR: Final = Brand(
    slug="estar",
    name="E-Star",
    base=URL("https://monitor.estarpower.com/platform/api/gateway"),
    door=Door.GATEWAY,
    logins=(Login.GATEWAY,),
    digests=(Digest.MD5_SHA256, Digest.MD5),
    cookie="estar_token",
    tokens=("token", "estar_token"),
    evidence=Evidence.DOCUMENTED,
)

BRANDS: Final[Mapping[str, Brand]] = MappingProxyType(
    {brand.slug: brand for brand in (INSTAGEN, HOYMILES, SOLENSO, ESTAR)}
)
"""The real brands by their short names."""


def reference_brand(
    address: str,
    *,
    door: Door = Door.GATEWAY,
    logins: tuple[Login, ...] = (),
    digests: tuple[Digest, ...] = (Digest.MD5_SHA256,),
    cookie: str = "instagen_token",
    region_address: str | None = None,
) -> Brand:
    """Make the brand of a reference cloud; it may only run on this very machine.

    ``address`` is its root, such as ``http://127.0.0.1:8080``, and ``region_address`` that
    of its data centre 1, where it has one.
    """
    root = URL(address)
    regions = {0: root, 1: URL(region_address)} if region_address else {}
    if not all(_is_loopback(url) for url in (root, *regions.values())):
        raise ValueError("a reference cloud runs on this machine")
    gateway = door is Door.GATEWAY
    return Brand(
        slug="reference",
        name="Reference cloud",
        base=_join(root, "platform/api/gateway") if gateway else root,
        door=door,
        logins=logins or ((Login.GATEWAY,) if gateway else (Login.V3,)),
        digests=digests,
        cookie=cookie,
        finds_region=bool(regions),
        regions=MappingProxyType(regions),
        evidence=Evidence.CONFIRMED,
        reference=True,
    )
