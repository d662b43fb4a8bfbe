/* Tests of the rules that events obey: a good event passes, and each single fault is named. */
#include "format/event_blobs.h"
#include "format/event_check.h"
#include "format_fixture.h"

#include <errno.h>
#include <string.h>

static uint8_t space[EVENT_XSTATE_MAX + 1];

static ProtobufCBinaryData bytes(size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = space};
}

/* An event of every kind, all right; each test breaks one thing. */
struct good {
    Reprise__Event call, signal, trap, birth, exec, exit, poke, merge, step, preemption;
    Reprise__Syscall syscall_body;
    Reprise__Signal signal_body;
    Reprise__Trap trap_body;
    Reprise__Birth birth_body;
    Reprise__Exec exec_body;
    Reprise__Exit exit_body;
    Reprise__Poke poke_body;
    Reprise__Merge merge_body;
    Reprise__Step step_body;
    Reprise__Preemption preemption_body;
    Reprise__Span span;
    Reprise__Word word;
    Reprise__PageHash page;
    Reprise__Span *spans[1];
    Reprise__Word *words[1];
    Reprise__PageHash *pages[1];
    uint64_t args[6];
    Reprise__Range in, out, content;
    Reprise__Range *ins[1], *outs[1], *contents[1];
    Reprise__MapOp op;
    Reprise__MapOp *ops[1];
    Reprise__RegValue reg;
    Reprise__RegValue *regs[1];
    Reprise__Mapping first, second;
    Reprise__Mapping *mappings[2];
    Reprise__Image image;
    Reprise__CpuidLeaf leaf;
};

static void make_ranges(struct good *g)
{
    reprise__range__init(&g->in);
    reprise__range__init(&g->out);
    reprise__range__init(&g->content);
    g->ins[0] = &g->in;
    g->outs[0] = &g->out;
    g->contents[0] = &g->content;
    g->in.addr = 0x1000;
    g->in.len = 100;
    g->in.data = bytes(10);
    g->in.hash = 5;
    g->out.addr = 0x2000;
    g->out.len = 50;
    g->out.data = bytes(50);
    g->content.addr = 0x11000;
    g->content.len = 100;
    g->content.blob = bytes(16);
}

static void make_mappings(struct good *g)
{
    reprise__mapping__init(&g->first);
    reprise__mapping__init(&g->second);
    g->first.addr = 0x10000;
    g->first.len = 0x2000;
    g->first.valid_len = 0x1000;
    g->first.blob = bytes(16);
    g->first.n_content = 1;
    g->first.content = g->contents;
    g->second.addr = 0x12000;
    g->second.len = 0x1000;
    g->mappings[0] = &g->first;
    g->mappings[1] = &g->second;
}

static void make_call(struct good *g)
{
    reprise__syscall__init(&g->syscall_body);
    reprise__map_op__init(&g->op);
    reprise__reg_value__init(&g->reg);
    g->ops[0] = &g->op;
    g->regs[0] = &g->reg;
    g->op.mapping = &g->first;
    g->reg.index = 26;
    g->syscall_body.n_args = 6;
    g->syscall_body.args = g->args;
    g->syscall_body.n_in = g->syscall_body.n_out = 1;
    g->syscall_body.in = g->ins;
    g->syscall_body.out = g->outs;
    g->syscall_body.n_map = 1;
    g->syscall_body.map = g->ops;
    g->syscall_body.n_regs = 1;
    g->syscall_body.regs = g->regs;
    g->syscall_body.xstate = bytes(832);
    g->call.syscall = &g->syscall_body;
    g->call.body_case = REPRISE__EVENT__BODY_SYSCALL;
}

static void make_signal_and_trap(struct good *g)
{
    reprise__signal__init(&g->signal_body);
    g->signal_body.signo = 11;
    g->signal_body.siginfo = bytes(128);
    g->signal_body.regs = bytes(216);
    g->signal_body.n_frame = 1;
    g->signal_body.frame = g->outs;
    g->signal.signal = &g->signal_body;
    g->signal.body_case = REPRISE__EVENT__BODY_SIGNAL;
    reprise__trap__init(&g->trap_body);
    reprise__cpuid_leaf__init(&g->leaf);
    g->trap_body.kind = REPRISE__TRAP__KIND__CPUID;
    g->trap_body.cpuid = &g->leaf;
    g->trap.trap = &g->trap_body;
    g->trap.body_case = REPRISE__EVENT__BODY_TRAP;
}

