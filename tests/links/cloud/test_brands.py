"""Brands are rows of data, and none of them sends a token in the clear."""

from dataclasses import replace

import pytest

from custom_components.instagen.links.cloud.brands import (
    BRANDS,
    HOYMILES,
    INSTAGEN,
    Door,
    Login,
    reference_brand,
)
from custom_components.instagen.plant.evidence import Evidence


def test_ours_is_a_guess_and_says_so():
    assert INSTAGEN.evidence is Evidence.INFERRED
    assert str(INSTAGEN.url_of("pvm/station_find")) == (
        "https://cloudinstagen.co.uk/platform/api/gateway/pvm/station_find"
    )
    assert not INSTAGEN.reference


@pytest.mark.parametrize("brand", BRANDS.values(), ids=BRANDS)
def test_every_real_brand_is_encrypted(brand):
    assert brand.base.scheme == "https"
    assert not brand.reference
    with pytest.raises(ValueError, match="https"):
        replace(brand, base=brand.base.with_scheme("http"))


def test_a_region_is_only_used_where_it_is_known():
    path = "/iam/pub/3/auth/login"
    assert HOYMILES.login_url(path, 1).host == "euapi.hoymiles.com"
    assert HOYMILES.login_url(path, 0).host == "neapi.hoymiles.com"
    assert HOYMILES.login_url(path, 7).host == "neapi.hoymiles.com"
    assert HOYMILES.login_url(path).host == "neapi.hoymiles.com"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:80", "http://[::1]", "http://localhost"]
)
def test_a_reference_cloud_may_go_without(address: str):
    brand = reference_brand(address)
    assert brand.reference
    assert brand.url_of("a/b").path == "/platform/api/gateway/a/b"
    plain = reference_brand(address, door=Door.MICRO_SERVICE)
    assert plain.url_of("/a/b").path == "/a/b"
    assert plain.logins == (Login.V3,)


@pytest.mark.parametrize("address", ["http://192.0.2.1", "https://example.com"])
def test_but_only_on_this_machine(address: str):
    with pytest.raises(ValueError, match="this machine"):
        reference_brand(address)


def test_the_gateway_wants_a_cookie():
    with pytest.raises(ValueError, match="cookie"):
        replace(INSTAGEN, cookie="")
