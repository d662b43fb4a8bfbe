/* craft HOW FILE: writes a trace that no recorder made, every checksum right. Whoever wrote it
 * wants the replay to make the directory "made", or another thing that is not for it to do: the
 * table at the end tells how. What happens in all of them is one program of one page of code. */
#include "format/trace_writer.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define CODE    0x400000ull
#define PATH    (CODE + 0x800)
#define STACK   0x600000ull
#define MORE    0x800000ull
#define PAGE    0x1000ull
#define OURS    0x2a0000000000ull /* STUB_ADDR: replay makes tasks run calls from there */
#define DEBUG_0 106u

#define REG(name) (offsetof(struct user_regs_struct, name) / 8)

static struct trace_writer *writer;

static void put(uint32_t task, Reprise__Event *e)
{
    static uint64_t time;
    e->task = task;
    e->time = time += 1000;
    if (trace_writer_event(writer, 1, e) < 0)
        errx(1, "cannot write the event");
}

static ProtobufCBinaryData bytes(const void *data, size_t len)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)data, .len = len};
}

static Reprise__Range range_of(uint64_t addr, const void *data, size_t len)
{
    Reprise__Range range = REPRISE__RANGE__INIT;
    range.addr = addr;
    range.len = len;
    range.data = bytes(data, len);
    return range;
}

/* ---- the program ---- */

static const uint8_t a_call[] = {0x0f, 0x05, 0xeb, 0xfe}; /* syscall; jmp to itself */
static const uint8_t a_trap[] = {0xcc, 0x90, 0x90, 0xeb, 0xfe};
static const uint8_t a_loop[] = {0xeb, 0xfe};

/* Reads the time from the vsyscall page, and exits with 0. */
static const uint8_t a_vsyscall[] = {
    0xbf, 0,
    0,    0x60,
    0, /* mov $STACK, %edi */
    0x48, 0xc7,
    0xc0, 0x00,
    0x04, 0x60,
    0xff,       /* mov $0xffffffffff600400, %rax */
    0xff, 0xd0, /* call *%rax */
    0xb8, SYS_exit_group,
    0,    0,
    0,          /* mov $SYS_exit_group, %eax */
    0x31, 0xff, /* xor %edi, %edi */
    0x0f, 0x05  /* syscall */
};
#define END_OF_VSYSCALL (CODE + sizeof a_vsyscall)

/* mkdir("made", 0700); int3: to be written where replay keeps code of its own. */
static const uint8_t mkdir_code[] = {0xb8, SYS_mkdir, 0,    0,    0, /* mov $SYS_mkdir, %eax */
                                     0xbf, 0x00,      0x08, 0x40, 0, /* mov $PATH, %edi */
                                     0xbe, 0xc0,      0x01, 0,    0, /* mov $0700, %esi */
                                     0x0f, 0x05,      0xcc};

/* A process that no tracer sees and that waits for ever; the one that made it faults. */
static const uint8_t a_leaver[] = {
    0xb8, SYS_clone, 0, 0,    0, /* mov $SYS_clone, %eax */
    0xbf, 0x11,      0, 0x80, 0, /* mov $(CLONE_UNTRACED | SIGCHLD), %edi */
    0x31, 0xf6,                  /* xor %esi, %esi */
    0x0f, 0x05,                  /* syscall */
    0x85, 0xc0,                  /* test %eax, %eax */
    0x74, 0x02,                  /* jz: over the next one */
    0x0f, 0x0b,                  /* ud2 */
    0xb8, SYS_pause, 0, 0,    0, /* mov $SYS_pause, %eax */
    0x0f, 0x05,                  /* syscall */
    0xeb, 0xf7                   /* jmp: back to the mov */
};
#define BEHIND_CLONE (CODE + 14)

struct program {
    const void *code;
    size_t len;
    uint32_t prot;
    struct user_regs_struct regs;
};

