"""Threads of python: a queue, a lock, an event, thread-local data, and two that compute."""
import queue
import random
import threading
import time

work = queue.Queue()
lock = threading.Lock()
started = threading.Event()
local = threading.local()
done = []


def worker(number):
    local.seen = 0
    started.wait()
    while (item := work.get()) is not None:
        local.seen += 1
        with lock:
            done.append((number, item, local.seen, random.random()))
        if item % 7 == 0:
            time.sleep(random.random() / 1000)
        work.task_done()


def compute(number):
    total = 0
    for i in range(400_000):
        total += i * number
    with lock:
        done.append((number, total))


workers = [threading.Thread(target=worker, args=(n,)) for n in range(4)]
for t in workers:
    t.start()
started.set()
for item in range(200):
    work.put(item)
computers = [threading.Thread(target=compute, args=(n,)) for n in range(3)]
for t in computers:
    t.start()
work.join()
for _ in workers:
    work.put(None)
for t in workers + computers:
    t.join()
timer = threading.Timer(0.01, lambda: print("timer after", time.monotonic()))
timer.start()
timer.join()
assert len(done) == 203 and sorted(d[1] for d in done if len(d) == 4) == list(range(200))
print(threading.main_thread().ident, *done, sep="\n")
