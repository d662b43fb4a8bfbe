"""asyncio: a server and its clients, timers, a signal, threads and a child process."""
import asyncio
import os
import random
import signal
import time

CLIENTS, LINES = 5, 20


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(b"%f " % random.random() + line)
        await writer.drain()
    writer.close()


async def client(port, number):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for k in range(LINES):
        writer.write(b"%d %d\n" % (number, k))
        answer = (await reader.readline()).decode()
        assert answer.endswith(f" {number} {k}\n")
        print(answer, end="")
        await asyncio.sleep(random.random() / 500)
    writer.close()
    return number


async def main():
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, told.set)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop.call_later(0.005, os.kill, os.getpid(), signal.SIGUSR1)
    numbers = await asyncio.gather(*(client(port, n) for n in range(CLIENTS)))
    assert numbers == list(range(CLIENTS))
    await told.wait()
    print("signal", time.time())
    started = loop.time()
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(4)))
    print("threads took", loop.time() - started)
    child = await asyncio.create_subprocess_exec(
        "sh", "-c", "echo $$; sleep 0.02; exit 3", stdout=asyncio.subprocess.PIPE)
    print(await child.communicate(), child.returncode)
    assert child.returncode == 3
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.01)
    except asyncio.TimeoutError:
        print("timeout at", loop.time())
    server.close()


asyncio.run(main())