static struct program program_of(const void *code, size_t len)
{
    const struct user_regs_struct regs = {.rip = CODE,
                                          .rsp = STACK + PAGE / 2,
                                          .rax = SYS_mkdir,
                                          .rdi = PATH,
                                          .rsi = 0700,
                                          .orig_rax = (uint64_t)-1,
                                          .eflags = 0x202,
                                          .cs = 0x33,
                                          .ss = 0x2b};
    return (struct program){.code = code, .len = len, .prot = PROT_READ | PROT_EXEC, .regs = regs};
}

#define PROGRAM(code) program_of(code, sizeof(code))

static void put_exec(const struct program *p)
{
    Reprise__Range content[] = {range_of(CODE, p->code, p->len), range_of(PATH, "made", 5)};
    Reprise__Range *contents[] = {&content[0], &content[1]};
    Reprise__Mapping code = REPRISE__MAPPING__INIT, stack = REPRISE__MAPPING__INIT;
    Reprise__Mapping *mappings[] = {&code, &stack};
    Reprise__Image image = REPRISE__IMAGE__INIT;
    Reprise__Exec x = REPRISE__EXEC__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    code.addr = CODE;
    stack.addr = STACK;
    code.len = stack.len = PAGE;
    code.flags = stack.flags = MAP_PRIVATE;
    code.prot = p->prot;
    stack.prot = PROT_READ | PROT_WRITE;
    code.content = contents;
    code.n_content = 2;
    image.regs = bytes(&p->regs, sizeof p->regs);
    image.mappings = mappings;
    image.n_mappings = 2;
    x.image = &image;
    x.path = bytes("/craft", 6);
    e.body_case = REPRISE__EVENT__BODY_EXEC;
    e.exec = &x;
    put(1, &e);
}

/* ---- events ---- */

static void put_birth(uint32_t task, uint32_t parent, Reprise__Range *out)
{
    const struct user_regs_struct regs = PROGRAM(a_call).regs;
    Reprise__Birth b = REPRISE__BIRTH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    b.parent = b.parent_stream = parent;
    b.out = &out;
    b.n_out = out != NULL;
    if (parent != 0)
        b.regs = bytes(&regs, sizeof regs);
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &b;
    put(task, &e);
}

static void put_call(int64_t nr, uint64_t ip, Reprise__Range *out, uint32_t child)
{
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    s.nr = nr;
    s.ip = ip;
    s.out = &out;
    s.n_out = out != NULL;
    s.child = child;
    s.phase = child != 0 || nr == SYS_exit_group ? REPRISE__SYSCALL__PHASE__ENTRY
                                                 : REPRISE__SYSCALL__PHASE__WHOLE;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    put(1, &e);
}

static void put_poke(uint32_t task, Reprise__Range *out, Reprise__MapOp *op, Reprise__RegValue *reg)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    p.out = &out;
    p.n_out = out != NULL;
    p.map = &op;
    p.n_map = op != NULL;
    p.regs = &reg;
    p.n_regs = reg != NULL;
    e.body_case = REPRISE__EVENT__BODY_POKE;
    e.poke = &p;
    put(task, &e);
}

static void poke_reg(uint32_t index, uint64_t value)
{
    Reprise__RegValue reg = REPRISE__REG_VALUE__INIT;
    reg.index = index;
    reg.value = value;
    put_poke(1, NULL, NULL, &reg);
}

static void poke_map(uint32_t task, uint64_t addr)
{
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    m.addr = addr;
    m.len = PAGE;
    m.prot = PROT_READ;
    m.flags = MAP_PRIVATE;
    op.mapping = &m;
    put_poke(task, NULL, &op, NULL);
}

static void put_signal(Reprise__Range *frame, const struct user_regs_struct *regs)
{
    const siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_USER};
    Reprise__Signal s = REPRISE__SIGNAL__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    s.signo = SIGUSR1;
    s.siginfo = bytes(&info, sizeof info);
    s.frame = &frame;
    s.n_frame = frame != NULL;
    s.regs = bytes(regs, sizeof *regs);
    e.body_case = REPRISE__EVENT__BODY_SIGNAL;
    e.signal = &s;
    put(1, &e);
}

