/* The objects of a recording, and who owns whom. Private to recorder/.
 *
 *   recorder -> tasks (by tid) -> group -> stream of the trace
 *                              -> space (address space; shared after vfork and CLONE_VM)
 *
 * A group holds the tasks that can write to each other's memory. One of them at a time runs user
 * code: it holds the token. The others wait stopped at a boundary, or are blocked in the kernel. */
#ifndef REPRISE_RECORDER_RECORD_STATE_H
#define REPRISE_RECORDER_RECORD_STATE_H

#include "base/map64.h"
#include "code/machine_code.h"
#include "format/trace_writer.h"
#include "recorder/recorder.h"
#include "recorder/scratch_areas.h"
#include "recorder/task_state.h"
#include "syscalls/syscalls.h"
#include "task/maps.h"
#include "task/state_insn.h"
#include "task/tracee.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct task;
struct status_file;
struct traced;
struct ptrace_world;
struct slices;
struct insn_decoder;
struct stub_calls;
struct code_patches;
struct redirect_book;
struct memory_watch;
struct code_watch;
struct signal_actions;

struct group {
    uint32_t stream;
    unsigned n_tasks;
    struct task *holder;     /* of the token, or NULL */
    uint64_t token_since;    /* when the holder got it, recorder time */
    uint64_t last_time;      /* of its last event */
    unsigned n_points;       /* its last events, as far as they are preemption points */
    struct task *ready_head; /* stopped and waiting for the token, first come first served */
    struct task *ready_tail;
};

/* What is known of the code and the data of recorder/call_stub.h in an address space. */
struct stub_state {
    bool mapped;
    bool reached;                 /* some instruction leads there, or did */
    bool off, slow;               /* as the stub finds it */
    bool stays_off;               /* as it has to be from now on */
    bool tell_codes;              /* other code is changed than the stub knows of */
    bool forget_fds;              /* what the stub knows of descriptors is out of date ... */
    uint64_t forget_some;         /* ... for these, a bit each */
    uint8_t slow_uses[64];        /* of descriptors, by calls that stopped */
    int32_t fd_to_know;           /* with known: the stub is to be told about it */
    uint8_t known;                /* CALL_FD_*; 0: nothing to tell */
    unsigned fds_generation;      /* of the recorder, as of the last look */
    uint32_t n_devices;           /* told so far */
    bool fds_used, lap_ends;      /* as the stub has left it */
    uint64_t site;                /* behind the instruction of the call that came last */
    uint32_t lap, read;           /* of the records, all before was logged */
    struct code_patches *patches; /* or NULL */
};

struct space {
    unsigned refs;
    struct stub_state stub;
    bool has_vdso;          /* vdso/vdso.c is mapped, and ... */
    bool reads_clocks;      /* ... was called */
    uint64_t kernels_vdso;  /* where the kernel's was, by which it still tells of it */
    uint64_t clock_reads;   /* of its ring, logged so far */
    uint32_t tsc_aux;       /* what it tells in place of rdtscp: hot_reads.h */
    uint64_t brk;           /* current program break; 0: not known yet */
    bool has_shared_memory; /* writable memory is shared: children join the group */
    struct scratch_areas scratch;
    bool scratch_refused; /* it could not be mapped */
    struct save_edit {
        uint64_t addr;
        size_t size;
        uint8_t own[13], ours[13];
    } save_edits[8]; /* of the linker's code that saves registers: state_saves.h */
    unsigned n_save_edits;
    uint64_t restores[4]; /* the linker's instructions that restore them */
    unsigned n_restores;
    struct memory_watch *watch;
    struct code_watch *code; /* what is held back and rewritten; NULL: nothing is */
};

/* What a task does once it gets the token. */
enum task_due {
    DUE_NOTHING,
    DUE_RESUME, /* just run */
    DUE_ENTRY,  /* let it into the call it is about to make */
    DUE_EXIT,   /* log the exit of the call it is stopped at */
    DUE_SIGNAL, /* take the signal it is stopped at */
    DUE_TRACED, /* go on from the stop that its own tracer ended */
    DUE_DEATH,  /* log its end and let it die */
};

