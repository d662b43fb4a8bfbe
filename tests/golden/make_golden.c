/* make_golden TRACE TEXT: writes a small trace with every kind of message and chunk, and what a
 * reader must find in it as text. The text is made from the messages, not by the reader. Run once
 * per format version; what it wrote is checked in and never made again. */
#include "format/trace_writer.h"
#include "message_text.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct golden {
    struct trace_writer *w;
    FILE *text;
    uint64_t time; /* of the event before */
};

static ProtobufCBinaryData bytes(const char *s)
{
    return (ProtobufCBinaryData){.len = strlen(s), .data = (uint8_t *)(uintptr_t)s};
}

static ProtobufCBinaryData filled(uint8_t *space, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++)
        space[i] = (uint8_t)(first + i);
    return (ProtobufCBinaryData){.len = len, .data = space};
}

static void must(int r, const char *what)
{
    if (r < 0)
        errx(1, "%s: %s", what, strerror(-r));
}

/* Gives an event to the writer and its text to the file. */
static void put(struct golden *g, uint32_t stream, uint32_t task, Reprise__Event__BodyCase kind,
                void *body)
{
    Reprise__Event e = REPRISE__EVENT__INIT;
    g->time += 1000 + 37 * (uint64_t)kind;
    e.task = task;
    e.time = g->time;
    e.body_case = kind;
    e.syscall = body; /* all members of the union are pointers */
    must(trace_writer_event(g->w, stream, &e), "event");
    fprintf(g->text, "stream %u:\n", stream);
    message_text(g->text, &e.base, 2);
}

static void put_header(struct golden *g)
{
    Reprise__CpuidLeaf leaf = REPRISE__CPUID_LEAF__INIT;
    leaf.leaf = 7;
    leaf.ebx = 0x219c07ab;
    Reprise__CpuidLeaf *leaves[] = {&leaf};
    Reprise__Cpu cpu = REPRISE__CPU__INIT;
    cpu.cpuid_trapped = 1;
    cpu.tsc_trapped = 1;
    cpu.n_leaves = 1;
    cpu.leaves = leaves;
    cpu.xcr0 = 7;
    cpu.xstate_size = 832;
    cpu.core = 2;
    ProtobufCBinaryData argv[] = {bytes("/bin/true"), bytes("--well")};
    ProtobufCBinaryData envp[] = {bytes("HOME=/"), bytes("LANG=C")};
    Reprise__Header h = REPRISE__HEADER__INIT;
    h.n_argv = 2;
    h.argv = argv;
    h.cwd = bytes("/tmp");
    h.n_envp = 2;
    h.envp = envp;
    h.host = "golden";
    h.kernel = "6.1.0";
    h.cpu = "A CPU";
    h.version = "0.1.0";
    h.start_unix_ns = 1700000000000000000;
    h.cpu_detail = &cpu;
    h.program = bytes("/bin/true");
    h.data_limit = 64;
    h.uid = 1000;
    must(trace_writer_header(g->w, &h), "header");
    fputs("header:\n", g->text);
    message_text(g->text, &h.base, 2);
}

static void put_birth_and_exec(struct golden *g, struct blob_id *blob)
{
    uint8_t regs[27 * 8], xstate[576];
    Reprise__Birth birth = REPRISE__BIRTH__INIT;
    birth.tid = birth.pid = 4000;
    put(g, 1, 1, REPRISE__EVENT__BODY_BIRTH, &birth);

    Reprise__Range data = REPRISE__RANGE__INIT;
    data.addr = 0x401800;
    data.len = 5;
    data.data = bytes("hello");
    Reprise__Range *content[] = {&data};
    Reprise__Mapping text = REPRISE__MAPPING__INIT, stack = REPRISE__MAPPING__INIT;
    text.addr = 0x400000;
    text.len = 0x2000;
    text.prot = 5;
    text.flags = 2;
    text.name = bytes("/bin/true");
    text.blob = (ProtobufCBinaryData){.len = sizeof blob->bytes, .data = blob->bytes};
    text.valid_len = 0x1000;
    text.n_content = 1;
    text.content = content;
    stack.addr = 0x7ffffffde000;
    stack.len = 0x21000;
    stack.prot = 3;
    stack.flags = 0x102;
    stack.name = bytes("[stack]");
    Reprise__Mapping *mappings[] = {&text, &stack};
    Reprise__Image image = REPRISE__IMAGE__INIT;
    image.regs = filled(regs, sizeof regs, 0);
    image.xstate = filled(xstate, sizeof xstate, 3);
    image.n_mappings = 2;
    image.mappings = mappings;
    image.stack_limit = 8 << 20;
    ProtobufCBinaryData argv[] = {bytes("/bin/true")};
    Reprise__Exec exec = REPRISE__EXEC__INIT;
    exec.image = &image;
    exec.path = bytes("/bin/true");
    exec.n_argv = 1;
    exec.argv = argv;
    exec.tid = 4000;
    put(g, 1, 1, REPRISE__EVENT__BODY_EXEC, &exec);
}

