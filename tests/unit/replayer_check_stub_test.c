/* Unit tests of the check: a child runs a loop; what its registers are at an arrival is seen by an
 * int3, then a second child must be stopped by the check at that very arrival, and
 * the loop must end with the same result as without a check. */
#include "replayer/check_place.h"
#include "replayer/check_stub.h"
#include "task/code_stop.h"
#include "task/tracee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CODE     ((uint8_t *)0x30000000)
#define STUB     ((uint8_t *)0x31000000)
#define DATA     ((uint8_t *)0x31004000)
#define ARRIVALS 1000

/* uint64_t f(uint64_t *word), a loop of ARRIVALS rounds; the place is an offset in the code. */
struct loop {
    const char *name;
    uint8_t code[48];
    size_t len, place;
    enum check_first first;
    uint32_t reg;
};

static const struct loop loops[] = {
    {"a register, flags needed",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0, 0,    /* xor %eax, %eax; mov $1000, %ecx */
      0x48, 0x83, 0xe9, 0x01,                /* 1: sub $1, %rcx */
      0x48, 0x8d, 0x84, 0x48, 1,    0, 0, 0, /* place: lea 1(%rax, %rcx, 2), %rax */
      0x75, 0xf2, 0xc3},                     /* jne 1b; ret */
     22,
     11,
     CHECK_REG,
     REG_INDEX(rax)},
    {"rcx itself, flags needed",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0, 0, 0x48, 0x83, 0xe9, 0x01,
      0x48, 0x8d, 0x84, 0x48, 1,    0, 0, 0,    0x75, 0xf2, 0xc3},
     22,
     11,
     CHECK_REG,
     REG_INDEX(rcx)},
    {"a register, flags dead",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0, 0, /* xor %eax, %eax; mov $1000, %ecx */
      0x48, 0x05, 7,    0,    0,    0,    /* 1, place: add $7, %rax */
      0x48, 0x83, 0xe9, 0x01,             /* sub $1, %rcx */
      0x75, 0xf4, 0xc3},                  /* jne 1b; ret */
     20,
     7,
     CHECK_REG,
     REG_INDEX(rcx)},
    {"a word, flags dead",
     {0xb9, 0xe8, 0x03, 0,    0,          /* mov $1000, %ecx */
      0x48, 0x81, 0x07, 3,    0,    0, 0, /* 1, place: addq $3, (%rdi) */
      0x83, 0xe9, 0x01, 0x75, 0xf4,       /* sub $1, %ecx; jne 1b */
      0x48, 0x8b, 0x07, 0xc3},            /* mov (%rdi), %rax; ret */
     21,
     5,
     CHECK_WORD,
     0},
    {"short instructions with a jump among them",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0, 0, /* xor %eax, %eax; mov $1000, %ecx */
      0x01, 0xc8, 0xff, 0xc9, 0x75, 0xfa, /* 1, place: add %ecx, %eax; dec %ecx; jne 1b */
      0xc3},
     14,
     7,
     CHECK_REG,
     REG_INDEX(rcx)},
    {"the way out in the midst, more code behind the place",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0,   0,    /* xor %eax, %eax; mov $1000, %ecx */
      0x01, 0xc8,                              /* 1: add %ecx, %eax */
      0x48, 0x8d, 0x84, 0x40, 5,    0,   0, 0, /* place: lea 5(%rax, %rax, 2), %rax */
      0x83, 0xe9, 0x01, 0x74, 0x05,            /* sub $1, %ecx; je 2f */
      0xf0, 0xff, 0x07, 0xeb, 0xec, 0xc3},     /* lock incl (%rdi); jmp 1b; 2: ret */
     28,
     9,
     CHECK_REG,
     REG_INDEX(rcx)},
    {"the place is the loop's beginning, and its end is behind",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0,   0,    /* xor %eax, %eax; mov $1000, %ecx */
      0x48, 0x8d, 0x84, 0x40, 5,    0,   0, 0, /* 1, place: lea 5(%rax, %rax, 2), %rax */
      0x83, 0xe9, 0x01, 0x75, 0xf3, 0xc3},     /* sub $1, %ecx; jne 1b; ret */
     21,
     7,
     CHECK_REG,
     REG_INDEX(rcx)},
    {"a pause first, flags dead behind it",
     {0x31, 0xc0, 0xb9, 0xe8, 0x03, 0, 0, /* xor %eax, %eax; mov $1000, %ecx */
      0xf3, 0x90, 0x31, 0xc8,             /* 1, place: pause; xor %ecx, %eax */
      0xff, 0xc9, 0x75, 0xf8, 0xc3},      /* dec %ecx; jne 1b; ret */
     16,
     7,
     CHECK_REG,
     REG_INDEX(rax)},
    {"a vector register",
     {0xb9, 0xe8, 0x03, 0,    0,                /* mov $1000, %ecx */
      0x0f, 0x57, 0xc0, 0x66, 0x0f, 0x76, 0xc9, /* xorps %xmm0, %xmm0; pcmpeqd %xmm1, %xmm1 */
      0x66, 0x0f, 0xd4, 0xc1, 0x66, 0x90,       /* 1, place: paddq %xmm1, %xmm0; nop */
      0xff, 0xc9, 0x75, 0xf6,                   /* dec %ecx; jne 1b */
      0x66, 0x48, 0x0f, 0x7e, 0xc0, 0xc3},      /* movq %xmm0, %rax; ret */
     28,
     12,
     CHECK_LANE,
     0},
};