/* What the loop is to do with a task (agenda.h). */
enum agenda_item {
    AGENDA_NOTHING = 0,
    AGENDA_RESUME = 1 << 0, /* let it go on */
    AGENDA_QUEUED = 1 << 1, /* it waits for a token that one in a group stop has */
    AGENDA_DUE = 1 << 2,    /* do what is due: it has the token, or needs none */
};

struct agenda {
    struct task *first, *last;
    struct task *later;  /* what is to be done behind all of these */
    struct task *buried; /* to be freed */
};

/* Statuses that were met (stops.h), of which the first n_taken are done with. */
struct stops {
    struct buf met;
    size_t n_taken;
};

struct held_signal {
    struct held_signal *next;
    siginfo_t info;
};

/* signal_order.h. As many of a number are in one list as in the other. */
struct signal_order {
    struct held_signal *next;          /* what the task shall take before all others */
    struct held_signal *pending_again; /* what the kernel has in their place */
};

/* The buffers of a call stand elsewhere while it waits (scratch.h). */
struct redirect {
    bool on;
    struct syscall_buffers buffers;
    struct scratch_piece {
        uint64_t addr, len; /* of the program */
        uint64_t at;        /* where it stands instead */
        size_t content;     /* its copy in `content` begins there */
        bool filled;        /* holds nothing before the call */
    } * v;                  /* they do not overlap */
    size_t n, cap;
    struct buf content;
    struct syscall_ranges written;
};

/* The last few bytes that were read of a task at its present stop. */
#define PEEK_MAX 256
struct peek {
    uint64_t addr;
    size_t len; /* 0: nothing */
    uint8_t data[PEEK_MAX];
};

/* The call a task is in. */
struct call {
    bool active;           /* between entry and exit stop */
    bool entry_logged;     /* an ENTRY event was written: the exit makes an EXIT event */
    bool restarting;       /* the exit stop told -ERESTART*: not logged yet, may go on */
    bool nullified;        /* number replaced by -1: the kernel does nothing */
    bool answered;         /* the recorder decides the result: `answer` */
    bool foreign;          /* by int 0x80: number and arguments of the 32-bit table */
    bool unlisted;         /* the table cannot tell what it writes: compare memory */
    bool waits_in_pause;   /* wait4 and waitid: the kernel is told to pause instead */
    bool early;            /* it writes before it waits (early_writes.h), which is to be logged */
    bool argument_altered; /* the kernel sees another rdi or rdx than the program passed */
    int64_t answer;
    const struct syscall_row *row; /* NULL: unknown */
    struct syscall_call call;
    struct user_regs_struct regs; /* at the entry stop */
    uint64_t entry_time;
    uint64_t old_brk;  /* before brk */
    uint64_t old_size; /* of the file, before truncate and its like */
    uint64_t shm_len;  /* of the segment, before shmdt */
    uint32_t child;    /* task born in it */
    struct buf in;     /* the bytes of in_ranges, one after the other */
    struct syscall_ranges in_ranges;
    struct syscall_ranges restart_ranges; /* written before the call was restarted */
    struct snapshot *before;              /* of memory, for unlisted calls and --paranoid */
    struct redirect redirect;
};

/* What fds of a process are, as far as writes to them matter. Forgotten whenever the process
 * changes its table. */
#define FD_CLASS_CACHE 64
enum fd_kind {
    FD_UNKNOWN = 0,
    FD_PLAIN,
    FD_STDOUT,
    FD_STDERR,
    FD_MAPPED_FILE, /* a task has mapped it: what is written there may show in memory */
    FD_PROC_MEM,    /* /proc/PID/mem */
    FD_PROC_AUXV,   /* /proc/PID/auxv */
    FD_CPUINFO,     /* /proc/cpuinfo */
};

struct fd_table {
    unsigned refs;                 /* tasks that share it (CLONE_FILES) */
    unsigned generation;           /* of the recorder, when the rest was found out */
    uint8_t kind[FD_CLASS_CACHE];  /* enum fd_kind */
    uint8_t waits[FD_CLASS_CACHE]; /* enum fd_waits */
};