static void make_birth_and_exec(struct good *g)
{
    reprise__birth__init(&g->birth_body);
    g->birth_body.regs = bytes(216);
    g->birth_body.n_out = 1;
    g->birth_body.out = g->outs;
    g->birth.birth = &g->birth_body;
    g->birth.body_case = REPRISE__EVENT__BODY_BIRTH;
    reprise__exec__init(&g->exec_body);
    reprise__image__init(&g->image);
    g->image.regs = bytes(216);
    g->image.n_mappings = 2;
    g->image.mappings = g->mappings;
    g->exec_body.image = &g->image;
    g->exec.exec = &g->exec_body;
    g->exec.body_case = REPRISE__EVENT__BODY_EXEC;
}

static void make_rest(struct good *g)
{
    reprise__exit__init(&g->exit_body);
    g->exit_body.n_out = 1;
    g->exit_body.out = g->outs;
    g->exit.exit = &g->exit_body;
    g->exit.body_case = REPRISE__EVENT__BODY_EXIT;
    reprise__poke__init(&g->poke_body);
    g->poke_body.n_out = 1;
    g->poke_body.out = g->outs;
    g->poke_body.n_regs = 1;
    g->poke_body.regs = g->regs;
    g->poke.poke = &g->poke_body;
    g->poke.body_case = REPRISE__EVENT__BODY_POKE;
    reprise__merge__init(&g->merge_body);
    g->merge_body.from = 2;
    g->merge_body.into = 1;
    g->merge.merge = &g->merge_body;
    g->merge.body_case = REPRISE__EVENT__BODY_MERGE;
    reprise__step__init(&g->step_body);
    g->step.step = &g->step_body;
    g->step.body_case = REPRISE__EVENT__BODY_STEP;
}

static void make_preemption(struct good *g)
{
    static uint8_t regs[EVENT_REGS_SIZE], xstate[1024], code[EVENT_CODE_MAX];
    static uint32_t varying[] = {26}, lanes[] = {EVENT_LANE_FIRST, EVENT_LANE_LAST};
    Reprise__Preemption *p = &g->preemption_body;
    reprise__preemption__init(p);
    reprise__span__init(&g->span);
    reprise__word__init(&g->word);
    reprise__page_hash__init(&g->page);
    g->span.addr = 0x7000, g->span.len = 77;
    g->word.addr = 8;
    g->page.addr = 4096;
    g->spans[0] = &g->span, g->words[0] = &g->word, g->pages[0] = &g->page;
    p->regs = (ProtobufCBinaryData){sizeof regs, regs};
    p->xstate = (ProtobufCBinaryData){sizeof xstate, xstate};
    p->code = (ProtobufCBinaryData){sizeof code, code};
    p->n_dead = p->n_witness = p->n_sample = p->changing = 1;
    p->dead = g->spans, p->witness = g->words, p->sample = g->pages;
    p->varying = varying, p->n_varying = 1;
    p->lanes = lanes, p->n_lanes = 2;
    g->preemption.preemption = p;
    g->preemption.body_case = REPRISE__EVENT__BODY_PREEMPTION;
}

static void make_good(struct good *g)
{
    memset(g, 0, sizeof *g);
    Reprise__Event *events[] = {&g->call, &g->signal, &g->trap,  &g->birth, &g->exec,
                                &g->exit, &g->poke,   &g->merge, &g->step,  &g->preemption};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        reprise__event__init(events[i]);
    make_ranges(g);
    make_mappings(g);
    make_call(g);
    make_signal_and_trap(g);
    make_birth_and_exec(g);
    make_rest(g);
    make_preemption(g);
}

