"""What the integration costs: `scripts/benchmark` prints it as one JSON document.

A real Home Assistant core runs in this process with the integration set up through a
config entry. The simulated plants run in another process (``stick``), so that their CPU
time is not counted, and are read over loopback sockets.

Beside each figure stands the ``floor``: a reader of the same blocks for the same
entities, written by hand for this one plant. It uses the same core Modbus unit, compares
payloads first, unpacks with one precompiled struct and writes only what changed. It has
no guard, no re-reads and no absent parts, so it is no integration one could ship.
The two take turns in the same run, so that a busy machine slows both.

``least`` says how few reads would do, from the facts alone: it knows nothing of the
integration's own planner.
"""
