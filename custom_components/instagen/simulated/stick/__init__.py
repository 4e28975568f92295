"""A DTS stick that is not there: the manual's own hardware, in front of a plant.

plant = SimulatedPlant()
async with serve_stick(SimulatedStick(plant), "127.0.0.1", 10081) as server: ...
"""

from .identity import StickConfig
from .network import KnownNetwork, Surroundings
from .server import Manners, StickServer, serve_stick
from .stick import SimulatedStick

__all__ = [
    "KnownNetwork",
    "Manners",
    "SimulatedStick",
    "StickConfig",
    "StickServer",
    "Surroundings",
    "serve_stick",
]