static void put_calls(struct golden *g, struct blob_id *blob)
{
    uint64_t args[] = {3, 0x7fff00001000, 4096, 0, 0, UINT64_MAX};
    Reprise__Range out = REPRISE__RANGE__INIT, zeros = REPRISE__RANGE__INIT;
    out.addr = 0x7fff00001000;
    out.len = 4;
    out.data = bytes("\x7f"
                     "ELF");
    out.kind = REPRISE__RANGE__KIND__STRUCT;
    zeros.addr = 0x7fff00001004;
    zeros.len = 12;
    Reprise__Range *outs[] = {&out, &zeros};
    Reprise__Syscall read = REPRISE__SYSCALL__INIT;
    read.n_args = 6;
    read.args = args;
    read.ip = 0x7f0000001002;
    read.result = 16;
    read.duration = 700;
    read.n_out = 2;
    read.out = outs;
    put(g, 1, 1, REPRISE__EVENT__BODY_SYSCALL, &read);

    Reprise__Range in = REPRISE__RANGE__INIT, large = REPRISE__RANGE__INIT;
    in.addr = 0x7fff00002000;
    in.len = 100;
    in.data = bytes("only the beginning");
    in.hash = 0x0123456789abcdef;
    in.kind = REPRISE__RANGE__KIND__STRING;
    large.addr = 0x7fff00010000;
    large.len = 3000;
    large.blob = (ProtobufCBinaryData){.len = sizeof blob->bytes, .data = blob->bytes};
    Reprise__Range *ins[] = {&in, &large};
    Reprise__Syscall write = REPRISE__SYSCALL__INIT;
    write.phase = REPRISE__SYSCALL__PHASE__ENTRY;
    write.nr = 20;
    write.n_args = 3;
    write.args = args;
    write.ip = 0x7f0000001044;
    write.n_in = 2;
    write.in = ins;
    put(g, 1, 1, REPRISE__EVENT__BODY_SYSCALL, &write);

    uint8_t xstate[576];
    Reprise__RegValue reg = REPRISE__REG_VALUE__INIT;
    reg.index = 14;
    reg.value = 0x5555;
    Reprise__RegValue *regs[] = {&reg};
    Reprise__Syscall end = REPRISE__SYSCALL__INIT;
    end.phase = REPRISE__SYSCALL__PHASE__EXIT;
    end.nr = 20;
    end.result = -512;
    end.n_regs = 1;
    end.regs = regs;
    end.output = 1;
    end.output_data = bytes("shown");
    end.child = 2;
    end.xstate = filled(xstate, sizeof xstate, 9);
    end.refused = 1;
    end.unlisted = 1;
    end.shares_memory = 1;
    put(g, 1, 1, REPRISE__EVENT__BODY_SYSCALL, &end);
}

static void put_map_ops(struct golden *g)
{
    Reprise__Mapping mapping = REPRISE__MAPPING__INIT;
    mapping.addr = 0x7f0000100000;
    mapping.len = 0x3000;
    mapping.prot = 3;
    mapping.flags = 1;
    mapping.object = 7;
    mapping.object_offset = 0x1000;
    mapping.file_offset = 0x2000;
    mapping.blob_offset = 0x3000;
    Reprise__Range content = REPRISE__RANGE__INIT;
    content.addr = 16;
    content.len = 6;
    content.data = bytes("shared");
    enum { OPS = REPRISE__MAP_OP__OP__PKEY_FREE + 1 };
    Reprise__MapOp ops[OPS], *list[OPS];
    for (int i = 0; i < OPS; i++) {
        reprise__map_op__init(&ops[i]);
        ops[i].op = (Reprise__MapOp__Op)i;
        list[i] = &ops[i];
        if (i != REPRISE__MAP_OP__OP__MAP) {
            ops[i].addr = 0x7f0000101000;
            ops[i].len = 0x1000;
        }
    }
    ops[REPRISE__MAP_OP__OP__MAP].mapping = &mapping;
    ops[REPRISE__MAP_OP__OP__PROTECT].prot = 1;
    ops[REPRISE__MAP_OP__OP__PROTECT].pkey = 3;
    ops[REPRISE__MAP_OP__OP__REMAP].new_addr = 0x7f0000200000;
    ops[REPRISE__MAP_OP__OP__REMAP].new_len = 0x2000;
    ops[REPRISE__MAP_OP__OP__REMAP].flags = 3;
    ops[REPRISE__MAP_OP__OP__ADVISE].advice = 4;
    ops[REPRISE__MAP_OP__OP__RESIZE].object = 7;
    ops[REPRISE__MAP_OP__OP__OBJECT_WRITE].object = 7;
    ops[REPRISE__MAP_OP__OP__OBJECT_WRITE].content = &content;
    Reprise__Syscall call = REPRISE__SYSCALL__INIT;
    call.nr = 9;
    call.result = 0x7f0000100000;
    call.n_map = OPS;
    call.map = list;
    put(g, 2, 2, REPRISE__EVENT__BODY_SYSCALL, &call);
}