static uint64_t *word;

/* What the loop returns to: mov %eax, %edi; mov $60, %eax; syscall. */
static const uint8_t leave[] = {0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
#define LEAVE (CODE + 256)
#define STACK (CODE + 4096 - 64)

/* A child about to run the loop, with the same registers each time. */
static pid_t start(void)
{
    *word = 0;
    memcpy(LEAVE, leave, sizeof leave);
    memcpy(STACK, &(uint8_t *){LEAVE}, sizeof(uint8_t *));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    struct user_regs_struct now;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(tracee_get_regs(child, &now), 0);
    struct user_regs_struct regs = {
        .rip = (uint64_t)CODE,
        .rsp = (uint64_t)STACK,
        .rdi = (uint64_t)word,
        .orig_rax = (uint64_t)-1,
        .eflags = 0x202,
        .cs = now.cs,
        .ss = now.ss,
        .fs_base = now.fs_base,
    };
    assert_int_equal(tracee_set_regs(child, &regs), 0);
    return child;
}

/* Runs to the next stop; -1 and the exit status, or the signal. */
static int run(pid_t child, int *ret_status)
{
    int status;
    assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSTOPPED(status))
        return WSTOPSIG(status);
    assert_true(WIFEXITED(status));
    *ret_status = WEXITSTATUS(status);
    return -1;
}

/* To the next arrival at the place, before its instruction. */
static void arrive(pid_t child, uint64_t place)
{
    struct code_stop stop;
    struct user_regs_struct regs;
    siginfo_t info;
    int status = -1;
    assert_int_equal(code_stop_set(child, CODE_STOP_INT3, place, &stop), 0);
    assert_int_equal(run(child, &status), SIGTRAP);
    assert_int_equal(tracee_get_siginfo(child, &info), 0);
    assert_int_equal(tracee_get_regs(child, &regs), 0);
    assert_true(code_stop_is_hit(&stop, &info, &regs));
    assert_int_equal(tracee_set_regs(child, &regs), 0);
    assert_int_equal(code_stop_clear(child, &stop), 0);
}

static void step(pid_t child)
{
    int status;
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
}

struct truth {
    struct user_regs_struct regs; /* at the arrival asked for */
    uint64_t word, lane;
    int status; /* at the end */
};

