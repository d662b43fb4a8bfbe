/* costly HOW FILE: writes a small trace, every checksum right, whose replay would take as much of
 * the machine as there is: the table at the end tells how. What happens in all of them is one
 * program of one page of code. */
#include "format/trace_writer.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <xxhash.h>

#define CODE  0x400000ull
#define STACK 0x7ffffffde000ull
#define BIG   0x300000000000ull /* where there is room for terabytes */
#define FAR   0x500000000000ull
#define PAGE  0x1000ull
#define MIB   (1024ull * 1024)
#define GIB   (1024 * MIB)
#define TIB   (1024 * GIB)

#define READ_WRITE (PROT_READ | PROT_WRITE)

static struct trace_writer *writer;
static uint32_t acting = 1; /* the task of the next event */

static void put(Reprise__Event *e)
{
    static uint64_t time;
    e->task = acting;
    e->time = time += 1000;
    if (trace_writer_event(writer, 1, e) < 0)
        errx(1, "cannot write the event");
}

static ProtobufCBinaryData bytes(const void *data, size_t len)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)data, .len = len};
}

static Reprise__Range range_of(uint64_t addr, uint64_t len)
{
    Reprise__Range range = REPRISE__RANGE__INIT;
    range.addr = addr;
    range.len = len; /* zeros */
    return range;
}

/* ---- programs, which begin with rdi, rsi and rax as they are set ---- */

/* write a byte at rdi, go on by rsi, over and over */
static const uint8_t touches[] = {0xc6, 0x07, 0x01, 0x48, 0x01, 0xf7, 0xeb, 0xf8};
/* read a byte there */
static const uint8_t reads[] = {0x8a, 0x17, 0x48, 0x01, 0xf7, 0xeb, 0xf9};
/* syscall; mov %rbx, %rax; jmp to the beginning */
static const uint8_t calls[] = {0x0f, 0x05, 0x48, 0x89, 0xd8, 0xeb, 0xf9};
#define BEHIND_CALL (CODE + 2)
/* write a byte at rdi; syscall */
static const uint8_t touches_once[] = {0xc6, 0x07, 0x01, 0x0f, 0x05, 0xeb, 0xfe};
#define BEHIND_LAST (CODE + 5)
static const uint8_t computes[] = {0xeb, 0xfe};

static struct user_regs_struct start_regs(uint64_t nr, uint64_t rdi, uint64_t rsi)
{
    return (struct user_regs_struct){.rip = CODE,
                                     .rsp = STACK + PAGE / 2,
                                     .rax = nr,
                                     .rbx = nr,
                                     .rdi = rdi,
                                     .rsi = rsi,
                                     .rdx = MIB,
                                     .orig_rax = (uint64_t)-1,
                                     .eflags = 0x202,
                                     .cs = 0x33,
                                     .ss = 0x2b};
}

static Reprise__Mapping mapping_of(uint64_t addr, uint64_t len, uint32_t prot, uint32_t flags)
{
    Reprise__Mapping m = REPRISE__MAPPING__INIT;
    m.addr = addr;
    m.len = len;
    m.prot = prot;
    m.flags = flags;
    return m;
}

static void begin(const uint8_t *code, size_t len, const struct user_regs_struct *regs)
{
    Reprise__Range content = range_of(CODE, len);
    Reprise__Range *contents[] = {&content};
    Reprise__Mapping text = mapping_of(CODE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE);
    Reprise__Mapping stack = mapping_of(STACK, PAGE, READ_WRITE, MAP_PRIVATE);
    Reprise__Mapping *mappings[] = {&text, &stack};
    Reprise__Image image = REPRISE__IMAGE__INIT;
    Reprise__Birth birth = REPRISE__BIRTH__INIT;
    Reprise__Exec exec = REPRISE__EXEC__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &birth;
    put(&e);
    content.data = bytes(code, len);
    text.content = contents;
    text.n_content = 1;
    stack.name = bytes("[stack]", 7);
    image.regs = bytes(regs, sizeof *regs);
    image.mappings = mappings;
    image.n_mappings = 2;
    exec.image = &image;
    e.body_case = REPRISE__EVENT__BODY_EXEC;
    e.exec = &exec;
    put(&e);
}

