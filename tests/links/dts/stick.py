"""A small stick on loopback that answers what a test tells it to."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.frame import (
    ANSWER_STEP,
    Command,
    Frame,
    FrameReader,
)
from custom_components.instagen.links.dts.stream import Timing

SERIAL: Final = 0x430122480680
INVERTER: Final = 0x200312345678
QUICK: Final = Timing(
    spacing=0, answer=0.5, connect=0.5, idle=0.05, backoff=0.05, longest_backoff=0.1
)

type Answerer = Callable[[Frame], bytes | None]


@dataclass
class FakeStick:
    """What the stick was asked, and what it does about it."""

    answers: dict[int, Message] = field(default_factory=dict)
    data: dict[int, pb.StorageDataAnswer] = field(default_factory=dict)
    """By the inverter's serial."""

    twist: Answerer | None = None
    """Makes the bytes of an answer itself; None is silence."""

    drop_after: int | None = None
    """Requests on one connection after which the stick closes it."""

    asked: list[Frame] = field(default_factory=list)
    connections: int = 0
    open: set[StreamWriter] = field(default_factory=set)
    port: int = 0

    async def connect(self) -> tuple[StreamReader, StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    def commands(self) -> list[int]:
        return [frame.command for frame in self.asked]

    def answer(self, frame: Frame) -> bytes | None:
        """Answer as a good stick does."""
        if frame.command == Command.STORAGE_DATA:
            question = pb.StorageDataRequest.FromString(frame.payload)
            message: Message | None = self.data.get(question.serial)
        else:
            message = self.answers.get(frame.command)
        return None if message is None else answer_to(frame, message)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        self.open.add(writer)
        frames, asked = FrameReader(), 0
        try:
            while data := await reader.read(4096):
                frames.feed(data)
                while (frame := frames.take()) is not None:
                    asked += 1
                    self.asked.append(frame)
                    if self.drop_after is not None and asked > self.drop_after:
                        return
                    raw = (self.twist or self.answer)(frame)
                    if raw is not None:
                        writer.write(raw)
        except ConnectionError:
            pass
        finally:
            self.open.discard(writer)
            writer.close()


def answer_to(frame: Frame, message: Message, **changes: int) -> bytes:
    """Return the bytes of an answer to a question."""
    fields = {
        "command": frame.command - ANSWER_STEP,
        "sequence": frame.sequence,
        "serial": SERIAL,
        "target": frame.target,
        **changes,
    }
    return Frame(payload=message.SerializeToString(), **fields).encode()


def gateway(**changes: Any) -> pb.GatewayInformationAnswer:
    return pb.GatewayInformationAnswer(
        serial=changes.pop("serial", SERIAL),
        time=1_750_000_000,
        parts=1,
        gateways=[
            pb.Gateway(
                model=1,
                software=4105,
                hardware=45313,
                connection_kind=1,
                wifi_version=b"2.3.0.0-dev",
                **changes,
            )
        ],
        devices=[pb.Device(serial=INVERTER, type=6, address=1)],
    )


def registry(inverters: int = 1, **changes: Any) -> pb.RegistryAnswer:
    return pb.RegistryAnswer(
        type=1,
        meter=pb.Meters(serial=b"37FF22480681"),
        inverters=[
            pb.Inverter(
                serial=INVERTER + number,
                type=6,
                address=number + 1,
                model_name=b"HYS-6.0LV-EUG1",
                main_version=b"V01.02.11",
                pv_inputs=2,
                battery_capacity=100,
            )
            for number in range(inverters)
        ],
        **changes,
    )


def storage(serial: int = INVERTER, **blocks: Message) -> pb.StorageDataAnswer:
    """Return a sunny day with a discharging battery on a single phase."""
    fields: dict[str, Any] = {
        "serial": serial,
        "time": 1_750_000_000,
        "pv_use": pb.PvUseToday(to_load=30, to_battery=20, to_grid=10),
        "load_supply": pb.LoadSupplyToday(from_pv=30, from_battery=12),
        "pv_inputs": [
            pb.PvInput(index=1, voltage=3805, current=512, power=1948, energy_today=41),
            pb.PvInput(index=2, voltage=3602, current=250, power=900, energy_today=19),
        ],
        "battery": pb.BatteryData(
            state=2,
            soc=67,
            soh=98,
            voltage=535,
            current=94,
            power=500,
            charge_cutoff_voltage=576,
            cell_temperature_max=271,
            cell_temperature_min=255,
            charged_today=23,
            discharged_today=31,
        ),
        "grid": pb.GridData(
            state=pb.GridState(state=1, frequency=5001),
            phases=[
                pb.GridPhase(
                    phase=1,
                    voltage=2305,
                    current=124,
                    power=-284,
                    exported_today=31,
                    imported_today=7,
                )
            ],
        ),
        "load": pb.LoadData(
            phases=[pb.LoadPhase(phase=1, voltage=2305, power=3600, energy_today=52)]
        ),
        "inverter": pb.InverterData(
            state=pb.InverterState(
                state=3,
                frequency=5000,
                insulation_resistance=5000,
                residual_current=2,
            ),
            phases=[
                pb.InverterPhase(phase=1, voltage=2304, power=3316, backup_power=420)
            ],
        ),
        "flow": pb.PowerFlow(
            pv_to_load=2848, battery_to_load=500, grid_to_load=284, soc=67
        ),
        **blocks,
    }
    return pb.StorageDataAnswer(**fields)


@asynccontextmanager
async def serve(stick: FakeStick) -> AsyncGenerator[FakeStick]:
    server = await asyncio.start_server(stick.serve, "127.0.0.1", stick.port)
    stick.port = server.sockets[0].getsockname()[1]
    try:
        yield stick
    finally:
        server.close()
        for writer in tuple(stick.open):
            writer.close()
        await server.wait_closed()


def good_stick(inverters: int = 1) -> FakeStick:
    return FakeStick(
        answers={
            Command.GATEWAY_INFORMATION: gateway(),
            Command.REGISTRY: registry(inverters),
        },
        data={INVERTER + n: storage(INVERTER + n) for n in range(inverters)},
    )