static void find_truth(const struct loop *loop, unsigned arrival, struct truth *ret)
{
    pid_t child = start();
    arrive(child, (uint64_t)CODE + loop->place);
    for (unsigned i = 0; i < arrival; i++) {
        step(child);
        arrive(child, (uint64_t)CODE + loop->place);
    }
    struct buf xstate = {0};
    assert_int_equal(tracee_get_regs(child, &ret->regs), 0);
    assert_int_equal(tracee_read_all(child, (uint64_t)word, &ret->word, 8), 0);
    assert_int_equal(tracee_get_xstate(child, &xstate), 0);
    memcpy(&ret->lane, xstate.data + 160, 8);
    buf_done(&xstate);
    assert_int_equal(run(child, &ret->status), -1);
}

static long read_code(void *ctx, uint64_t addr, uint8_t *code, size_t len)
{
    (void)ctx;
    memcpy(code, (const void *)addr, len);
    return (long)len;
}

static void install(pid_t child, const struct loop *loop, const struct truth *truth, bool round,
                    struct check_stub *stub)
{
    struct insn_decoder *decoder = insn_decoder_new();
    struct landmark landmark;
    const uint8_t *code = loop->code + loop->place;
    assert_true(landmark_find(decoder, code, loop->len - loop->place, (uint64_t)CODE + loop->place,
                              &landmark));
    struct check_round loop_round;
    assert_true(check_round_find(decoder, &landmark, read_code, NULL, &loop_round));
    struct check_word words = {(uint64_t)word, truth->word};
    struct check_lane lane = {20, truth->lane};
    struct check_wish wish = {
        .at = (uint64_t)STUB,
        .data = (uint64_t)DATA,
        .landmark = &landmark,
        .code = code,
        .round = round ? &loop_round : NULL,
        .flags_are_dead = landmark_flags_are_dead(decoder, code, loop->len - loop->place,
                                                  (uint64_t)CODE + loop->place),
        .want = &truth->regs,
        .first = loop->first,
        .first_reg = loop->reg,
        .words = &words,
        .n_words = 1,
        .lanes = &lane,
        .n_lanes = 1,
    };
    insn_decoder_free(decoder);
    assert_true(check_stub_make(&wish, stub));
    assert_int_equal(stub->has_round, round);
    assert_int_equal(tracee_write(child, (uint64_t)STUB, stub->code, stub->code_len), 0);
    assert_int_equal(tracee_write(child, (uint64_t)DATA, stub->data, stub->data_len), 0);
    assert_int_equal(tracee_write(child, (uint64_t)CODE + loop->place, stub->jump, 5), 0);
}

static void check_arrival(const struct loop *loop, unsigned arrival, bool round)
{
    struct truth truth = {0};
    struct check_stub stub;
    struct user_regs_struct regs;
    int status = -1;
    find_truth(loop, arrival, &truth);
    pid_t child = start();
    install(child, loop, &truth, round, &stub);
    assert_int_equal(run(child, &status), SIGTRAP);
    assert_int_equal(tracee_get_regs(child, &regs), 0);
    assert_int_equal(regs.rip, stub.equal_ip);
    regs.rip = truth.regs.rip;
    uint64_t ignored = 0x10100 | 0x8d5;
    regs.eflags = (regs.eflags & ~ignored) | (truth.regs.eflags & ignored);
    regs.orig_rax = truth.regs.orig_rax;
    assert_memory_equal(&regs, &truth.regs, sizeof regs);
    uint64_t now;
    assert_int_equal(tracee_read_all(child, (uint64_t)word, &now, 8), 0);
    assert_int_equal(now, truth.word);
    assert_int_equal(run(child, &status), -1); /* no other arrival is equal */
    assert_int_equal(status, truth.status);
}

