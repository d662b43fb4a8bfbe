/* replayer/xstate_convert.c, xstate_compare.c: states that CPUs of other layouts have recorded. */
#include "format_fixture.h"
#include "replayer/xstate_compare.h"
#include "replayer/xstate_convert.h"
#include "task/cpu.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define XSTATE_BV 512
#define XMM       160
#define AVX       2
#define NOWHERE   40 /* a component that no CPU has */

/* Where the recording CPU has them: AVX lies elsewhere on all CPUs there are. */
static const struct {
    uint32_t component, size, offset;
} there[] = {{AVX, 256, 704}, {NOWHERE, 64, 576}};
#define THERE_SIZE 960

struct bench {
    struct trace_reader *trace;
    struct replayer r;
    struct rtask t;
    struct err err;
};

static struct trace_reader *trace_of_that_CPU(void)
{
    int fd = fixture_file();
    struct trace_writer_options options = {.fd = fd};
    struct trace_writer *w;
    Reprise__CpuidLeaf leaves[2], *list[2];
    Reprise__Cpu cpu = REPRISE__CPU__INIT;
    Reprise__Header header = REPRISE__HEADER__INIT;
    for (size_t i = 0; i < 2; i++) {
        reprise__cpuid_leaf__init(&leaves[i]);
        leaves[i].leaf = 0xd;
        leaves[i].subleaf = there[i].component;
        leaves[i].eax = there[i].size;
        leaves[i].ebx = there[i].offset;
        list[i] = &leaves[i];
    }
    cpu.n_leaves = 2;
    cpu.leaves = list;
    header.cpu_detail = &cpu;
    assert_int_equal(trace_writer_open(&options, &w, NULL), 0);
    assert_int_equal(trace_writer_header(w, &header), 0);
    assert_int_equal(trace_writer_close(w, NULL, NULL), 0);
    struct trace_reader *trace = fixture_open(fd);
    close(fd);
    return trace;
}

static int set_up(void **state)
{
    static struct bench b;
    b = (struct bench){.trace = trace_of_that_CPU()};
    b.r = (struct replayer){.trace = b.trace, .err = &b.err};
    b.t.pid = fork();
    if (b.t.pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    *state = &b;
    return waitpid(b.t.pid, &status, 0) == b.t.pid && WIFSTOPPED(status) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    kill(b->t.pid, SIGKILL);
    waitpid(b->t.pid, NULL, 0);
    buf_done(&b->r.xstate);
    trace_reader_free(b->trace);
    return 0;
}

/* A state with all of xmm, ymm and that component in use. */
static void fill_in(uint8_t xstate[THERE_SIZE])
{
    static const uint8_t control[2] = {0x7f, 0x03}, mxcsr[2] = {0x80, 0x1f};
    uint64_t in_use = 3 | 1ull << AVX | 1ull << NOWHERE;
    memset(xstate, 0, THERE_SIZE);
    memcpy(xstate, control, sizeof control);
    memcpy(xstate + 24, mxcsr, sizeof mxcsr);
    memcpy(xstate + XSTATE_BV, &in_use, sizeof in_use);
    for (size_t i = 0; i < 256; i++) {
        xstate[XMM + i] = (uint8_t)(i + 1);
        xstate[there[0].offset + i] = (uint8_t)(i + 77);
    }
    memset(xstate + there[1].offset, 0xee, there[1].size);
}

static void registers_move_to_their_places_here(void **state)
{
    struct bench *b = *state;
    struct cpuid_regs here = cpu_native(0xd, AVX);
    if ((cpu_xcr0() & 4) == 0)
        skip();
    uint8_t xstate[THERE_SIZE];
    fill_in(xstate);
    ProtobufCBinaryData recorded = {.len = sizeof xstate, .data = xstate};
    assert_int_equal(xstate_set(&b->r, &b->t, &recorded), 0);
    assert_int_equal(tracee_get_xstate(b->t.pid, &b->r.xstate), 0);
    assert_memory_equal(b->r.xstate.data + XMM, xstate + XMM, 256);
    assert_memory_equal(b->r.xstate.data + here.ebx, xstate + there[0].offset, 256);
    uint64_t in_use;
    memcpy(&in_use, b->r.xstate.data + XSTATE_BV, sizeof in_use);
    assert_int_equal(in_use >> NOWHERE & 1, 0);
}

static void states_are_compared_across_layouts(void **state)
{
    struct bench *b = *state;
    if ((cpu_xcr0() & 4) == 0)
        skip();
    uint8_t xstate[THERE_SIZE];
    fill_in(xstate);
    ProtobufCBinaryData recorded = {.len = sizeof xstate, .data = xstate};
    struct xstate_difference differs;
    assert_int_equal(xstate_set(&b->r, &b->t, &recorded), 0);
    assert_int_equal(xstate_compare(&b->r, &b->t, &recorded, &differs), 0);
    assert_null(differs.what);
    xstate[there[0].offset + 100] ^= 1;
    assert_int_equal(xstate_compare(&b->r, &b->t, &recorded, &differs), 0);
    assert_string_equal(differs.what, "an AVX register");
}

/* Bytes of a component that is not in use are its initial ones (arch/x86/kernel/fpu/xstate.c,
 * __copy_xstate_to_uabi_buf). */
static void what_the_recording_CPU_lacked_or_did_not_use_is_initial(void **state)
{
    struct bench *b = *state;
    uint8_t xstate[THERE_SIZE];
    fill_in(xstate);
    ProtobufCBinaryData recorded = {.len = sizeof xstate, .data = xstate};
    assert_int_equal(tracee_get_xstate(b->t.pid, &b->r.xstate), 0);
    uint64_t in_use;
    memcpy(&in_use, b->r.xstate.data + XSTATE_BV, sizeof in_use);
    for (uint32_t i = AVX; i < 8; i++)
        if ((cpu_xcr0() >> i & 1) != 0) {
            struct cpuid_regs here = cpu_native(0xd, i);
            memset(b->r.xstate.data + here.ebx, 0x55, here.eax);
            in_use |= 1ull << i;
        }
    memcpy(b->r.xstate.data + XSTATE_BV, &in_use, sizeof in_use);
    assert_int_equal(tracee_set_xstate(b->t.pid, b->r.xstate.data, b->r.xstate.len), 0);

    in_use = 3;
    memcpy(xstate + XSTATE_BV, &in_use, sizeof in_use);
    assert_int_equal(xstate_set(&b->r, &b->t, &recorded), 0);
    assert_int_equal(tracee_get_xstate(b->t.pid, &b->r.xstate), 0);
    for (uint32_t i = AVX; i < 8; i++) {
        struct cpuid_regs here = cpu_native(0xd, i);
        for (uint32_t k = 0; (cpu_xcr0() >> i & 1) != 0 && k < here.eax; k++)
            assert_int_equal(b->r.xstate.data[here.ebx + k], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_move_to_their_places_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(states_are_compared_across_layouts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_recording_CPU_lacked_or_did_not_use_is_initial,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