static void good_events_pass(void **state)
{
    (void)state;
    struct good g;
    make_good(&g);
    const Reprise__Event *events[] = {&g.call, &g.signal, &g.trap,  &g.birth, &g.exec,
                                      &g.exit, &g.poke,   &g.merge, &g.step,  &g.preemption};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        const char *why = "";
        if (event_check(events[i], &why) < 0)
            fail_msg("event %zu: %s", i, why);
    }
}

/* After `change` the event must be refused with a text that contains `part`. */
#define REFUSED(event, change, part)                                                               \
    do {                                                                                           \
        struct good g;                                                                             \
        const char *why = "it was accepted";                                                       \
        make_good(&g);                                                                             \
        change;                                                                                    \
        assert_int_equal(event_check(&g.event, &why), -EBADMSG);                                   \
        if (strstr(why, part) == NULL)                                                             \
            fail_msg("\"%s\" lacks \"%s\"", why, part);                                            \
    } while (0)
#define ACCEPTED(event, change)                                                                    \
    do {                                                                                           \
        struct good g;                                                                             \
        const char *why = "";                                                                      \
        make_good(&g);                                                                             \
        change;                                                                                    \
        if (event_check(&g.event, &why) < 0)                                                       \
            fail_msg("%s", why);                                                                   \
    } while (0)

static void faults_of_ranges_are_named(void **state)
{
    (void)state;
    REFUSED(call, g.in.len = ((uint64_t)1 << 47) + 1, "too long");
    REFUSED(call, g.in.addr = UINT64_MAX - 98, "wraps");
    ACCEPTED(call, g.in.addr = UINT64_MAX - 100);
    REFUSED(call, g.in.data.len = 101, "more data");
    REFUSED(call, g.in.data.len = 100, "hash beside all");
    REFUSED(call, g.in.blob = bytes(16), "twice");
    REFUSED(call, g.in.kind = (Reprise__Range__Kind)77, "no known kind");
    REFUSED(call, g.out.data.len = 49, "lacks data");
    REFUSED(call, (g.out.data.len = 0, g.out.hash = 1), "lacks data");
    ACCEPTED(call, g.out.data.len = 0);
    REFUSED(call, (g.out.data.len = 0, g.out.blob = bytes(15)), "16 bytes");
    ACCEPTED(call, (g.out.data.len = 0, g.out.blob = bytes(16)));
    REFUSED(exit, g.out.data.len = 1, "lacks data");
    REFUSED(poke, g.out.data.len = 1, "lacks data");
    REFUSED(birth, g.out.data.len = 1, "lacks data");
    REFUSED(signal, g.out.data.len = 1, "lacks data");
}

static void faults_of_calls_are_named(void **state)
{
    (void)state;
    REFUSED(call, g.syscall_body.n_args = 7, "six arguments");
    REFUSED(call, g.syscall_body.output = 3, "output");
    REFUSED(call, g.syscall_body.phase = (Reprise__Syscall__Phase)9, "phase");
    REFUSED(call, g.syscall_body.xstate = bytes(EVENT_XSTATE_MAX + 1), "extended state");
    REFUSED(call, g.reg.index = 27, "wrong number");
    REFUSED(poke, g.reg.index = 27, "wrong number");
}

static void faults_of_mappings_are_named(void **state)
{
    (void)state;
    REFUSED(exec, g.first.addr++, "page-aligned");
    REFUSED(exec, g.first.len++, "page-aligned");
    REFUSED(exec, g.first.len = 0, "wrong length");
    REFUSED(exec, g.first.len = (uint64_t)1 << 48, "wrong length");
    REFUSED(exec, g.second.addr = UINT64_MAX - 0xfff, "wraps");
    REFUSED(exec, g.first.valid_len = 0x3000, "valid part");
    REFUSED(exec, g.first.valid_len = 5, "valid part");
    REFUSED(exec, g.first.blob_offset = UINT64_MAX, "blob wraps");
    REFUSED(exec, g.first.file_offset = UINT64_MAX, "file wraps");
    REFUSED(exec, g.first.object_offset = UINT64_MAX, "object wraps");
    REFUSED(exec, g.first.blob.len = 3, "16 bytes");
    REFUSED(exec, g.content.addr = 0xffff, "outside");
    REFUSED(exec, g.content.addr = 0x12000 - 99, "outside");
    ACCEPTED(exec, g.content.addr = 0x12000 - 100);
    REFUSED(exec, g.second.addr = 0x11000, "overlap");
    REFUSED(exec, g.first.name = bytes(EVENT_NAME_MAX + 1), "name of a mapping");
    ACCEPTED(exec, g.first.name = bytes(EVENT_NAME_MAX));
    REFUSED(exec, g.image.n_mappings = EVENT_MAPPINGS_MAX + 1, "too many");
}

