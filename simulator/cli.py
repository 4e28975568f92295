"""The command line: arguments, help, and a clean end."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawTextHelpFormatter
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
import json
from pathlib import Path
import signal
import sys

from custom_components.instagen.simulated import FAULT_BITS
from custom_components.instagen.simulated.parts import PARTS
from custom_components.instagen.simulated.relay_parts import RELAY_NAMES
from custom_components.instagen.simulated.settings import NAMES

from .cloud import CLOUD_FAULTS, CLOUD_SCENARIOS, PASSWORDS, serve_cloud
from .faults import FAULTS
from .scenarios import SCENARIOS
from .session import Simulator, serve


def _wrapped(names: Sequence[str]) -> str:
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 74:
            lines.append(line)
            line = ""
        line += f" {name}"
    return "\n".join(f"   {text}" for text in (*lines, line))


def _faults() -> str:
    lines = []
    for name, kind in FAULTS.items():
        lines.append(f"    {name:<22}{kind.about}")
        lines += [f"    {'':<24}{key}: {what}" for key, what in kind.parameters.items()]
    return "\n".join(lines)


def _cloud() -> str:
    lines = [f"    {name:<16}{about}" for name, about in CLOUD_SCENARIOS.items()]
    lines += ["", "accounts of the cloud and their passwords:"]
    lines += [f"    {name:<18}{password}" for name, password in PASSWORDS.items()]
    lines += ["", "faults of the cloud, for tests (Cloud.fault):"]
    for name, kind in CLOUD_FAULTS.items():
        lines.append(f"    {name:<22}{kind.about}")
        lines += [f"    {'':<24}{key}: {what}" for key, what in kind.parameters.items()]
    return "\n".join(lines)


def _epilog() -> str:
    scenarios = "\n".join(
        f"    {name:<16}{entry['about']}" for name, entry in SCENARIOS.items()
    )
    return f"""\
When ready, one line of JSON tells the ports: {{"dts": 10081, "control": 1503}}. The
cloud listens on a second port for its other data centre: "cloud_region".
SIGTERM or Ctrl-C ends it cleanly.

A first try:
    python -m simulator --dts 10081 --modbus 1502 --control 1503 --speed 60
    curl -s localhost:1503/state

scenarios:
{scenarios}

The control port answers JSON; a mistake gets status 400 and changes nothing.
    what is true now (keys and signs of the integration: grid_power + on import,
    battery_power + on discharge; load_power is house_power and losses_power):
        curl localhost:1503/state
    change the weather, the house or a setting, as if it were done in the app:
        curl -d '{{"sun": 0.8, "load": 900}}' localhost:1503/set
        curl -d '{{"battery_mode": "force_charge"}}' localhost:1503/set
        curl -d '{{"grid": false, "generator": true}}' localhost:1503/set
        curl -d '{{"time": "2026-12-21T17:00"}}' localhost:1503/set
        curl -d '{{"alarms": {{"safety_dsp": ["insulation"]}}}}' localhost:1503/set
        curl -d '{{"sun": null, "alarms": {{}}}}' localhost:1503/set
    start and end a fault, list those that act:
        curl -d '{{"fault": "stall", "on": true}}' localhost:1503/fault
        curl -d '{{"fault": "stall", "on": false}}' localhost:1503/fault
        curl localhost:1503/fault
    use the dry contact; windows such as ["22:30-06:00"], the rest as listed below:
        curl -d '{{"relay": {{"function": "load_control", "load_mode": "time",
                 "windows": ["11:00-15:00"]}}}}' localhost:1503/set
    let an hour pass at once:
        curl -d '{{"seconds": 3600}}' localhost:1503/advance

the reference cloud (docs/cloud.md says what of it is proven), with --cloud-scenario:
{_cloud()}

faults:
{_faults()}

parts for /set (sun 0 to 1.3 of the peak; irradiance in W/m2; load in W; null for
sun, irradiance and load gives them back to sky and household):
{_wrapped(PARTS)}
settings for /set (SOC, powers and limits in %, low_soc_charge_power in W):
{_wrapped(NAMES)}
what "relay" takes:
{_wrapped(RELAY_NAMES)}
alarm families for /set, each a list of fault names or the word itself; the names of
all parts, settings, faults and alarms: curl localhost:1503/
{_wrapped(tuple(FAULT_BITS))}

Served over Modbus as the real stick does: FC04, FC03 and FC16 on unit 1; FC06 and
other units get no answer; 123 registers at most; one client at a time, a second one
garbles the answers of both; blocks begin at 0, 123, 246, 1000, 1800, 1900, 1923,
2000, 2123 and 30000, and other beginnings come back shifted by one word unless --lenient.

