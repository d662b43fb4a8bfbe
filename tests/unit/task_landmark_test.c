/* Unit tests of instructions and landmarks. */
#include "task/landmark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct insn_decoder *decoder;

static int make_decoder(void **state)
{
    (void)state;
    decoder = insn_decoder_new();
    return decoder == NULL;
}

static int free_decoder(void **state)
{
    (void)state;
    insn_decoder_free(decoder);
    return 0;
}

#define AT 0x401000ull

/* Decodes the bytes at AT. */
#define DECODE(insn, ...)                                                                          \
    do {                                                                                           \
        const uint8_t bytes_[] = {__VA_ARGS__};                                                    \
        assert_true(machine_insn_decode(decoder, bytes_, sizeof bytes_, AT, insn));                \
    } while (0)

/* How many instructions a jump at the bytes displaces; 0: it is no landmark. */
#define LANDMARK(...)                                                                              \
    landmark_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static size_t landmark_of(const uint8_t *code, size_t len)
{
    struct landmark landmark;
    return landmark_find(decoder, code, len, AT, &landmark) ? landmark.n : 0;
}

static void rip_relative_displacements_are_found(void **state)
{
    (void)state;
    struct insn insn;
    DECODE(&insn, 0x48, 0x8b, 0x05, 1, 2, 3, 4); /* mov 0x4030201(%rip), %rax */
    assert_int_equal(insn.len, 7);
    assert_int_equal(insn.rip_at, 3);
    DECODE(&insn, 0xc7, 0x05, 1, 2, 3, 4, 9, 0, 0, 0); /* movl $9, 0x4030201(%rip) */
    assert_int_equal(insn.rip_at, 2);
    assert_int_equal(insn.n_written, 1);
    struct user_regs_struct regs = {0};
    assert_int_equal(machine_insn_operand_address(&insn, &insn.written[0], &regs),
                     AT + 10 + 0x4030201);
    DECODE(&insn, 0x62, 0xf1, 0x7c, 0x48, 0x28, 0x05, 1, 2, 3, 4); /* vmovaps (%rip), %zmm0 */
    assert_int_equal(insn.rip_at, 6);
    DECODE(&insn, 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8); /* movabs */
    assert_int_equal(insn.rip_at, 0);
}

static void written_operands_are_addressed_by_all_their_parts(void **state)
{
    (void)state;
    struct insn insn;
    struct user_regs_struct regs = {.rbx = 0x1000, .rcx = 3, .fs_base = 0x70000};
    DECODE(&insn, 0x48, 0x89, 0x44, 0xcb, 0x10); /* mov %rax, 16(%rbx, %rcx, 8) */
    assert_int_equal(insn.n_written, 1);
    assert_int_equal(insn.written[0].size, 8);
    assert_int_equal(machine_insn_operand_address(&insn, &insn.written[0], &regs), 0x1028);
    DECODE(&insn, 0x64, 0x48, 0x89, 0x04, 0x25, 0x28, 0, 0, 0); /* mov %rax, %fs:40 */
    assert_int_equal(machine_insn_operand_address(&insn, &insn.written[0], &regs), 0x70028);
    DECODE(&insn, 0x48, 0x3b, 0x03); /* cmp (%rbx), %rax */
    assert_int_equal(insn.n_written, 0);
}

static void instructions_that_must_not_be_stepped_are_known(void **state)
{
    (void)state;
    struct insn insn;
    DECODE(&insn, 0x9c); /* pushf */
    assert_true(insn.shows_flags);
    DECODE(&insn, 0x9d); /* popf */
    assert_true(insn.shows_flags);
    DECODE(&insn, 0x8e, 0xd0); /* mov %eax, %ss */
    assert_true(insn.shows_flags);
    DECODE(&insn, 0x48, 0xcf); /* iretq */
    assert_true(insn.shows_flags);
    DECODE(&insn, 0x0f, 0x05); /* syscall */
    assert_true(insn.enters_kernel);
    DECODE(&insn, 0xcd, 0x80); /* int $0x80 */
    assert_true(insn.enters_kernel);
    DECODE(&insn, 0x0f, 0x31); /* rdtsc */
    assert_true(insn.enters_kernel);
    DECODE(&insn, 0xf3, 0x48, 0xab); /* rep stosq */
    assert_true(insn.repeats);
    DECODE(&insn, 0xf3, 0x90); /* pause */
    assert_false(insn.repeats);
    DECODE(&insn, 0xf2, 0xc3); /* bnd ret */
    assert_false(insn.repeats);
    assert_true(insn.branches);
}

static void one_long_instruction_is_a_landmark(void **state)
{
    (void)state;
    assert_int_equal(LANDMARK(0x48, 0x05, 1, 0, 0, 0), 1);             /* add $1, %rax */
    assert_int_equal(LANDMARK(0x8b, 0x05, 1, 2, 3, 4), 1);             /* mov (%rip), %eax */
    assert_int_equal(LANDMARK(0xe8, 0, 0, 0, 0), 0);                   /* call */
    assert_int_equal(LANDMARK(0xff, 0x25, 0, 0, 0, 0), 0);             /* jmp *(%rip) */
    assert_int_equal(LANDMARK(0xf0, 0x83, 0x07, 0x01, 0x90, 0x90), 0); /* lock addl */
    assert_int_equal(LANDMARK(0xb8, 39, 0, 0, 0, 0x0f, 0x05), 1);      /* mov; the syscall stays */
    assert_int_equal(LANDMARK(0x48, 0x05, 1, 0, 0), 0);                /* cut short */
}