static void faults_of_map_ops_are_named(void **state)
{
    (void)state;
    REFUSED(call, g.op.mapping = NULL, "lacks its mapping");
    REFUSED(call, g.first.len = 1, "page-aligned");
    REFUSED(call, g.op.op = (Reprise__MapOp__Op)1000, "no known kind");
    REFUSED(call, g.op.len = (uint64_t)1 << 48, "too long");
    REFUSED(call, (g.op.len = 2, g.op.addr = UINT64_MAX - 1), "wraps");
    REFUSED(call, (g.op.new_len = 2, g.op.new_addr = UINT64_MAX - 1), "wraps");
    REFUSED(call, (g.op.op = REPRISE__MAP_OP__OP__UNMAP, g.op.addr = 1), "page-aligned");
    REFUSED(call, (g.op.op = REPRISE__MAP_OP__OP__REMAP, g.op.new_addr = 1), "page-aligned");
    REFUSED(call, g.op.op = REPRISE__MAP_OP__OP__OBJECT_WRITE, "lacks its content");
    ACCEPTED(call, (g.op.op = REPRISE__MAP_OP__OP__OBJECT_WRITE, g.op.content = &g.content,
                    g.op.addr = 5));
    REFUSED(call,
            (g.op.op = REPRISE__MAP_OP__OP__OBJECT_WRITE, g.op.content = &g.content,
             g.content.blob.len = 1),
            "16 bytes");
}

static void faults_of_preemptions_are_named(void **state)
{
    (void)state;
    REFUSED(preemption, g.preemption_body.regs.len--, "lacks its registers");
    REFUSED(preemption, g.preemption_body.xstate.len = EVENT_XSTATE_MAX + 1, "too large");
    REFUSED(preemption, g.preemption_body.code.len = EVENT_CODE_MAX + 1, "too much code");
    REFUSED(preemption, g.preemption_body.n_dead = EVENT_DEAD_MAX + 1, "too long a list");
    REFUSED(preemption, g.preemption_body.n_witness = EVENT_WORDS_MAX + 1, "too long a list");
    REFUSED(preemption, g.preemption_body.n_sample = EVENT_WORDS_MAX + 1, "too long a list");
    REFUSED(preemption, g.preemption_body.n_varying = 28, "too long a list");
    REFUSED(preemption, g.preemption_body.n_lanes = 52, "too long a list");
    REFUSED(preemption, g.span.len = UINT64_MAX, "wraps around");
    REFUSED(preemption, g.word.addr = 9, "not aligned");
    REFUSED(preemption, g.page.addr = 4097, "not aligned");
    REFUSED(preemption, g.preemption_body.changing = 2, "more words change");
    REFUSED(preemption, g.preemption_body.varying = (uint32_t[]){27}, "wrong number");
    REFUSED(preemption, g.preemption_body.lanes = ((uint32_t[]){3, 20}), "wrong number");
    REFUSED(preemption, g.preemption_body.lanes = ((uint32_t[]){20, 52}), "wrong number");
}

