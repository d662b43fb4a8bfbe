"""multiprocessing: pools by each way to start a process, shared memory, a manager, executors."""
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import shared_memory


def square(x):
    return os.getpid(), x * x, random.random()


def dawdle(x):
    time.sleep(random.random() / 200)
    return x


def count(value, name):
    memory = shared_memory.SharedMemory(name=name)
    for _ in range(50):
        with value.get_lock():
            value.value += 1
            memory.buf[0] += 1
    memory.close()


def pool(method):
    with multiprocessing.get_context(method).Pool(3) as p:
        squares = p.map(square, range(20))
        assert [s[1] for s in squares] == [x * x for x in range(20)]
        print(method, squares)
        print(list(p.imap_unordered(dawdle, range(12))))


def shared():
    context = multiprocessing.get_context("fork")
    value = context.Value("i", 0)
    memory = shared_memory.SharedMemory(create=True, size=1000)
    children = [context.Process(target=count, args=(value, memory.name)) for _ in range(3)]
    for p in children:
        p.start()
    for p in children:
        p.join()
    assert value.value == memory.buf[0] == 150
    print(memory.name, value.value)
    memory.close()
    memory.unlink()


if __name__ == "__main__":
    for method in sys.argv[1:]:
        pool(method)
    shared()
    with multiprocessing.Manager() as manager:
        shared_dict = manager.dict(pid=os.getpid())
        print(shared_dict, manager.address)
    with ProcessPoolExecutor(2) as executor:
        print(list(executor.map(square, range(10))))
    with ThreadPoolExecutor(3) as executor:
        print(list(executor.map(dawdle, range(10))))