static void put_exit(uint32_t task, Reprise__Range *out)
{
    Reprise__Exit x = REPRISE__EXIT__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    x.out = &out;
    x.n_out = out != NULL;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    put(task, &e);
}

static void begin(const struct program *p)
{
    put_birth(1, 0, NULL);
    put_exec(p);
}

/* ---- what they do ---- */

static Reprise__Range code_of_theirs(void)
{
    return range_of(OURS, mkdir_code, sizeof mkdir_code);
}

static void good(void)
{
    struct program p = PROGRAM(a_call);
    p.regs.rax = SYS_getpid;
    begin(&p);
    poke_map(1, MORE);
    put_call(SYS_getpid, CODE + 2, NULL, 0);
    put_exit(1, NULL);
}

static void step(void)
{
    const struct program p = PROGRAM(a_call);
    Reprise__Step s = REPRISE__STEP__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    begin(&p);
    s.ip = CODE + 2;
    e.body_case = REPRISE__EVENT__BODY_STEP;
    e.step = &s;
    put(1, &e);
    put_exit(1, NULL);
}

/* A preemption point at the program's system call instruction, where it stands from the start: of
 * registers, memory and code as told. What follows is the call. */
static void put_point(struct user_regs_struct regs, uint64_t pages, ProtobufCBinaryData code)
{
    Reprise__Preemption point = REPRISE__PREEMPTION__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    point.regs = bytes(&regs, sizeof regs);
    point.code = code;
    point.pages = pages;
    e.body_case = REPRISE__EVENT__BODY_PREEMPTION;
    e.preemption = &point;
    put(1, &e);
}

static void point_at_call(struct user_regs_struct regs, uint64_t pages, ProtobufCBinaryData code)
{
    const struct program p = PROGRAM(a_call);
    begin(&p);
    put_point(regs, pages, code);
    put_call(SYS_mkdir, CODE + 2, NULL, 0);
    put_exit(1, NULL);
}

/* What stands in the code for the point has to go while the task is in the vsyscall page. */
static void point_before_vsyscall(void)
{
    const struct program p = PROGRAM(a_vsyscall);
    struct user_regs_struct regs = p.regs;
    begin(&p);
    regs.r15 = 1;
    put_point(regs, 0, bytes(a_vsyscall, sizeof a_vsyscall));
    put_call(SYS_exit_group, END_OF_VSYSCALL, NULL, 0);
    put_exit(1, NULL);
}

static void point_reached(void)
{
    point_at_call(PROGRAM(a_call).regs, 0, bytes(a_call, sizeof a_call));
}

static void point_of_other_registers(void)
{
    struct user_regs_struct regs = PROGRAM(a_call).regs;
    regs.r15 = 1;
    point_at_call(regs, 0, bytes(a_call, sizeof a_call));
}

/* It may be written yet, so each instruction of the page is one step. */
static void point_in_other_code(void)
{
    struct user_regs_struct regs = PROGRAM(a_call).regs;
    regs.r15 = 1;
    point_at_call(regs, 0, bytes(a_trap, sizeof a_trap));
}

static void point_of_other_memory(void)
{
    point_at_call(PROGRAM(a_call).regs, 1, bytes(a_call, sizeof a_call));
}

static void poke(void)
{
    const struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    begin(&p);
    put_poke(1, &out, NULL, NULL);
    poke_map(1, MORE);
}

static void frame(void)
{
    const struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    begin(&p);
    put_signal(&out, &p.regs);
    poke_map(1, MORE);
}

static void call(void)
{
    struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    p.regs.rax = SYS_getpid;
    begin(&p);
    put_call(SYS_getpid, CODE + 2, &out, 0);
    poke_map(1, MORE);
}

static void birth(void)
{
    struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    p.regs.rax = SYS_fork;
    begin(&p);
    put_call(SYS_fork, CODE + 2, NULL, 2);
    put_birth(2, 1, &out);
    poke_map(2, MORE);
}

static void at_exit(void)
{
    const struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    begin(&p);
    put_exit(1, &out);
}

