"""terminal.py SCRIPT PROGRAM ARGS...: runs a program on a terminal of its own and talks to it.

Each line of SCRIPT is one of:
  send TEXT        types it; escapes as in Python
  await REGEX      waits until the program has printed it since the last await
  resize ROWS COLS changes the size of the window
  pause SECONDS    waits, for what has no output to wait for
At the end of the script the program must end by itself. What it printed goes to stdout; its exit
status, or 128 plus its signal, is ours. A wait that takes too long ends with 99.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 20  # seconds for each await


class Terminal:
    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(ignored_by_python, signal.SIG_DFL)
            os.execvp(argv[0], argv)
        self.seen = b""

    def read(self, seconds):
        """False at the end of output."""
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the other side is closed
                data = b""
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
            self.seen += data
            return data != b""
        return True

    def wait_for(self, regex):
        end = time.monotonic() + PATIENCE
        while not (found := re.search(regex.encode(), self.seen)):
            if time.monotonic() > end or not self.read(0.2):
                print(f"\nterminal.py: never saw {regex!r} in {self.seen!r}", file=sys.stderr)
                os.close(self.fd)
                sys.exit(99)
        self.seen = self.seen[found.end():]

    def resize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def end(self):
        end = time.monotonic() + PATIENCE
        while self.read(0.2):
            if time.monotonic() > end:
                print("\nterminal.py: the program does not end", file=sys.stderr)
                os.close(self.fd)
                sys.exit(99)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        sys.exit(status if status >= 0 else 128 - status)


def main():
    terminal = Terminal(sys.argv[2:])
    for line in open(sys.argv[1], encoding="utf-8"):
        verb, _, rest = line.strip().partition(" ")
        if verb == "send":
            os.write(terminal.fd, rest.encode().decode("unicode_escape").encode())
        elif verb == "await":
            terminal.wait_for(rest)
        elif verb == "resize":
            terminal.resize(*map(int, rest.split()))
        elif verb == "pause":
            time.sleep(float(rest))
    terminal.end()


main()