/* What is known of a task's signals beyond what the kernel knows: signals.h, signal_state.h. */
struct task_signals {
    struct held_signal *held; /* taken in the midst of computing, oldest first */
    struct signal_order order;
    bool imminent;                  /* one is pending and will be taken before any instruction */
    bool stopped_at_boundary;       /* one stopped the task before any instruction */
    struct signal_actions *actions; /* forced_signals.h */
    uint64_t blocked_faults;        /* the same */
};

/* Its time slice: slices.h, preempt.h. */
struct task_slice {
    bool preempting;     /* PTRACE_INTERRUPT because it is over */
    bool nudged;         /* the next call was made to stop, for others who wait */
    uint64_t ns;         /* how long it is; 0: as the options say */
    uint64_t last_point; /* when the task last was at a preemption point, recorder time */
};

/* Of whom and how it was born: births.h. */
struct task_birth {
    uint32_t parent, parent_stream; /* serial number, stream */
    uint64_t clone_flags;           /* of the clone that the task is in, or was born of */
    uint64_t child_tid_addr;        /* as passed to the clone it was born of */
};

/* What the loop is to do with it: agenda.h. */
struct task_todo {
    unsigned what; /* enum agenda_item */
    struct task *next;
    int signo;              /* it is to be resumed, or was, with this signal, or 0 ... */
    bool was_to_be_resumed; /* ... but the recording was given up just then */
    int signo_behind;       /* a signal that it is sent when it was resumed, or 0 */
    bool interrupt_behind;  /* it is interrupted then */
};

struct task {
    uint32_t serial;
    pid_t tid;
    pid_t pid;
    struct group *group;
    struct space *space;
    struct task *next_ready;
    enum task_state state;
    enum task_due due;
    pid_t tid_before_exec;     /* TASK_IN_EXEC: what it was */
    uint64_t stopped_at;       /* n_stops of the recorder when it stopped */
    bool awaited;              /* it is to be let go at its next stop */
    bool filtered;             /* it has a seccomp filter of its own */
    bool strict;               /* it is in the strict mode of seccomp */
    bool no_new_privs;         /* by prctl of the program's own, or of who started the recorder */
    bool at_call;              /* it is before a syscall instruction, and replay knows */
    bool cpuid_off_by_program; /* arch_prctl(ARCH_CPUID, 0) by the program itself */
    bool tsc_off_by_program;   /* prctl(PR_SET_TSC, PR_TSC_SIGSEGV) by the program itself */
    struct user_regs_struct regs; /* at the last boundary, as user code will see them */
    uint64_t boundary_time;       /* when it was last let go, recorder time */
    struct scratch_slot scratch;  /* in its space; len 0: none yet */
    struct task_signals signals;
    struct task_slice slice;
    struct task_birth birth;
    struct task_todo todo;
    struct call call;
    struct peek peek;
    struct futex_mark {
        uint64_t addr;
        uint32_t value;
        bool inherits; /* the kernel hands it to a waiter */
    } * marks;         /* what the kernel writes to robust futexes as it ends */
    size_t n_marks;
    struct fd_table *fds;
    uint64_t clear_tid_addr;  /* zeroed when it ends, if others share its memory; 0: nothing */
    uint64_t stub_site;       /* of the call that it was put before (stub_leave.h); 0: none */
    uint64_t last_syscall_ip; /* of a syscall instruction in its memory */
    struct task *next_turn;   /* in the queue for an output */
    int turn;                 /* the output it holds or waits for: 1, 2; 0: none */
    struct traced *traced;    /* by another recorded task, or NULL */
    bool in_group_stop;
    struct status_file *status_files; /* those of /proc that it has opened */
    struct maps_file *maps_files;
    uint64_t stack_top; /* its stack pointer at birth; 0: the stack that exec made */
    bool kicked;        /* PTRACE_INTERRUPT by the recorder itself: its stop is nobody's business */
    bool affinity_set;  /* the program set its own affinity */
    cpu_set_t affinity;
};

/* Who may write to one of the program's outputs: one call at a time, so that the trace has the
 * bytes in the order in which they came out. */
