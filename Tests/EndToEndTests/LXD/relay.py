"""Passes bytes between a Unix socket of its own and another one, until it is killed: relay.py OWN OTHER"""
import asyncio
import os
import sys


async def pass_on(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(own, other):
    async def accept(reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(other)
        await asyncio.gather(pass_on(reader, upstream_writer), pass_on(upstream_reader, writer))

    if os.path.exists(own):
        os.unlink(own)
    server = await asyncio.start_unix_server(accept, own)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main(sys.argv[1], sys.argv[2]))