Served as the stick's own link (protobuf over TCP): gateway, network and settings messages
(0xDB01 to 0xDB08, commands among them), registry, storage data and working modes (0xC302,
0xC303, 0xC308); everything else gets no answer. Several clients slow each other down, a
silent connection is closed after five minutes. Wi-Fi networks within reach: Home
(sunny-side-up), where it is found as before, and Garage (left-of-the-door), which gives
it the address 127.0.0.2."""


def _latency(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentTypeError("two numbers such as 100,300") from None
    if not 0 <= low <= high <= 60_000:
        raise ArgumentTypeError("0 <= MIN <= MAX <= 60000")
    return low, high


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise ArgumentTypeError("a port from 0 to 65535; 0 is any free one")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise ArgumentTypeError("1 to 100000")
    return int(text)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError("0 to 1")
    return value


def _speed(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10_000:
        raise ArgumentTypeError("0 to 10000")
    return value


def _add_cloud(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--cloud",
        type=_port,
        metavar="PORT",
        help="serve the reference cloud; 0 = any port",
    )
    add(
        "--cloud-scenario",
        choices=tuple(CLOUD_SCENARIOS),
        default="home",
        metavar="NAME",
        help="which accounts and plants, see below (default %(default)s)",
    )
    add(
        "--cloud-plants",
        type=_count,
        default=20,
        metavar="N",
        help="plants of the cloud's installer (default %(default)s)",
    )
    add(
        "--cloud-latency",
        type=float,
        default=0,
        metavar="SECONDS",
        help="until an answer of the cloud (default %(default)s)",
    )
    add(
        "--cloud-file",
        type=Path,
        metavar="FILE",
        help="keep accounts and plants of the cloud in this file",
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m simulator",
        description="A home energy plant that is not there, behind a real one's links.",
        epilog=_epilog(),
        formatter_class=RawTextHelpFormatter,
    )
    add = parser.add_argument
    add("--modbus", type=_port, metavar="PORT", help="serve Modbus TCP; 0 = any port")
    add(
        "--dts",
        type=_port,
        metavar="PORT",
        help="serve the stick's own link; 0 = any port",
    )
    _add_cloud(parser)
    add("--control", type=_port, metavar="PORT", help="serve the control port")
    add(
        "--host",
        default="127.0.0.1",
        help="address for both links (default %(default)s)",
    )
    add(
        "--scenario",
        choices=tuple(SCENARIOS),
        default="hybrid",
        metavar="NAME",
        help="which plant, see below (default %(default)s)",
    )
    add("--seed", type=int, default=1, help="another seed, another sky and household")
    add(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="seconds of the plant in one second; 0 holds its clock (default 1)",
    )
    add(
        "--start",
        type=datetime.fromisoformat,
        metavar="TIME",
        help="begin at this moment, e.g. 2026-06-15T12:00 (default: now)",
    )
    add(
        "--latency",
        type=_latency,
        default=(100.0, 300.0),
        metavar="MIN,MAX",
        help="ms until an answer (default 100,300)",
    )
    add(
        "--late",
        type=_share,
        default=0.005,
        metavar="SHARE",
        help="part of the answers that come only after the next request, with their\n"
        "old transaction id (default 0.005)",
    )
    add("--lenient", action="store_true", help="answer blocks that begin anywhere")
    return parser


async def _run(given: Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    start: datetime = given.start or datetime.now().astimezone()
    if start.tzinfo is None:
        start = start.astimezone()
    async with serve(
        given.scenario,
        seed=given.seed,
        speed=given.speed,
        start=start,
        latency=given.latency,
        late=given.late,
        strict=not given.lenient,
        host=given.host,
        modbus=given.modbus,
        dts=given.dts,
        control=given.control,
        from_midnight=True,
    ) as sim:
        ports = {
            "modbus": sim.modbus_port,
            "dts": sim.dts_port,
            "control": sim.control_port,
        }
        asked = {key: n for key, n in ports.items() if getattr(given, key) is not None}
        async with AsyncExitStack() as stack:
            if given.cloud is not None:
                asked |= await _open_cloud(stack, given, sim, start)
            print(json.dumps(asked), flush=True)
            await stop.wait()


async def _open_cloud(
    stack: AsyncExitStack, given: Namespace, sim: Simulator, start: datetime
) -> dict[str, int]:
    """Serve the cloud in front of the same plant; return its two ports."""
    home = given.cloud_scenario == "home"
    cloud = await stack.enter_async_context(
        serve_cloud(
            given.cloud_scenario,
            plant=sim if home else None,
            plants=given.cloud_plants,
            start=start,
            speed=given.speed,
            host=given.host,
            port=given.cloud,
            file=given.cloud_file,
            latency=given.cloud_latency,
        )
    )
    return {"cloud": cloud.port, "cloud_region": cloud.region_port}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until a signal; return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.modbus is given.dts is given.control is given.cloud is None:
        parser.error("nothing to serve: ask for --dts, --modbus, --cloud or --control")
    try:
        asyncio.run(_run(given))
    except OSError as error:
        print(f"cannot listen: {error}", file=sys.stderr)
        return 1
    return 0