static void put_second_task(struct golden *g)
{
    uint8_t regs[27 * 8], xstate[576], siginfo[128];
    Reprise__Range tid = REPRISE__RANGE__INIT;
    tid.addr = 0x7f0000005000;
    tid.len = 4;
    tid.data = bytes("\xa1\x0f");
    tid.len = tid.data.len;
    Reprise__Range *outs[] = {&tid};
    Reprise__Birth birth = REPRISE__BIRTH__INIT;
    birth.parent = birth.parent_stream = 1;
    birth.tid = birth.pid = 4001;
    birth.regs = filled(regs, sizeof regs, 40);
    birth.n_out = 1;
    birth.out = outs;
    birth.clone_flags = 0x01200011;
    put(g, 2, 2, REPRISE__EVENT__BODY_BIRTH, &birth);
    put_map_ops(g);

    Reprise__Signal signal = REPRISE__SIGNAL__INIT;
    signal.at = REPRISE__SIGNAL__AT__FAULT;
    signal.signo = 11;
    signal.siginfo = filled(siginfo, sizeof siginfo, 200);
    signal.ip = 0x401234;
    signal.regs = filled(regs, sizeof regs, 90);
    signal.xstate = filled(xstate, sizeof xstate, 17);
    signal.n_frame = 1;
    signal.frame = outs;
    put(g, 2, 2, REPRISE__EVENT__BODY_SIGNAL, &signal);
}

static void put_traps(struct golden *g)
{
    Reprise__CpuidLeaf values = REPRISE__CPUID_LEAF__INIT;
    values.leaf = 1;
    values.eax = 0x50657;
    values.ecx = 0xfffa3203;
    Reprise__Trap tsc = REPRISE__TRAP__INIT, tscp = REPRISE__TRAP__INIT,
                  cpuid = REPRISE__TRAP__INIT;
    tsc.ip = tscp.ip = cpuid.ip = 0x401300;
    tsc.tsc = 123456789012345;
    tscp.kind = REPRISE__TRAP__KIND__RDTSCP;
    tscp.tsc = 123456789012399;
    tscp.aux = 1;
    cpuid.kind = REPRISE__TRAP__KIND__CPUID;
    cpuid.leaf = 1;
    cpuid.cpuid = &values;
    put(g, 1, 1, REPRISE__EVENT__BODY_TRAP, &tsc);
    put(g, 2, 2, REPRISE__EVENT__BODY_TRAP, &tscp);
    put(g, 1, 1, REPRISE__EVENT__BODY_TRAP, &cpuid);
}

static void put_rest(struct golden *g)
{
    Reprise__RegValue reg = REPRISE__REG_VALUE__INIT;
    reg.index = 10;
    reg.value = UINT64_MAX;
    Reprise__RegValue *regs[] = {&reg};
    Reprise__Poke poke = REPRISE__POKE__INIT;
    poke.n_regs = 1;
    poke.regs = regs;
    put(g, 2, 2, REPRISE__EVENT__BODY_POKE, &poke);
    Reprise__Step step = REPRISE__STEP__INIT;
    step.ip = 0x401301;
    put(g, 2, 2, REPRISE__EVENT__BODY_STEP, &step);
    Reprise__Merge merge = REPRISE__MERGE__INIT;
    merge.from = 2;
    merge.into = 1;
    put(g, 1, 2, REPRISE__EVENT__BODY_MERGE, &merge);
    must(trace_writer_end_stream(g->w, 2), "end of stream");
    Reprise__Exit killed = REPRISE__EXIT__INIT, exited = REPRISE__EXIT__INIT;
    killed.status = 9;
    killed.killed = 1;
    put(g, 1, 2, REPRISE__EVENT__BODY_EXIT, &killed);
    exited.status = -256;
    exited.detached = 1;
    put(g, 1, 1, REPRISE__EVENT__BODY_EXIT, &exited);
}

static void put_end(struct golden *g)
{
    Reprise__Summary summary = REPRISE__SUMMARY__INIT;
    summary.status = 256;
    summary.duration_ns = g->time;
    summary.events = 16;
    summary.tasks = 2;
    summary.note = "made, not recorded";
    summary.incomplete = 1;
    fputs("summary:\n", g->text);
    message_text(g->text, &summary.base, 2);
    must(trace_writer_close(g->w, &summary, NULL), "close");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(2, "usage: make_golden TRACE TEXT");
    int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    struct golden g = {.text = fopen(argv[2], "we")};
    if (fd < 0 || g.text == NULL)
        err(1, "cannot write");
    struct trace_writer_options options = {.fd = fd};
    must(trace_writer_open(&options, &g.w, NULL), "open");
    put_header(&g);

    uint8_t content[3000];
    struct blob_id blob;
    filled(content, sizeof content, 1);
    must(trace_writer_blob(g.w, content, sizeof content, &blob), "blob");
    put_birth_and_exec(&g, &blob);
    put_calls(&g, &blob);
    must(trace_writer_flush(g.w), "flush"); /* so that stream 1 has several chunks */
    put_second_task(&g);
    put_traps(&g);
    put_rest(&g);
    put_end(&g);
    return fclose(g.text) == 0 ? 0 : 1;
}
