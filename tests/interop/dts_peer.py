"""The public client that speaks the stick's own protocol.

It knows one port only, so each script here gives it another one first. It waits two
seconds between its requests, and opens a connection for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
import re
from typing import Any, Final

from .peer import Peer

NAME: Final = "hoymiles-wifi"

_HEAD: Final = """
import asyncio, json, sys
from google.protobuf.json_format import MessageToDict, MessageToJson, ParseDict
from hoymiles_wifi.dtu import DTU

def use(port):
    defaults = DTU.async_send_request.__defaults__
    DTU.async_send_request.__defaults__ = (int(port), *defaults[1:])

def told(message):
    return MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
"""

_READ: Final = f"""{_HEAD}
async def main(port):
    use(port)
    dtu = DTU("127.0.0.1")
    gateway = await dtu.async_get_gateway_info()
    network = await dtu.async_get_gateway_network_info(gateway.serial_number)
    registry = await dtu.async_get_energy_storage_registry(gateway.serial_number)
    data = [
        await dtu.async_get_energy_storage_data(gateway.serial_number, one.serial_number)
        for one in registry.inverters
    ]
    answers = {{"gateway": gateway, "network": network, "registry": registry}}
    found = {{name: told(answer) for name, answer in answers.items()}}
    print(json.dumps(found | {{"data": [told(one) for one in data]}}))

asyncio.run(main(*sys.argv[1:]))
"""

_COMMAND: Final = f"""{_HEAD}
from hoymiles_wifi.__main__ import run_main

use(sys.argv.pop(1))
sys.argv[1:1] = ["--host", "127.0.0.1", "--as-json", "--disable-interactive"]
run_main()
"""

_SPEAK: Final = f"""{_HEAD}
from hoymiles_wifi.protobuf import ESData_pb2, ESRegPB_pb2, GWInfo_pb2, GWNetInfo_pb2

kinds = {{
    "gateway": (b"\\xda\\x01", GWInfo_pb2.GWInfoReqDTO),
    "network": (b"\\xda\\x06", GWNetInfo_pb2.GWNetInfoReq),
    "registry": (b"\\xc2\\x02", ESRegPB_pb2.ESRegReqDTO),
    "data": (b"\\xc2\\x03", ESData_pb2.ESDataReqDTO),
}}
given = json.loads(sys.argv[1])
dtu = DTU("127.0.0.1")
for name, fields in given["answers"].items():
    command, kind = kinds[name]
    message = ParseDict(fields, kind())
    frame = dtu.generate_message(command, message, True, given["serial"], 1)
    print(name, frame.hex())
"""

_DECODE: Final = f"""{_HEAD}
from hoymiles_wifi.protobuf import ESUserSet_pb2

for payload in sys.argv[1:]:
    message = ESUserSet_pb2.ESUserSetPutResDTO.FromString(bytes.fromhex(payload))
    print(json.dumps(told(message)))
"""

_TABLE: Final = f"""{_HEAD}
from hoymiles_wifi.protobuf.ESUserSet_pb2 import ESUserSetPutResDTO

given = json.loads(sys.argv[1])
read = ESUserSetPutResDTO.FromString(bytes.fromhex(given["read"]))
written = ParseDict({{"date": given["write"]}}, ESUserSetPutResDTO())
print(json.dumps([told(read)["date"], written.SerializeToString().hex()]))
"""

_CONTACT: Final = f"""{_HEAD}
from hoymiles_wifi.protobuf.ESUserSet_pb2 import ESUserSetPutResDTO

given = json.loads(sys.argv[1])
read = ESUserSetPutResDTO.FromString(bytes.fromhex(given["read"]))
written = ParseDict({{"relay": [given["write"]]}}, ESUserSetPutResDTO())
print(json.dumps([told(read)["relay"], written.SerializeToString().hex()]))
"""

_SENT: Final = re.compile(r"\[\*\] Request: ([0-9a-f]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What one run of the client's program printed, and the payload it sent last."""

    answer: Any
    payload: bytes


class DtsPeer(Peer):
    """Asks a stick, and can speak as one."""

    async def read(self, port: int) -> dict[str, Any]:
        """Return everything it reads, by the names of its own fields."""
        out, _ = await self.run("-c", _READ, str(port))
        found: dict[str, Any] = json.loads(out)
        return found

    async def command(self, port: int, *arguments: str) -> Said:
        """Run its command-line program."""
        given = ("-c", _COMMAND, str(port), *arguments)
        out, log = await self.run(*given, LOGLEVEL="DEBUG")
        return Said(json.loads(out), bytes.fromhex(_SENT.findall(log)[-1]))

    async def speak(
        self, serial: int, answers: Mapping[str, Mapping[str, object]]
    ) -> dict[str, bytes]:
        """Let it put answers of a stick into its own messages and frames."""
        given = json.dumps({"serial": serial, "answers": answers})
        out, _ = await self.run("-c", _SPEAK, given)
        lines: Sequence[str] = out.splitlines()
        return {
            name: bytes.fromhex(frame)
            for name, _, frame in (line.partition(" ") for line in lines)
        }

    async def decode_modes(self, payloads: Sequence[bytes]) -> list[dict[str, Any]]:
        """Return what it reads in messages that set a mode, by its own field names."""
        given = (payload.hex() for payload in payloads)
        out, _ = await self.run("-c", _DECODE, *given)
        return [json.loads(line) for line in out.splitlines()]

    async def table(
        self, read: bytes, write: Sequence[Mapping[str, object]]
    ) -> tuple[list[dict[str, Any]], bytes]:
        """Let it read the dates of a working mode, and write some of its own."""
        given = json.dumps({"read": read.hex(), "write": write})
        out, _ = await self.run("-c", _TABLE, given)
        told, written = json.loads(out)
        return told, bytes.fromhex(written)

    async def contact(
        self, read: bytes, write: Mapping[str, object]
    ) -> tuple[list[dict[str, Any]], bytes]:
        """Let it read the dry contact of a working mode, and write one of its own."""
        given = json.dumps({"read": read.hex(), "write": write})
        out, _ = await self.run("-c", _CONTACT, given)
        told, written = json.loads(out)
        return told, bytes.fromhex(written)