#define BEGIN(code, nr, rdi, rsi)                                                                  \
    do {                                                                                           \
        const struct user_regs_struct regs_ = start_regs(nr, rdi, rsi);                            \
        begin(code, sizeof(code), &regs_);                                                         \
    } while (0)

/* ---- events ---- */

static void poke_op(Reprise__MapOp *op, Reprise__Range *out)
{
    Reprise__Poke p = REPRISE__POKE__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    p.map = &op;
    p.n_map = op != NULL;
    p.out = &out;
    p.n_out = out != NULL;
    e.body_case = REPRISE__EVENT__BODY_POKE;
    e.poke = &p;
    put(&e);
}

static void poke_map(Reprise__Mapping m)
{
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    op.mapping = &m;
    poke_op(&op, NULL);
}

static void poke_memory(uint64_t addr, uint64_t len, uint32_t flags)
{
    poke_map(mapping_of(addr, len, READ_WRITE, flags));
}

static void poke_zeros(uint64_t addr, uint64_t len)
{
    Reprise__Range zeros = range_of(addr, len);
    poke_op(NULL, &zeros);
}

static void resize_object(uint64_t size)
{
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    op.op = REPRISE__MAP_OP__OP__RESIZE;
    op.object = 1;
    op.len = size;
    poke_op(&op, NULL);
}

static Reprise__Syscall call_at(int64_t nr, uint64_t ip, Reprise__Syscall__Phase phase)
{
    Reprise__Syscall s = REPRISE__SYSCALL__INIT;
    s.nr = nr;
    s.ip = ip;
    s.phase = phase;
    return s;
}

static void put_call(Reprise__Syscall s)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_SYSCALL;
    e.syscall = &s;
    put(&e);
}

static void put_exit(void)
{
    Reprise__Exit x = REPRISE__EXIT__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    e.body_case = REPRISE__EVENT__BODY_EXIT;
    e.exit = &x;
    put(&e);
}

/* The last call of `touches_once`, and the end. */
static void end_by_call(void)
{
    put_call(call_at(SYS_exit_group, BEHIND_LAST, REPRISE__SYSCALL__PHASE__ENTRY));
    put_exit();
}

/* A call by which `calls` makes a child, which is born unless it stays so. */
static void fork_child(uint32_t child, bool is_born, bool shares_memory)
{
    Reprise__Syscall entry = call_at(SYS_fork, BEHIND_CALL, REPRISE__SYSCALL__PHASE__ENTRY);
    Reprise__Syscall exit = call_at(SYS_fork, BEHIND_CALL, REPRISE__SYSCALL__PHASE__EXIT);
    const struct user_regs_struct regs = start_regs(SYS_fork, 0, 0);
    Reprise__Birth birth = REPRISE__BIRTH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    entry.child = child;
    entry.shares_memory = shares_memory;
    exit.result = (int64_t)child;
    put_call(entry);
    put_call(exit);
    birth.parent = acting;
    birth.parent_stream = 1;
    birth.regs = bytes(&regs, sizeof regs);
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &birth;
    if (!is_born)
        return;
    acting = child;
    put(&e);
    acting = 1;
}

static ssize_t read_zeros(void *ctx, uint64_t offset, void *buf, size_t len)
{
    (void)offset;
    memset(buf, 0, len);
    memcpy(buf, ctx, sizeof(uint64_t)); /* each piece begins so: blobs differ by it */
    return (ssize_t)len;
}

static void map_blob(uint64_t number, uint64_t addr, uint64_t size)
{
    struct blob_id id;
    Reprise__Mapping m = mapping_of(addr, size, PROT_READ, MAP_PRIVATE);
    if (trace_writer_blob_stream(writer, size, read_zeros, &number, &id) < 0)
        errx(1, "cannot write the blob");
    m.blob = bytes(id.bytes, sizeof id.bytes);
    poke_map(m);
}

