/* The objects of a replay. Private to replayer/.
 *
 * One replayed task runs at a time, in the order of the trace. Each is a process of its own, made
 * from the zygote; all share one table of descriptors, in which are the memory files that each of
 * them may map, and nothing else. None of their own syscalls reaches the kernel. */
#ifndef REPRISE_REPLAYER_REPLAY_STATE_H
#define REPRISE_REPLAYER_REPLAY_STATE_H

#include "base/buf.h"
#include "base/map64.h"
#include "format/trace_reader.h"
#include "replayer/budget.h"
#include "replayer/memory_use.h"
#include "replayer/pulse.h"
#include "replayer/replayer.h"
#include "replayer/reserved.h"
#include "task/cpu.h"
#include "task/tracee.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct batch;
struct call_sites;
struct redirect_book;
struct memory_watch;
struct modules;
struct space_use;

/* Where a task has stopped on its own account. */
enum arrival {
    ARRIVED_NOWHERE, /* it has to be run first */
    ARRIVED_CALL,    /* at a syscall entry; the call will not run */
    ARRIVED_FAULT,   /* an instruction raised `fault` */
};

/* One buffer that the task handed to the kernel at its current call. */
struct handed {
    size_t offset, len; /* in `handed_bytes` */
    bool is_data;       /* not a string or a struct */
};

struct rtask {
    uint32_t serial;
    pid_t pid; /* 0: born, but without a process before its first exec */
    int32_t recorded_pid;
    enum arrival arrival;
    bool in_call;                 /* its ENTRY event was seen, its EXIT not yet */
    bool in_stub;                 /* it stands in the fast stub: see rtask_regs() */
    struct tracee_entry entry;    /* ARRIVED_CALL */
    struct user_regs_struct regs; /* see rtask_regs() */
    bool regs_known;
    siginfo_t fault; /* ARRIVED_FAULT */
    struct buf handed_bytes;
    struct handed *handed;
    size_t n_handed, handed_cap;
    struct modules *modules;
    struct call_sites *sites;   /* of its memory: tasks may share it */
    struct memory_watch *watch; /* the same */
    struct space_use *use;      /* the same; there is one if there is a process */
    uint64_t stack_low;         /* where its stack ends; it grows down on demand */
    uint64_t time;              /* of its last event that was not answered within the task */
    char name[32];              /* of the program */
};

/* Made by clone, waiting for its Birth. */
struct unborn {
    pid_t pid;
    struct call_sites *sites;
    struct memory_watch *watch;
    struct space_use *use;
};

struct memory_file {
    bool is_open;
    int in_tasks; /* its descriptor there; 0: none */
};

struct replayer {
    const struct replayer_options *options;
    struct trace_reader *trace;
    struct map64 tasks;   /* by serial + 1 */
    struct map64 blobs;   /* struct blob_file by half of its id */
    struct map64 objects; /* struct shared_file by number */
    struct map64 unborn;  /* struct unborn by serial */
    struct batch *batch;
    struct redirect_book *code_books; /* of code_files.h */
    int copies_end;                   /* descriptors from this one on are not for copies of code */
    int32_t first_pid;                /* of the program, as recorded */
    bool first_left;                  /* the recording ended before one of its tasks did */
    pid_t zygote;
    bool is_sandboxed;         /* it is, and all that are made of it will be */
    int channel;               /* to it, for descriptors */
    struct memory_file *files; /* by descriptor of ours: see memory_files.h */
    size_t n_files;
    struct budget budget;
    struct memory_use use;
    struct pulse pulse;
    struct buf xstate; /* scratch */
    struct xstate_place {
        bool known;
        struct cpuid_regs here;
    } xstate_places[64]; /* by component: xstate_place_here() */
    struct replayer_result result;
    struct trace_event at; /* the event being replayed */
    bool is_broken;        /* a call could not be run in a task: err tells why */
    struct err *err;
};

#define TASK_TOP 0x7ffffffff000ull

static inline bool replayer_has(const struct replayer *r, enum machine_ability a)
{
    return r->options->machine->has[a];
}

#endif