static void faults_of_other_events_are_named(void **state)
{
    Reprise__Range behind_the_end = REPRISE__RANGE__INIT, *wrapping = &behind_the_end;
    behind_the_end.addr = UINT64_MAX;
    behind_the_end.len = 16;
    (void)state;
    REFUSED(call, g.call.body_case = REPRISE__EVENT__BODY__NOT_SET, "no known kind");
    REFUSED(signal, g.signal_body.signo = 0, "wrong number");
    REFUSED(signal, g.signal_body.signo = 65, "wrong number");
    REFUSED(signal, g.signal_body.siginfo.len = 129, "siginfo");
    REFUSED(signal, g.signal_body.regs.len = 8, "registers");
    REFUSED(signal, g.signal_body.xstate.len = EVENT_XSTATE_MAX + 1, "extended state");
    REFUSED(signal, g.signal_body.at = (Reprise__Signal__At)-1, "no known place");
    REFUSED(signal, g.signal_body.effect = (Reprise__Signal__Effect)99, "effect");
    REFUSED(trap, g.trap_body.cpuid = NULL, "lacks its values");
    REFUSED(trap, g.trap_body.kind = (Reprise__Trap__Kind)99, "no known kind");
    REFUSED(trap, g.trap_body.xstate.len = EVENT_XSTATE_MAX + 1, "extended state is too large");
    REFUSED(trap, (g.trap_body.n_out = 1, g.trap_body.out = &wrapping), "wraps around");
    REFUSED(birth, g.birth_body.regs.len = 217, "registers");
    REFUSED(exec, g.exec_body.image = NULL, "lacks its image");
    REFUSED(exec, g.exec_body.path = bytes(EVENT_NAME_MAX + 1), "name of a program");
    ACCEPTED(exec, g.exec_body.path = bytes(EVENT_NAME_MAX));
    REFUSED(exec, g.image.regs.len = 1, "registers");
    REFUSED(exec, g.image.xstate.len = EVENT_XSTATE_MAX + 1, "extended state");
    REFUSED(merge, g.merge_body.from = 1, "into itself");
}

static void header_with_a_huge_xstate_or_core_is_refused(void **state)
{
    (void)state;
    Reprise__Cpu cpu = REPRISE__CPU__INIT;
    Reprise__Header header = REPRISE__HEADER__INIT;
    const char *why = "";
    assert_int_equal(header_check(&header, &why), 0);
    header.cpu_detail = &cpu;
    cpu.xstate_size = EVENT_XSTATE_MAX;
    assert_int_equal(header_check(&header, &why), 0);
    cpu.xstate_size++;
    assert_int_equal(header_check(&header, &why), -EBADMSG);
    cpu.xstate_size = 0;
    cpu.core = EVENT_CORE_MAX;
    assert_int_equal(header_check(&header, &why), 0);
    cpu.core++;
    assert_int_equal(header_check(&header, &why), -EBADMSG);
}

static int count(void *n, const ProtobufCBinaryData *id)
{
    assert_int_equal(id->len, 16);
    return ++*(int *)n == 100;
}

/* How often the event names a blob; stops at 100. */
static int blobs_in(const Reprise__Event *event)
{
    int n = 0;
    event_blobs_visit(event, count, &n);
    return n;
}

static void every_place_that_can_name_a_blob_is_visited(void **state)
{
    (void)state;
    struct good g;
    make_good(&g);
    assert_int_equal(blobs_in(&g.call), 2); /* mapping and its content */
    assert_int_equal(blobs_in(&g.exec), 2);
    g.op.content = &g.content;
    assert_int_equal(blobs_in(&g.call), 3);
    g.in.blob = g.out.blob = bytes(16);
    assert_int_equal(blobs_in(&g.call), 5);
    const Reprise__Event *with_out[] = {&g.signal, &g.birth, &g.exit, &g.poke};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(blobs_in(with_out[i]), 1);
    const Reprise__Event *without[] = {&g.trap, &g.merge, &g.step, &g.preemption};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(blobs_in(without[i]), 0);
    int n = 99;
    assert_int_equal(event_blobs_visit(&g.call, count, &n), 1);
    assert_int_equal(n, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_events_pass),
        cmocka_unit_test(faults_of_ranges_are_named),
        cmocka_unit_test(faults_of_calls_are_named),
        cmocka_unit_test(faults_of_mappings_are_named),
        cmocka_unit_test(faults_of_map_ops_are_named),
        cmocka_unit_test(faults_of_preemptions_are_named),
        cmocka_unit_test(faults_of_other_events_are_named),
        cmocka_unit_test(every_place_that_can_name_a_blob_is_visited),
        cmocka_unit_test(header_with_a_huge_xstate_or_core_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