/* ---- what they do ---- */

/* An event that never comes: it computes, and touches, till it is stopped. */
static void run_on(void)
{
    put_call(call_at(SYS_getpid, CODE, REPRISE__SYSCALL__PHASE__WHOLE));
}

static void touch_private(void)
{
    BEGIN(touches, 0, BIG, PAGE);
    poke_memory(BIG, 16 * TIB, MAP_PRIVATE);
    run_on();
}

static void touch_nameless(void)
{
    BEGIN(touches, 0, BIG, PAGE);
    poke_memory(BIG, 16 * TIB, MAP_SHARED);
    run_on();
}

static void touch_object(void)
{
    Reprise__Mapping m = mapping_of(BIG, 16 * TIB, READ_WRITE, MAP_SHARED);
    BEGIN(touches, 0, BIG, PAGE);
    m.object = 1;
    resize_object(16 * TIB);
    poke_map(m);
    run_on();
}

static void touch_moved(void)
{
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    BEGIN(touches, 0, FAR, PAGE);
    poke_memory(BIG, PAGE, MAP_PRIVATE);
    op.op = REPRISE__MAP_OP__OP__REMAP;
    op.addr = BIG;
    op.len = PAGE;
    op.new_addr = FAR;
    op.new_len = 16 * TIB;
    poke_op(&op, NULL);
    run_on();
}

/* A page table for each byte, and pages of zeros that cost nothing. */
static void read_far(void)
{
    BEGIN(reads, 0, BIG, 2 * MIB);
    poke_memory(BIG, 32 * TIB, MAP_PRIVATE);
    run_on();
}

static void zeros_to_task(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    poke_memory(BIG, 16 * TIB, MAP_PRIVATE);
    poke_zeros(BIG, 16 * TIB);
    end_by_call();
}

/* In a thousand events, none of which is much. */
static void zeros_to_task_by_parts(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    poke_memory(BIG, 16 * TIB, MAP_PRIVATE);
    for (uint64_t i = 0; i < 16384; i++)
        poke_zeros(BIG + i * MIB, MIB);
    end_by_call();
}

static void zeros_to_object(void)
{
    Reprise__Range zeros = range_of(0, 16 * TIB);
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    op.op = REPRISE__MAP_OP__OP__OBJECT_WRITE;
    op.object = 1;
    op.content = &zeros;
    poke_op(&op, NULL);
    end_by_call();
}

static void blob(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    map_blob(1, BIG, 2 * GIB);
    end_by_call();
}

/* Files that are closed, since there are so many, and mapped still. */
static void blobs(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    for (uint64_t i = 0; i < 128; i++)
        map_blob(i + 1, BIG + i * GIB, 16 * MIB);
    end_by_call();
}

/* A write of so many bytes of zeros at BIG, of which the trace has the hash. */
static void put_write(uint64_t len, uint64_t hash)
{
    Reprise__Range in = range_of(BIG, len);
    Reprise__Range *ins[] = {&in};
    Reprise__Syscall s = call_at(SYS_write, BEHIND_CALL, REPRISE__SYSCALL__PHASE__WHOLE);
    in.hash = hash;
    s.in = ins;
    s.n_in = 1;
    s.result = (int64_t)len;
    s.output = 1;
    put_call(s);
}

static void hashed(void)
{
    BEGIN(calls, SYS_write, 1, BIG);
    poke_memory(BIG, 16 * TIB, MAP_PRIVATE);
    put_write(16 * TIB, 1);
    put_exit();
}

static void output(void)
{
    static const uint8_t zeros[MIB];
    BEGIN(calls, SYS_write, 1, BIG);
    poke_memory(BIG, MIB, MAP_PRIVATE);
    for (int i = 0; i < 10000; i++)
        put_write(MIB, XXH3_64bits(zeros, sizeof zeros));
    put_exit();
}

