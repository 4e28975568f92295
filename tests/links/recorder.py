"""A wire between a link and the simulator that keeps what was sent, and can be cut."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Recorder:
    """Passes bytes on in both directions."""

    target: int
    port: int = 0
    sent: list[bytes] = field(default_factory=list)
    """What clients sent, as it came."""

    cut_at: bytes | None = None
    """The connection ends at a request that holds these bytes ..."""

    cut_after: bool = True
    """... once the far side got it, or before."""

    def holding(self, part: bytes) -> list[bytes]:
        """Return the requests that hold some bytes."""
        return [data for data in self.sent if part in data]

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            far = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        far_reader, far_writer = far
        muted = asyncio.Event()
        back = asyncio.create_task(_pour(far_reader, writer, muted))
        try:
            while data := await reader.read(4096):
                self.sent.append(data)
                cut = self.cut_at is not None and self.cut_at in data
                if cut:
                    muted.set()
                if not cut or self.cut_after:
                    far_writer.write(data)
                    await far_writer.drain()
                if cut:
                    await asyncio.sleep(0.05)  # until the far side has taken it
                    return
        except ConnectionError:
            pass
        finally:
            back.cancel()
            with suppress(asyncio.CancelledError):
                await back
            far_writer.close()
            writer.close()


async def _pour(
    reader: StreamReader, writer: StreamWriter, muted: asyncio.Event
) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(4096):
            if not muted.is_set():
                writer.write(data)
    writer.close()


@asynccontextmanager
async def record(target: int) -> AsyncGenerator[Recorder]:
    """Listen on a free port in front of a port of the simulator."""
    recorder = Recorder(target)
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()
