"""Requests about plants (manual 4.2)."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, override

from ..permissions import Right
from ..rules import (
    Rule,
    RuleError,
    check_capacity,
    check_location,
    grid_code_first,
    need,
)
from ..view import Needs, View
from .base import Body, Dialect, Request, given


@dataclass(frozen=True, kw_only=True)
class CreatePlant(Request):
    """First step of a new plant (manual 4.2.1 a); owner, DTU, regulation and activation follow."""

    name: ClassVar = "create_plant"
    right: ClassVar = Right.CREATE_PLANT

    title: str
    code: int | None
    """Plant type; 1 is the only one known (Residential Plant, Single Array)."""

    classification: int = 4
    """4 storage (facts/cloud-api.md 6)."""

    capacity: float
    """kW."""

    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    organisation: int | None = None
    """Where it belongs; None is the organisation of who creates it."""

    cover: str | None = None
    """Path that the upload of its picture returned."""

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need(self.title, Rule.PLANT_NAME, "4.2.1")
        if self.code is None:
            raise RuleError(Rule.PLANT_TYPE, "4.2.1")
        check_capacity(self.capacity)
        check_location(self.address, self.latitude, self.longitude)

    @override
    def body(self, dialect: Dialect) -> Body:
        return _plant_fields(self) | given(
            type=self.code, classify=self.classification, gid=self.organisation
        )


@dataclass(frozen=True, kw_only=True)
class EditPlant(Request):
    """Change basic information of a plant (manual 4.2.2); None stays as it is."""

    name: ClassVar = "edit_plant"
    right: ClassVar = Right.EDIT_PLANT

    plant: int
    title: str | None = None
    capacity: float | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    cover: str | None = None

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if self.title is not None:
            need(self.title, Rule.PLANT_NAME, "4.2.1")
        if self.capacity is not None:
            check_capacity(self.capacity)
        place = (self.address, self.latitude, self.longitude)
        if any(part is not None for part in place):
            check_location(*place)

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant} | _plant_fields(self)


def _plant_fields(plant: CreatePlant | EditPlant) -> Body:
    """Return the fields that creating and editing share; numbers are texts there."""
    return given(
        name=None if plant.title is None else plant.title.strip(),
        capacitor=_text(plant.capacity),
        address=plant.address,
        latitude=_text(plant.latitude),
        longitude=_text(plant.longitude),
        tz=plant.time_zone,
        pic_path=plant.cover,
    )


def _text(number: float | None) -> str | None:
    return None if number is None else str(number)


@dataclass(frozen=True, kw_only=True)
class SaveRegulation(Request):
    """Last but one step of a new plant: its regulation information (manual 4.2.1)."""

    name: ClassVar = "save_regulation"
    right: ClassVar = Right.CREATE_PLANT

    plant: int
    grid_code: str

    @override
    def check(self, view: View) -> None:
        super().check(view)
        grid_code_first(self.grid_code)

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant, "data": {"grid_code": self.grid_code.strip()}}


@dataclass(frozen=True, kw_only=True)
class ActivatePlant(Request):
    """Last step of a new plant (manual 4.2.1)."""

    name: ClassVar = "activate_plant"
    right: ClassVar = Right.CREATE_PLANT

    plant: int

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant}


@dataclass(frozen=True, kw_only=True)
class TransferPlant(Request):
    """Give a plant to another organisation (manual 4.2.3)."""

    name: ClassVar = "transfer_plant"
    right: ClassVar = Right.TRANSFER_PLANT

    plant: int
    organisation: int

    @override
    def needs(self, view: View) -> Needs:
        """Return the plant and those that share an owner with it."""
        shared = map(view.plants_with, view.owners_of(self.plant))
        return Needs(details=frozenset({self.plant}).union(*shared))

    @override
    def check(self, view: View) -> None:
        super().check(view)
        plant = view.plants.get(self.plant)
        if plant is not None and plant.organisation == self.organisation:
            raise RuleError(Rule.SAME_ORGANISATION, "4.2.3")
        for owner in sorted(view.owners_of(self.plant)):
            if others := view.plants_with(owner) - {self.plant}:
                raise RuleError(
                    Rule.OWNER_SHARED, "4.4.1.2", {"plants": _titles(view, others)}
                )

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant, "gid": self.organisation}


_NAMED = 5


def _titles(view: View, plants: AbstractSet[int]) -> str:
    """Name some plants; the rest is an ellipsis."""
    known = (view.plants.get(plant) for plant in sorted(plants)[:_NAMED])
    names = [
        (plant.name if plant is not None else None) or str(number)
        for plant, number in zip(known, sorted(plants), strict=False)
    ]
    return ", ".join([*names, *(["…"] if len(plants) > _NAMED else [])])


@dataclass(frozen=True, kw_only=True)
class DeletePlant(Request):
    """Delete a plant that has no devices any more (manual 4.2.5)."""

    name: ClassVar = "delete_plant"
    right: ClassVar = Right.DELETE_PLANT

    plant: int

    @override
    def needs(self, view: View) -> Needs:
        return Needs(devices=frozenset({self.plant}))

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if devices := view.devices.get(self.plant):
            raise RuleError(
                Rule.PLANT_HAS_DEVICES, "4.2.5", {"count": str(len(devices))}
            )

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant}


@dataclass(frozen=True, kw_only=True)
class FavouritePlant(Request):
    """Mark a plant as a favourite, or no longer (manual 4.2.6)."""

    name: ClassVar = "favourite_plant"
    right: ClassVar = Right.FAVOURITE

    plant: int
    favourite: bool

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant, "is_stars": int(self.favourite)}


@dataclass(frozen=True, kw_only=True)
class BindOwner(Request):
    """Give a plant an owner who has an account already (manual 4.2.1 b)."""

    name: ClassVar = "bind_owner"
    right: ClassVar = Right.EDIT_PLANT

    plant: int
    owner: int

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant, "uid": self.owner}


@dataclass(frozen=True, kw_only=True)
class UnbindOwner(Request):
    """Take an owner from a plant, for instance before a transfer (manual 4.4.1.2)."""

    name: ClassVar = "unbind_owner"
    right: ClassVar = Right.EDIT_PLANT

    plant: int
    owner: int

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.plant, "uid": self.owner}