static void fetch(void)
{
    struct program p = PROGRAM(a_call);
    Reprise__Range out = code_of_theirs();
    Reprise__Range *outs[] = {&out};
    Reprise__Fetch f = REPRISE__FETCH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    p.prot = PROT_READ;
    begin(&p);
    f.ip = CODE;
    f.out = outs;
    f.n_out = 1;
    e.body_case = REPRISE__EVENT__BODY_FETCH;
    e.fetch = &f;
    put(1, &e);
    poke_map(1, MORE);
}

static void trap(void)
{
    const struct program p = PROGRAM(a_trap);
    Reprise__Range out = code_of_theirs();
    Reprise__Range *outs[] = {&out};
    Reprise__Trap t = REPRISE__TRAP__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    begin(&p);
    t.kind = REPRISE__TRAP__KIND__FXSAVE;
    t.rewritten = true;
    t.ip = CODE;
    t.len = 3;
    t.out = outs;
    t.n_out = 1;
    e.body_case = REPRISE__EVENT__BODY_TRAP;
    e.trap = &t;
    put(1, &e);
    poke_map(1, MORE);
}

static void breakpoint(void)
{
    const struct program p = PROGRAM(a_call);
    begin(&p);
    poke_reg(DEBUG_0, OURS);
    put_exit(1, NULL);
}

static void map(void)
{
    const struct program p = PROGRAM(a_call);
    begin(&p);
    poke_map(1, OURS);
}

static void code(void)
{
    struct program p = PROGRAM(a_call);
    p.regs.rip = OURS;
    begin(&p);
    put_call(SYS_mkdir, OURS + 2, NULL, 0);
    put_exit(1, NULL);
}

static void segment_exec(void)
{
    struct program p = PROGRAM(a_loop);
    p.regs.cs = 0x23;
    begin(&p);
    put_exit(1, NULL);
}

static void segment_poke(void)
{
    const struct program p = PROGRAM(a_loop);
    begin(&p);
    poke_reg(REG(cs), 0x23);
    put_exit(1, NULL);
}

static void segment_signal(void)
{
    struct program p = PROGRAM(a_loop);
    begin(&p);
    p.regs.ss = 0x53;
    put_signal(NULL, &p.regs);
    put_exit(1, NULL);
}

static void advice(void)
{
    const struct program p = PROGRAM(a_loop);
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    begin(&p);
    op.op = REPRISE__MAP_OP__OP__ADVISE;
    op.addr = CODE;
    op.len = PAGE;
    op.advice = MADV_WILLNEED;
    put_poke(1, NULL, &op, NULL);
    put_exit(1, NULL);
}

static void put_op(Reprise__MapOp op)
{
    put_poke(1, NULL, &op, NULL);
}

/* Memory calls of all kinds, as recorders note them. */
static void ops(void)
{
    struct program p = PROGRAM(a_call);
    const Reprise__MapOp none = REPRISE__MAP_OP__INIT;
    Reprise__MapOp op = none;
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    Reprise__Range content = range_of(16, "some", 4);
    p.regs.rax = SYS_getpid;
    begin(&p);
    op.op = REPRISE__MAP_OP__OP__OBJECT_WRITE;
    op.object = 7;
    op.content = &content;
    put_op(op);
    op = none;
    op.op = REPRISE__MAP_OP__OP__RESIZE;
    op.object = 7;
    op.len = 2 * PAGE;
    put_op(op);
    op = none;
    m.addr = MORE;
    m.len = 2 * PAGE;
    m.prot = PROT_READ | PROT_WRITE;
    m.flags = MAP_SHARED;
    m.object = 7;
    op.mapping = &m;
    put_op(op);
    m.addr = MORE + 16 * PAGE;
    m.len = 4 * PAGE;
    m.flags = MAP_PRIVATE;
    m.object = 0;
    put_op(op);
    op = none;
    op.op = REPRISE__MAP_OP__OP__PROTECT;
    op.addr = MORE;
    op.len = PAGE;
    op.prot = PROT_READ;
    put_op(op);
    op = none;
    op.op = REPRISE__MAP_OP__OP__REMAP;
    op.addr = MORE + 16 * PAGE;
    op.len = PAGE;
    op.new_addr = MORE + 32 * PAGE;
    op.new_len = 3 * PAGE;
    op.flags = MREMAP_MAYMOVE;
    put_op(op);
    op = none;
    op.op = REPRISE__MAP_OP__OP__ADVISE;
    op.addr = MORE + 17 * PAGE;
    op.len = PAGE;
    op.advice = MADV_DONTNEED;
    put_op(op);
    op.op = REPRISE__MAP_OP__OP__TRUNCATE;
    put_op(op);
    op.op = REPRISE__MAP_OP__OP__UNMAP;
    put_op(op);
    put_call(SYS_getpid, CODE + 2, NULL, 0);
    put_exit(1, NULL);
}

