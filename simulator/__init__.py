"""Development servers around the simulated plant.

In a test::

    async with simulator.serve("hybrid", seed=7) as sim:
        ...connect to 127.0.0.1, sim.modbus_port...
        sim.set({"sun": 0.8, "load": 900})
        await sim.advance(3600)
        await sim.fault("stall")

From a shell: ``python -m simulator --help``.
"""

from .scenarios import SCENARIOS
from .session import Simulator, serve

__all__ = ["SCENARIOS", "Simulator", "serve"]
