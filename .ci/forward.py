"""Forwards ports of one address to the same ports of 127.0.0.1, so that containers reach
what listens on this machine alone: forward.py ADDRESS PORT..."""

import asyncio
import sys


async def copy(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def listen(address, port):
    async def accept(reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))

    return await asyncio.start_server(accept, address, port)


async def main():
    servers = [await listen(sys.argv[1], int(port)) for port in sys.argv[2:]]
    print("forwarding", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