static void forks(void)
{
    BEGIN(calls, SYS_fork, 0, 0);
    for (uint32_t i = 0; i < 20000; i++)
        fork_child(2 + i, true, false);
    put_exit();
}

static void unborn(void)
{
    BEGIN(calls, SYS_fork, 0, 0);
    for (uint32_t i = 0; i < 20000; i++)
        fork_child(2 + i, false, true);
    put_exit();
}

/* Tasks without a process. */
static void first_tasks(void)
{
    Reprise__Birth birth = REPRISE__BIRTH__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    BEGIN(computes, 0, 0, 0);
    e.body_case = REPRISE__EVENT__BODY_BIRTH;
    e.birth = &birth;
    for (acting = 2; acting < 1000000; acting++)
        put(&e);
}

/* What the kernel keeps of mappings is copied with each fork. */
static void mappings(void)
{
    BEGIN(calls, SYS_fork, 0, 0);
    for (uint64_t i = 0; i < 20000; i++)
        poke_map(
            mapping_of(BIG + 2 * i * PAGE, PAGE, i % 2 == 0 ? PROT_READ : READ_WRITE, MAP_PRIVATE));
    for (uint32_t i = 0; i < 1000; i++)
        fork_child(2 + i, true, false);
    put_exit();
}

static void poke_advice(uint64_t addr, uint64_t len)
{
    Reprise__MapOp op = REPRISE__MAP_OP__INIT;
    op.op = REPRISE__MAP_OP__OP__ADVISE;
    op.addr = addr;
    op.len = len;
    op.advice = MADV_DONTNEED;
    poke_op(&op, NULL);
}

/* Pages that are shared, and no longer in anybody's page table. */
static void hidden_by_advice(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    poke_memory(BIG, TIB, MAP_SHARED);
    for (uint64_t i = 0; i < 64; i++) {
        poke_zeros(BIG + i * 16 * MIB, 16 * MIB);
        poke_advice(BIG + i * 16 * MIB, 16 * MIB);
    }
    end_by_call();
}

/* A page of each mapping stays. */
static void hidden_by_mappings(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    for (uint64_t i = 0; i < 64; i++) {
        poke_memory(BIG + i * GIB, 16 * MIB, MAP_SHARED);
        poke_zeros(BIG + i * GIB, 16 * MIB);
        poke_memory(BIG + i * GIB, 16 * MIB - PAGE, MAP_PRIVATE);
    }
    end_by_call();
}

/* Who has touched them is gone. */
static void hidden_by_exits(void)
{
    BEGIN(calls, SYS_fork, 0, 0);
    poke_memory(BIG, TIB, MAP_SHARED);
    for (uint32_t i = 0; i < 64; i++) {
        fork_child(2 + i, true, false);
        acting = 2 + i;
        poke_zeros(BIG + i * 16 * MIB, 16 * MIB);
        put_exit();
        acting = 1;
    }
}

/* ---- what costs who reads it ---- */

/* Each process executes a file whose name has 60 KiB. */
static void long_names(void)
{
    static uint8_t name[60 * 1024];
    const struct user_regs_struct regs = start_regs(0, 0, 0);
    Reprise__Image image = REPRISE__IMAGE__INIT;
    Reprise__Exec exec = REPRISE__EXEC__INIT;
    Reprise__Event e = REPRISE__EVENT__INIT;
    memset(name, 'n', sizeof name);
    image.regs = bytes(&regs, sizeof regs);
    exec.image = &image;
    exec.path = bytes(name, sizeof name);
    e.body_case = REPRISE__EVENT__BODY_EXEC;
    e.exec = &exec;
    for (; acting <= 20000; acting++)
        put(&e);
}

/* ---- what costs little, and only looks as if ---- */

static void reserve(void)
{
    BEGIN(touches_once, SYS_exit_group, BIG + TIB, 0);
    poke_map(mapping_of(FAR, 16 * TIB, PROT_NONE, MAP_PRIVATE));
    poke_memory(BIG, 16 * TIB, MAP_PRIVATE);
    resize_object(16 * TIB);
    end_by_call();
}

