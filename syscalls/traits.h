/* What a row says of a call besides the memory it touches: what it does to descriptors, how it
 * moves bytes, what it waits for, what it does to signals. Whoever has to know such a thing of a
 * call asks the row; nobody else compares numbers. */
#ifndef REPRISE_SYSCALLS_TRAITS_H
#define REPRISE_SYSCALLS_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

/* What the call does to descriptors and what they stand for, or to the directory that names start
 * from. */
enum syscall_fds {
    FDS_NONE = 0,
    FDS_OPENS,       /* a file by its name; the result is a new descriptor */
    FDS_MAKES,       /* the result is a new descriptor of what `made` says */
    FDS_MAKES_PAIR,  /* two of them, in the memory of the argument of TYPE_FD_PAIR */
    FDS_ACCEPTS,     /* the result is a connection that came to the socket in args[0] */
    FDS_RECEIVES,    /* messages may bring descriptors */
    FDS_COPIES,      /* the result stands for what args[0] stands for; may end what was there */
    FDS_FETCHES,     /* the same, of another process */
    FDS_BY_COMMAND,  /* to the descriptor in args[0], as the command says */
    FDS_CLOSES,      /* args[0] */
    FDS_CLOSES_MANY, /* args[0] to args[1], or marks them; may unshare the table before */
    FDS_UNSHARES,    /* what the flags in args[0] say */
    FDS_BINDS,       /* of sockets: an address of its own ... */
    FDS_CONNECTS,    /* ... one at the other end ... */
    FDS_LISTENS,
    FDS_TELLS_LOCAL, /* ... which the kernel tells here: its own ... */
    FDS_TELLS_PEER,  /* ... that of the other end */
    FDS_SHUTS_DOWN,
    FDS_CHDIR,  /* to the path in args[0] */
    FDS_FCHDIR, /* to the descriptor in args[0] */
};

/* What a new descriptor stands for. */
enum syscall_made {
    MADE_UNKNOWN = 0,
    MADE_FILE,
    MADE_PIPE,
    MADE_SOCKET,
    MADE_EPOLL,
    MADE_EVENTFD,
    MADE_SIGNALFD, /* unless args[0] names one that is changed */
    MADE_TIMERFD,
    MADE_INOTIFY,
    MADE_FANOTIFY,
    MADE_MEMFD,  /* its name is args[0] */
    MADE_MQUEUE, /* its name is args[0] */
    MADE_PIDFD,
    MADE_SECRETMEM,
    MADE_RULESET, /* of landlock(7) */
    MADE_COUNT,
};

/* How the bytes lie that a call moves between descriptors and memory. */
enum syscall_moves {
    MOVES_NOTHING = 0,
    MOVES_BUFFER,    /* at args[1], as many bytes as the result says */
    MOVES_QUEUED,    /* the same, a message of a queue: the result of sending is 0 */
    MOVES_IOVECS,    /* args[2] iovecs at args[1] */
    MOVES_PAGES,     /* the same, but the pages themselves are handed over */
    MOVES_MESSAGE,   /* a msghdr at args[1] */
    MOVES_MESSAGES,  /* as many mmsghdr at args[1] as the result says */
    MOVES_BETWEEN,   /* from descriptor to descriptor */
    MOVES_FROM_TASK, /* into args[2] iovecs at args[1], from args[4] at args[3] of task args[0] */
    MOVES_TO_TASK,   /* the other way */
};

/* Where in a file those bytes are read or written. */
enum syscall_place {
    PLACE_NONE = 0,   /* there is no such place: sockets, queues, pipes */
    PLACE_OWN,        /* where the descriptor stands, which is moved */
    PLACE_ARG,        /* args[3] */
    PLACE_ARG_OR_OWN, /* args[3]; where the descriptor stands if that is -1 */
    PLACE_POINTER,    /* in the memory at args[3]; where the descriptor stands if that is NULL */
};

/* What the call waits for, if that is what it is made for: how long it takes, and how often it is
 * made, is up to others. */
enum syscall_waits_for {
    WAITS_FOR_NOTHING = 0,
    WAITS_FOR_FDS,
    WAITS_FOR_CHILD,
    WAITS_FOR_SIGNAL,
    WAITS_FOR_TIME,
    WAITS_FOR_OTHERS, /* futexes, semaphores */
    WAITS_AGAIN,      /* for what an interrupted call waited for */
};

/* What the call does with signals. */
enum syscall_signal {
    SIGNAL_NONE = 0,
    SIGNAL_SENT, /* to a task, the one of TYPE_SIGNO */
    SIGNAL_ACTION,
    SIGNAL_MASK,
    SIGNAL_PENDING,
    SIGNAL_STACK,
    SIGNAL_RETURN,
};

/* Whether the call reads a clock, and in which form it tells it. */
enum syscall_clock {
    CLOCK_NOT_READ = 0,
    CLOCK_READ_NS, /* of the clock in args[0], as a struct timespec */
    CLOCK_READ_US, /* the time of day, as a struct timeval */
    CLOCK_READ_S,  /* the time of day, in seconds */
};

/* What people would say that a call is about; see syscall_about(). */
enum syscall_about {
    ABOUT_OTHER = 0,
    ABOUT_FILE, /* by its name */
    ABOUT_DESC, /* of any kind */
    ABOUT_NETWORK,
    ABOUT_MEMORY,
    ABOUT_PROCESS,
    ABOUT_SIGNAL,
    ABOUT_WAIT,
    ABOUT_COUNT,
};

/* How a call moves bytes. Zeros: it moves none. */
struct syscall_io {
    uint8_t moves; /* enum syscall_moves */
    bool in;       /* from the descriptor in args[in_fd] */
    bool out;      /* to the descriptor in args[out_fd], which is a field of the row */
    uint8_t in_fd;
    bool keeps;    /* what is read stays there */
    uint8_t place; /* enum syscall_place, of what is written if both; else of the one */
};

/* What a new descriptor is. */
struct syscall_new_fd {
    uint8_t made;         /* enum syscall_made */
    bool cloexec_always;  /* close-on-exec, without being asked */
    uint8_t cloexec_arg;  /* the argument in which ... */
    uint32_t cloexec_bit; /* ... this one asks for it; 0: none does */
};

/* Calls that are many in one have a set of commands; one enumerator a set (commands_*.c). */
enum command_set_id {
    COMMANDS_NONE = 0,
#define COMMANDS(upper, lower) COMMANDS_##upper,
#include "commands.inc"
#undef COMMANDS
    COMMANDS_COUNT,
};

#endif