static void several_short_instructions_are_a_landmark(void **state)
{
    (void)state;
    assert_int_equal(LANDMARK(0x8b, 0x07, 0x85, 0xc0, 0x74, 0xfa), 3); /* mov; test; je back */
    assert_int_equal(LANDMARK(0xff, 0xc9, 0x75, 0xfc, 0x89, 0xc8), 3); /* dec; jne; mov */
    assert_int_equal(LANDMARK(0x48, 0xff, 0xc0, 0xeb, 0xfb), 2);       /* inc; jmp back */
    assert_int_equal(LANDMARK(0x89, 0xc8, 0x75, 0xfe, 0x89, 0xc8), 0); /* jne to itself */
    assert_int_equal(LANDMARK(0xeb, 0xfe, 0x90, 0x90, 0x90), 0);       /* jmp to itself */
    assert_int_equal(LANDMARK(0x89, 0xc8, 0x0f, 0x05, 0x90), 0);       /* mov; syscall */
    assert_int_equal(LANDMARK(0x89, 0xc8, 0xe2, 0xfc, 0x90), 0);       /* mov; loop */
    assert_int_equal(LANDMARK(0x89, 0xc8, 0xf3, 0xa4, 0x90), 0);       /* mov; rep movsb */
}

static void jumps_into_the_midst_are_found(void **state)
{
    (void)state;
    struct landmark landmark;
    const uint8_t code[] = {0x89, 0xc8, 0x01, 0xd0, 0xff, 0xc1}; /* mov; add; inc */
    assert_true(landmark_find(decoder, code, sizeof code, AT, &landmark));
    const uint8_t to_add[] = {0x90, 0x75, 0xff};   /* at AT + 6: nop; jne to AT + 8 */
    const uint8_t back[] = {0x90, 0x75, 0xf9};     /* jne to AT + 2 */
    const uint8_t to_start[] = {0x90, 0x75, 0xf7}; /* jne to AT */
    assert_false(landmark_is_entered_by(&landmark, decoder, to_add, 3, AT + 6));
    assert_true(landmark_is_entered_by(&landmark, decoder, back, 3, AT + 6));
    assert_false(landmark_is_entered_by(&landmark, decoder, to_start, 3, AT + 6));
}

#define FLAGS_ARE_DEAD(...)                                                                        \
    landmark_flags_are_dead(decoder, (const uint8_t[]){__VA_ARGS__},                               \
                            sizeof((const uint8_t[]){__VA_ARGS__}), AT)

static void flags_are_dead_only_where_they_are_surely_overwritten(void **state)
{
    (void)state;
    assert_true(FLAGS_ARE_DEAD(0x8b, 0x07, 0x85, 0xc0));             /* mov; test */
    assert_true(FLAGS_ARE_DEAD(0x83, 0xe9, 0x01));                   /* sub */
    assert_true(FLAGS_ARE_DEAD(0x8b, 0x07, 0x48, 0x0f, 0xaf, 0xc1)); /* mov; imul */
    assert_true(FLAGS_ARE_DEAD(0xf7, 0xe1));                         /* mul */
    assert_false(FLAGS_ARE_DEAD(0x83, 0xd1, 0x01));                  /* adc reads one */
    assert_false(FLAGS_ARE_DEAD(0xff, 0xc1, 0x85, 0xc0));            /* inc keeps one */
    assert_false(FLAGS_ARE_DEAD(0x89, 0xc8, 0x74, 0x00));            /* mov; je */
    assert_false(FLAGS_ARE_DEAD(0x0f, 0x44, 0xc1, 0x85, 0xc0));      /* cmove */
    assert_false(FLAGS_ARE_DEAD(0xd3, 0xe0, 0x85, 0xc0));            /* shl by %cl may keep all */
    assert_false(FLAGS_ARE_DEAD(0x89, 0xc8));                        /* not seen */
    assert_false(FLAGS_ARE_DEAD(0x9c, 0x85, 0xc0));                  /* pushf */
}

static void no_byte_that_traps_starts_a_common_instruction(void **state)
{
    (void)state;
    assert_true(landmark_byte_traps(0xcc));
    assert_true(landmark_byte_traps(0xf4));
    static const uint8_t valid[] = {0x0f, 0x48, 0x4c, 0x62, 0x66, 0x70, 0x83, 0x89, 0x8b, 0x90,
                                    0xc3, 0xc4, 0xc5, 0xc7, 0xd5, 0xe8, 0xe9, 0xeb, 0xf0, 0xf3};
    for (size_t i = 0; i < sizeof valid; i++)
        assert_false(landmark_byte_traps(valid[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rip_relative_displacements_are_found),
        cmocka_unit_test(written_operands_are_addressed_by_all_their_parts),
        cmocka_unit_test(instructions_that_must_not_be_stepped_are_known),
        cmocka_unit_test(one_long_instruction_is_a_landmark),
        cmocka_unit_test(several_short_instructions_are_a_landmark),
        cmocka_unit_test(jumps_into_the_midst_are_found),
        cmocka_unit_test(flags_are_dead_only_where_they_are_surely_overwritten),
        cmocka_unit_test(no_byte_that_traps_starts_a_common_instruction),
    };
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