static void outlive(void)
{
    const struct program p = PROGRAM(a_leaver);
    begin(&p);
    put_call(SYS_clone, BEHIND_CLONE, NULL, 0);
    put_exit(1, NULL);
}

static void vsyscall(void)
{
    const struct program p = PROGRAM(a_vsyscall);
    begin(&p);
    put_call(SYS_exit_group, END_OF_VSYSCALL, NULL, 0);
    put_exit(1, NULL);
}

static void endless(void)
{
    struct program p = PROGRAM(a_loop);
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    begin(&p);
    m.addr = MORE;
    m.len = PAGE;
    m.prot = PROT_READ;
    m.flags = MAP_SHARED;
    m.object = 1;
    op.mapping = &m;
    put_poke(1, NULL, &op, NULL);
    put_call(SYS_exit_group, CODE + 2, NULL, 0);
}

static const struct way {
    const char *name;
    void (*write)(void);
} ways[] = {
    {"good", good},                                /* nothing of the kind: it replays */
    {"ops", ops},                                  /* the same, with all there is about memory */
    {"outlive", outlive},                          /* a process that stays behind */
    {"step", step},                                /* one step, at a system call instruction */
    {"point", point_reached},                      /* a preemption point at such an instruction */
    {"point-registers", point_of_other_registers}, /* the same, and the state there is another */
    {"point-memory", point_of_other_memory},
    {"point-code", point_in_other_code},
    {"point-vsyscall", point_before_vsyscall},
    {"poke", poke},                 /* what an event of this kind writes lies where replay keeps its
                                     * own code, and a memory call follows */
    {"frame", frame},               /* the same */
    {"call", call},                 /* the same */
    {"birth", birth},               /* the same */
    {"exit", at_exit},              /* the same */
    {"fetch", fetch},               /* the same */
    {"trap", trap},                 /* the same */
    {"breakpoint", breakpoint},     /* a debug register is set there */
    {"map", map},                   /* memory is mapped there */
    {"code", code},                 /* the program is executed there */
    {"segment-exec", segment_exec}, /* code of 32 bits */
    {"segment-poke", segment_poke},
    {"segment-signal", segment_signal},
    {"advice", advice},     /* advice that no recorder notes */
    {"vsyscall", vsyscall}, /* the time is read, and no event tells of it */
    {"endless", endless},   /* the program goes round for ever */
};

int main(int argc, char **argv)
{
    const struct way *way = NULL;
    for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            way = &ways[i];
    if (way == NULL)
        errx(2, "usage: craft HOW FILE");
    int fd = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct trace_writer_options options = {.fd = fd};
    struct err error = {0};
    if (fd < 0 || trace_writer_open(&options, &writer, &error) < 0)
        err(1, "%s", argv[2]);
    Reprise__Header h = REPRISE__HEADER__INIT;
    h.version = (char *)"craft";
    h.host = (char *)"nowhere";
    if (trace_writer_header(writer, &h) < 0)
        errx(1, "cannot write the header");
    way->write();
    Reprise__Summary s = REPRISE__SUMMARY__INIT;
    if (trace_writer_close(writer, &s, NULL) < 0)
        errx(1, "cannot finish %s", argv[2]);
    return 0;
}
