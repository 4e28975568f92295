"""``python -m simulator`` as a newcomer meets it."""

import asyncio
import json
from pathlib import Path
import signal
import sys

from aiohttp import ClientSession
import pytest

from custom_components.instagen.simulated.parts import PARTS
from custom_components.instagen.simulated.relay_parts import RELAY_NAMES
from custom_components.instagen.simulated.settings import NAMES
from simulator import SCENARIOS
from simulator.cli import main
from simulator.cloud import CLOUD_FAULTS, CLOUD_SCENARIOS, HOME, PASSWORDS
from simulator.cloud.passwords import digest_of
from simulator.faults import FAULTS

from .dts_wire import GATEWAY, STICK, DtsWire

ROOT = Path(__file__).parents[2]


def test_help_teaches_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    cloud = (*CLOUD_SCENARIOS, *CLOUD_FAULTS, *PASSWORDS)
    for name in (*SCENARIOS, *FAULTS, *PARTS, *NAMES, *RELAY_NAMES, *cloud):
        assert f" {name}" in text, name
    for name in ("/state", "/set", "/fault", "/advance", "curl", "--latency", "--late"):
        assert name in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_scenarios_are_plain_data() -> None:
    assert json.loads(json.dumps(SCENARIOS)) == SCENARIOS


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--modbus", "70000"],
        ["--modbus", "x"],
        ["--modbus", "0", "--scenario", "fleet"],
        ["--modbus", "0", "--latency", "5"],
        ["--modbus", "0", "--latency", "9,5"],
        ["--modbus", "0", "--late", "2"],
        ["--modbus", "0", "--speed", "-1"],
        ["--modbus", "0", "--start", "noon"],
        ["--cloud", "0", "--cloud-scenario", "office"],
        ["--cloud", "0", "--cloud-plants", "0"],
    ],
)
def test_wrong_arguments_end_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


async def run(*arguments: str) -> asyncio.subprocess.Process:
    """Start the simulator as a process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ports_of(process: asyncio.subprocess.Process) -> dict[str, int]:
    """Return the ports that a starting simulator tells."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        ports: dict[str, int] = json.loads(await process.stdout.readline())
    return ports


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_tells_its_ports_serves_and_stops_cleanly(number: int) -> None:
    process = await run(
        "--modbus", "0", "--control", "0", "--start", "2026-06-15T00:05"
    )
    ports = await ports_of(process)
    assert set(ports) == {"modbus", "control"}
    reader, writer = await asyncio.open_connection("127.0.0.1", ports["modbus"])
    writer.write(bytes.fromhex("000100000006010475300001"))
    async with asyncio.timeout(5):
        answer = await reader.readexactly(11)
    assert answer[7:9] == b"\x04\x02"
    process.send_signal(number)
    async with asyncio.timeout(10):
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")
    writer.close()


async def test_the_sticks_own_link_is_served() -> None:
    process = await run("--dts", "0", "--start", "2026-06-15T00:05")
    try:
        ports = await ports_of(process)
        assert set(ports) == {"dts"}
        wire = await DtsWire.open(ports["dts"])
        assert (await wire.ask(GATEWAY)).serial == STICK
        await wire.close()
    finally:
        process.terminate()
        await process.wait()


async def test_the_cloud_is_served_in_front_of_the_same_plant() -> None:
    process = await run("--cloud", "0", "--control", "0", "--start", "2026-06-15T00:05")
    try:
        ports = await ports_of(process)
        assert set(ports) == {"cloud", "cloud_region", "control"}
        async with ClientSession() as http:
            url = f"http://127.0.0.1:{ports['cloud']}"
            given = {
                "user_name": "demo-owner",
                "password": digest_of(PASSWORDS["demo-owner"]),
            }
            answer = await http.post(f"{url}/iam/pub/0/auth/login", json=given)
            token = (await answer.json())["data"]["token"]
            answer = await http.post(
                f"{url}/pvm/api/0/station/select_by_page",
                json={"page": 1, "page_size": 10},
                headers={"Authorization": token},
            )
            plants = (await answer.json())["data"]["list"]
        assert [plant["id"] for plant in plants] == [HOME]
    finally:
        process.terminate()
        await process.wait()


async def test_only_what_was_asked_for_is_served_and_a_taken_port_is_told() -> None:
    first = await run("--modbus", "0", "--start", "2026-06-15T00:05")
    try:
        ports = await ports_of(first)
        assert set(ports) == {"modbus"}
        second = await run("--modbus", str(ports["modbus"]))
        async with asyncio.timeout(30):
            out, err = await second.communicate()
        assert (second.returncode, out) == (1, b"")
        assert err.startswith(b"cannot listen")
    finally:
        first.terminate()
        await first.wait()