struct output_turn {
    struct task *holder, *first, *last;
};

struct recorder {
    const struct recorder_options *options;
    struct trace_writer *writer;
    struct map64 tasks;
    uint32_t n_streams, n_tasks;
    unsigned n_alive;
    pid_t root_tid;
    int root_status;
    bool root_gone;
    uint64_t clock_base; /* CLOCK_MONOTONIC at the beginning, ns */
    uint64_t n_stops;    /* that were waited for */
    uint64_t last_time;
    struct emit *emit;   /* memory of the event being built */
    struct files *files; /* content known by inode */
    struct shared_objects *objects;
    unsigned fds_told;       /* its value when all stubs were told */
    unsigned fds_generation; /* grows when a file is first mapped shared */
    struct maps maps;        /* scratch */
    struct buf scratch;
    int core;                         /* that all are pinned to, or -1 */
    cpu_set_t affinity;               /* what the program would have seen */
    bool filters_calls;               /* the program has the filter of task/call_filter.h */
    enum cpu_level level;             /* what programs are told that the CPU has */
    uint64_t xcr0;                    /* the components of xstate among that ... */
    struct state_layout state_layout; /* ... and where they lie */
    uint32_t hwcap;                   /* what cpuid tells it in leaf 1, edx: AT_HWCAP */
    struct map64 cpuid;               /* answers given, by leaf and subleaf */
    struct buf cpuinfo;               /* what programs read in /proc/cpuinfo */
    uint64_t vdso_syscall; /* offset of a syscall instruction in the vDSO; 0: not known yet */
    int give_up;           /* errno why recording must end now, or 0 */
    char give_up_why[200];
    struct map64 mapped;         /* files mapped privately, by hash of device and inode */
    struct output_turn turns[3]; /* by output: 1, 2 */
    struct fd_outputs *outputs;
    struct map64 warned; /* things said once */
    struct map64 early;  /* statuses of children whose parent's event is still to come */
    bool started;        /* the first image is logged */
    struct relay *relay;
    struct slices *slices;
    struct insn_decoder *decoder;     /* made when first needed */
    struct stub_calls *stub_calls;    /* NULL: all calls stop */
    struct state_saves *state_saves;  /* what is known of code that saves registers */
    struct redirect_book *code_books; /* what is known of redirecting calls in code */
    struct map64 known_code;          /* known_code.h */
    uint64_t n_rewritten, n_uncertain;
    bool rewrites[MACHINE_LAST + 1]; /* kinds of instructions: known_code_choose() */
    struct agenda agenda;
    struct standstill {
        uint64_t n_stops, since;
        bool told;
    } standstill;
    struct stops stops;
    struct ptrace_world *ptrace; /* NULL until a task traces another */
};

/* ---- shared verbs ---- */

static inline bool recorder_has(const struct recorder *r, enum machine_ability a)
{
    return r->options->machine->has[a];
}

/* Whether the program's cpuid is answered by the recorder. Else it sees all that the CPU has. */
static inline bool recorder_answers_cpuid(const struct recorder *r)
{
    return recorder_has(r, MACHINE_CPUID_TRAP) || !r->options->no_patch; /* code_watch.h */
}

/* It computes, and is in no call, nor before one that will be made again. */
static inline bool task_runs_user_code(const struct task *t)
{
    return t->state == TASK_USER && !t->call.active && !t->call.restarting;
}

/* Says a line to the user. */
void recorder_warn(struct recorder *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Ends the recording after the current stop: the program goes on untraced. First reason wins. */
void recorder_give_up(struct recorder *r, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A request for a stopped task has failed with this -errno. ESRCH means that it was killed
 * meanwhile: nothing is to be done, its exit stop or its end will tell. After anything else nobody
 * knows what the task will do, and the recording ends. */
void task_lost(struct recorder *r, const struct task *t, int err);
/* The task is in another state from here on. One to which nothing leads from where it is ends the
 * recording with a message: it is a bug, and the trace would not be true. */
void task_set_state(struct recorder *r, struct task *t, enum task_state state);
/* ns since the recording began, never twice the same. */
uint64_t recorder_now(struct recorder *r);

#endif