/* All have the same 32 MiB. */
static void shared_by_forks(void)
{
    BEGIN(calls, SYS_fork, 0, 0);
    poke_memory(BIG, 32 * MIB, MAP_PRIVATE);
    poke_zeros(BIG, 32 * MIB);
    for (uint32_t i = 0; i < 100; i++)
        fork_child(2 + i, true, false);
    for (; acting <= 101; acting++)
        put_exit();
}

/* Shared memory that comes and goes, and some that is dropped over and over. */
static void shared_in_turn(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    poke_memory(FAR, 16 * MIB, MAP_SHARED);
    for (uint64_t i = 0; i < 64; i++) {
        poke_memory(BIG, 16 * MIB, MAP_SHARED);
        poke_zeros(BIG, 16 * MIB);
        poke_zeros(FAR, 16 * MIB);
        poke_advice(FAR, 16 * MIB);
    }
    end_by_call();
}

static void blobs_in_turn(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK, 0);
    for (uint64_t i = 0; i < 64; i++)
        map_blob(i + 1, BIG, 16 * MIB);
    end_by_call();
}

static void stack(void)
{
    BEGIN(touches_once, SYS_exit_group, STACK - GIB + PAGE, 0);
    end_by_call();
}

static void endless(void)
{
    BEGIN(computes, 0, 0, 0);
    run_on();
}

static const struct way {
    const char *name;
    void (*write)(void);
} ways[] = {
    {"touch-private", touch_private},   /* the program touches a mapping of terabytes */
    {"touch-nameless", touch_nameless}, /* ... that is shared, and of no object */
    {"touch-object", touch_object},     /* ... of an object */
    {"touch-moved", touch_moved},       /* ... that has grown to that size */
    {"read-far", read_far},             /* it reads, and page tables are made */
    {"zeros-to-task", zeros_to_task},
    {"zeros-to-task-by-parts", zeros_to_task_by_parts},
    {"zeros-to-object", zeros_to_object},
    {"blob", blob}, /* a mapped file that inflates */
    {"blobs", blobs},
    {"hidden-by-advice", hidden_by_advice},
    {"hidden-by-mappings", hidden_by_mappings},
    {"hidden-by-exits", hidden_by_exits},
    {"hashed", hashed}, /* terabytes are handed to a call */
    {"output", output}, /* a program that writes ten thousand MiB */
    {"forks", forks},
    {"unborn", unborn}, /* tasks that are made and never act */
    {"first-tasks", first_tasks},
    {"mappings", mappings},
    {"long-names", long_names}, /* of programs, which whoever reads it remembers */
    {"reserve", reserve},       /* terabytes are mapped and not touched */
    {"shared-by-forks", shared_by_forks},
    {"shared-in-turn", shared_in_turn},
    {"blobs-in-turn", blobs_in_turn}, /* one file is mapped where the last one was */
    {"stack", stack},                 /* the stack grows by a gigabyte */
    {"endless", endless},             /* the program goes round for ever */
};

int main(int argc, char **argv)
{
    const struct way *way = NULL;
    for (size_t i = 0; argc == 3 && i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            way = &ways[i];
    if (way == NULL)
        errx(2, "usage: costly HOW FILE");
    int fd = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct trace_writer_options options = {.fd = fd};
    struct err error = {0};
    if (fd < 0 || trace_writer_open(&options, &writer, &error) < 0)
        err(1, "%s", argv[2]);
    Reprise__Header h = REPRISE__HEADER__INIT;
    h.version = (char *)"costly";
    h.host = (char *)"nowhere";
    if (trace_writer_header(writer, &h) < 0)
        errx(1, "cannot write the header");
    way->write();
    Reprise__Summary s = REPRISE__SUMMARY__INIT;
    if (trace_writer_close(writer, &s, NULL) < 0)
        errx(1, "cannot finish %s", argv[2]);
    return 0;
}