static void check_stops_at_the_equal_arrival_only_and_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        print_message("%s\n", loops[i].name);
        memcpy(CODE, loops[i].code, loops[i].len);
        for (unsigned round = 0; round < 2; round++) {
            check_arrival(&loops[i], 0, round != 0);
            check_arrival(&loops[i], 137, round != 0);
            check_arrival(&loops[i], ARRIVALS - 1, round != 0);
        }
    }
}

/* Loops that are not plain, the place at their beginning. */
static void loops_that_are_not_plain_are_left_alone(void **state)
{
    (void)state;
    static const uint8_t loops_not_plain[][16] = {
        {0x05, 1, 0, 0, 0, 0x75, 0x01, 0x90, 0xeb, 0xf6},             /* jne over a nop within */
        {0x05, 1, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x75, 0xf4},             /* call */
        {0x05, 1, 0, 0, 0, 0xf3, 0xa4, 0x75, 0xf7},                   /* rep movsb */
        {0x05, 1, 0, 0, 0, 0x0f, 0x05, 0x75, 0xf7},                   /* syscall */
        {0x05, 1, 0, 0, 0, 0xff, 0xe0},                               /* jmp *%rax */
        {0x05, 1, 0, 0, 0, 0xeb, 0x02, 0x90, 0x90, 0x90, 0x75, 0xf4}, /* jmp within */
        {0x05, 1, 0, 0, 0, 0xc3},                                     /* ret: no loop */
    };
    struct insn_decoder *decoder = insn_decoder_new();
    struct landmark landmark;
    struct check_round round;
    for (size_t i = 0; i < sizeof loops_not_plain / sizeof loops_not_plain[0]; i++) {
        memset(CODE, 0xcc, 512);
        memcpy(CODE, loops_not_plain[i], sizeof loops_not_plain[i]);
        assert_true(landmark_find(decoder, CODE, 16, (uint64_t)CODE, &landmark));
        assert_false(check_round_find(decoder, &landmark, read_code, NULL, &round));
    }
    insn_decoder_free(decoder);
}

static void bytes_at_which_displaced_instructions_start_trap(void **state)
{
    (void)state;
    const uint8_t code[] = {0x89, 0xc8, 0x01, 0xd0, 0xff, 0xc1}; /* at 0, 2 and 4 */
    struct insn_decoder *decoder = insn_decoder_new();
    struct landmark landmark;
    assert_true(landmark_find(decoder, code, sizeof code, 0x401000, &landmark));
    insn_decoder_free(decoder);
    struct map maps[] = {{.start = 0x400000, .end = 0x500000}};
    const struct maps all = {.v = maps, .n = 1};
    struct check_place place;
    unsigned n = 0;
    for (; n < 100 && check_place_find(&all, &landmark, n, &place); n++) {
        int64_t rel = (int64_t)(place.code - 0x401005);
        assert_int_equal(rel, (int32_t)rel);
        assert_true(landmark_byte_traps((uint8_t)(rel >> 8)));
        assert_true(landmark_byte_traps((uint8_t)(rel >> 24)));
        assert_true(place.pages >= 0x500000 || place.pages + CHECK_PAGES_SIZE <= 0x400000);
    }
    assert_true(n > 0);
}

static int map_all(void **state)
{
    (void)state;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, all = PROT_READ | PROT_WRITE;
    word = mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mmap(CODE, 4096, all | PROT_EXEC, flags, -1, 0) == MAP_FAILED ||
           mmap(STUB, 8192, all | PROT_EXEC, flags, -1, 0) == MAP_FAILED ||
           mmap(DATA, 4096, all, flags, -1, 0) == MAP_FAILED || word == MAP_FAILED;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_stops_at_the_equal_arrival_only_and_changes_nothing),
        cmocka_unit_test(loops_that_are_not_plain_are_left_alone),
        cmocka_unit_test(bytes_at_which_displaced_instructions_start_trap),
    };
    return cmocka_run_group_tests(tests, map_all, NULL);
}
