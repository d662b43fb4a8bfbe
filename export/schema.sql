-- A trace as tables. All times are in nanoseconds since the recording began.

-- What the trace is of: command, host, start_unix_ns, torn, damage ...
CREATE TABLE trace (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE processes (
    process INTEGER PRIMARY KEY, -- its number in this trace, in the order of birth
    parent INTEGER REFERENCES processes (process),
    pid INTEGER NOT NULL,
    program TEXT,                -- path of what it executed last
    command TEXT,                -- with its arguments
    start_ns INTEGER NOT NULL,
    end_ns INTEGER,              -- NULL: it outlived the recording
    exit_status INTEGER,         -- NULL: it did not exit by itself
    signal TEXT                  -- that killed it
);

CREATE TABLE threads (
    thread INTEGER PRIMARY KEY, -- its number in this trace
    process INTEGER NOT NULL REFERENCES processes (process),
    tid INTEGER NOT NULL,
    name TEXT,
    start_ns INTEGER NOT NULL,
    end_ns INTEGER
);

-- What calls are about: files, pipes, sockets and other descriptors.
CREATE TABLE files (
    file INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, -- file, pipe, socket, eventfd, epoll ...
    name TEXT NOT NULL, -- path; "TCP:[local->peer]"
    peer TEXT,          -- of a connected socket
    UNIQUE (kind, name)
);

-- Calls and what happened beside them.
CREATE TABLE events (
    event INTEGER PRIMARY KEY, -- its number in the trace
    thread INTEGER NOT NULL REFERENCES threads (thread),
    process INTEGER NOT NULL REFERENCES processes (process),
    kind TEXT NOT NULL,        -- syscall, signal, trap, birth, exec, exit ...
    name TEXT NOT NULL,        -- of the call, of the signal ...
    class TEXT NOT NULL,       -- file, desc, network, memory, process, signal, wait, other
    start_ns INTEGER NOT NULL,
    duration_ns INTEGER,       -- NULL: the call has not ended
    result INTEGER,            -- NULL: no call, or not ended
    error TEXT,                -- ENOENT ...
    file INTEGER REFERENCES files (file),
    bytes_in INTEGER,          -- that a call moved from a descriptor
    bytes_out INTEGER,         -- that it moved to one
    text TEXT NOT NULL         -- as strace prints it
);

CREATE TABLE arguments (
    event INTEGER NOT NULL REFERENCES events (event),
    position INTEGER NOT NULL, -- from 1
    name TEXT NOT NULL,        -- as in the manual page of the call
    value INTEGER NOT NULL,    -- the register
    text TEXT NOT NULL,        -- decoded
    PRIMARY KEY (event, position)
) WITHOUT ROWID;

-- What one thread did to another.
CREATE TABLE links (
    kind TEXT NOT NULL, -- fork, exec, wait, signal, pipe, socket
    from_thread INTEGER NOT NULL REFERENCES threads (thread),
    from_ns INTEGER NOT NULL,
    to_thread INTEGER NOT NULL REFERENCES threads (thread),
    to_ns INTEGER NOT NULL,
    bytes INTEGER
);
