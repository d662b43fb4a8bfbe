/* code/insn.c: lengths are right or unknown, never wrong. */
#include "code/insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *bytes;
    size_t len;
    enum insn_kind kind;
};
#define SAMPLE(kind, bytes)                                                                        \
    {                                                                                              \
        bytes, sizeof bytes - 1, kind                                                              \
    }

static const struct sample samples[] = {
    SAMPLE(INSN_PLAIN, "\x48\x3d\x01\xf0\xff\xff"),                 /* cmp $-4095, %rax */
    SAMPLE(INSN_PLAIN, "\x3d\x00\xf0\xff\xff"),                     /* cmp $-4096, %eax */
    SAMPLE(INSN_PLAIN, "\x73\x01"),                                 /* jae */
    SAMPLE(INSN_PLAIN, "\x0f\x87\x93\x00\x00\x00"),                 /* ja */
    SAMPLE(INSN_PLAIN, "\x48\x8b\x0d\x19\x93\x0d\x00"),             /* mov x(%rip), %rcx */
    SAMPLE(INSN_PLAIN, "\x64\x89\x01"),                             /* mov %eax, %fs:(%rcx) */
    SAMPLE(INSN_PLAIN, "\x64\x48\x2b\x14\x25\x28\x00\x00\x00"),     /* sub %fs:0x28, %rdx */
    SAMPLE(INSN_PLAIN, "\x48\x8b\x44\x24\x28"),                     /* mov 0x28(%rsp), %rax */
    SAMPLE(INSN_PLAIN, "\x48\x83\xc8\xff"),                         /* or $-1, %rax */
    SAMPLE(INSN_PLAIN, "\x66\x81\xf9\x34\x12"),                     /* cmp $0x1234, %cx */
    SAMPLE(INSN_PLAIN, "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08"), /* movabs */
    SAMPLE(INSN_PLAIN, "\xb8\x59\x00\x00\x00"),                     /* mov $89, %eax */
    SAMPLE(INSN_PLAIN, "\xf7\xd8"),                                 /* neg %eax */
    SAMPLE(INSN_PLAIN, "\xf6\x45\x10\x04"),                         /* testb $4, 0x10(%rbp) */
    SAMPLE(INSN_PLAIN, "\xf7\x04\x24\x01\x00\x00\x00"),             /* testl $1, (%rsp) */
    SAMPLE(INSN_PLAIN, "\xf3\x0f\x6f\x84\x24\xb8\x00\x00\x00"),     /* movdqu */
    SAMPLE(INSN_PLAIN, "\xe8\x01\x02\x03\x04"),                     /* call */
    SAMPLE(INSN_PLAIN, "\xf3\x0f\x1e\xfa"),                         /* endbr64 is no filler */
    SAMPLE(INSN_PLAIN, "\x48\x89\xc3"), /* mov %rax, %rbx ends in the byte of a ret */
    SAMPLE(INSN_PLAIN, "\x0f\x05"),
    SAMPLE(INSN_PLAIN, "\xc5\xf8\x77"),                         /* vzeroupper */
    SAMPLE(INSN_PLAIN, "\xc5\xfd\x70\xc0\x1b"),                 /* vpshufd */
    SAMPLE(INSN_PLAIN, "\xc4\xe3\x7d\x39\xc1\x01"),             /* vextracti128 */
    SAMPLE(INSN_PLAIN, "\xc4\xe2\xfb\xf7\xc0"),                 /* shrx */
    SAMPLE(INSN_PLAIN, "\x62\xf1\x7c\x48\x28\x44\x24\x01"),     /* vmovaps, disp8 */
    SAMPLE(INSN_PLAIN, "\x62\xf3\x75\x48\x25\xc2\xff"),         /* vpternlogd */
    SAMPLE(INSN_PLAIN, "\x62\xf5\x7c\x48\x58\xc0"),             /* vaddph */
    SAMPLE(INSN_PLAIN, "\x8f\xe9\x78\x81\xc0"),                 /* XOP: vfrczpd */
    SAMPLE(INSN_PLAIN, "\x8f\xe8\x78\xc0\xc0\x01"),             /* XOP: vprotb */
    SAMPLE(INSN_PLAIN, "\x8f\xea\x78\x10\xc0\x01\x02\x03\x04"), /* XOP: bextr */
    SAMPLE(INSN_PLAIN, "\x8f\x00"),                             /* pop (%rax) */
    SAMPLE(INSN_PLAIN, "\x66\x0f\x38\x00\xc1"),                 /* pshufb */
    SAMPLE(INSN_PLAIN, "\x66\x0f\x3a\x0f\xc1\x08"),             /* palignr */
    SAMPLE(INSN_PLAIN, "\xf2\x0f\x38\xf1\x44\xcb\x08"),         /* crc32 */
    SAMPLE(INSN_PLAIN, "\x67\xe8\x01\x02\x03\x04"),             /* addr32 call */
    SAMPLE(INSN_PLAIN, "\x66\x48\xe8\x01\x02\x03\x04"),         /* as in general dynamic TLS */
    SAMPLE(INSN_PLAIN, "\xa1\x01\x02\x03\x04\x05\x06\x07\x08"), /* movabs to %eax */
    SAMPLE(INSN_PLAIN, "\x67\xa1\x01\x02\x03\x04"),
    SAMPLE(INSN_PLAIN, "\xc8\x10\x00\x00"),                 /* enter */
    SAMPLE(INSN_PLAIN, "\xd9\x7c\x24\x04"),                 /* fnstcw */
    SAMPLE(INSN_PLAIN, "\x0f\x0f\xc1\xb4"),                 /* 3DNow!: pfmul */
    SAMPLE(INSN_PLAIN, "\x66\x0f\x78\xc0\x01\x02"),         /* extrq */
    SAMPLE(INSN_PLAIN, "\xc7\xf8\x01\x02\x03\x04"),         /* xbegin */
    SAMPLE(INSN_PLAIN, "\xc7\x44\x24\x08\x01\x02\x03\x04"), /* movl */
    SAMPLE(INSN_PLAIN, "\x66\xc7\x44\x24\x08\x01\x02"),     /* movw */
    SAMPLE(INSN_PLAIN, "\xcd\x80"),
    SAMPLE(INSN_END, "\xf4"),
    SAMPLE(INSN_END, "\x67\x0f\xb9\x40\x01"), /* ud1 as UBSan has it */
    SAMPLE(INSN_END, "\xc3"),
    SAMPLE(INSN_END, "\xc2\x08\x00"),
    SAMPLE(INSN_END, "\xf3\xc3"),
    SAMPLE(INSN_END, "\xeb\x10"),
    SAMPLE(INSN_END, "\xe9\x00\x01\x00\x00"),
    SAMPLE(INSN_END, "\xff\x25\x10\x00\x00\x00"), /* jmp *x(%rip) */
    SAMPLE(INSN_END, "\x41\xff\xe3"),
    SAMPLE(INSN_END, "\x0f\x0b"),
    SAMPLE(INSN_END, "\xcc"),
    SAMPLE(INSN_NOP, "\x90"),
    SAMPLE(INSN_NOP, "\x66\x90"),
    SAMPLE(INSN_NOP, "\x0f\x1f\x00"),
    SAMPLE(INSN_NOP, "\x0f\x1f\x40\x00"),
    SAMPLE(INSN_NOP, "\x66\x0f\x1f\x44\x00\x00"),
    SAMPLE(INSN_NOP, "\x0f\x1f\x80\x00\x00\x00\x00"),
    SAMPLE(INSN_NOP, "\x66\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00"),
};

static void lengths_and_kinds_of_common_instructions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        uint8_t bytes[32];
        memset(bytes, 0x90, sizeof bytes);
        memcpy(bytes, s->bytes, s->len);
        size_t len = 0;
        assert_int_equal(insn_decode(bytes, sizeof bytes, &len), s->kind);
        assert_int_equal(len, s->len);
    }
}

static void an_instruction_that_is_cut_is_unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        for (size_t n = 0; n < samples[i].len; n++) {
            uint8_t *exact = malloc(n + 1); /* the sanitizers see a read behind the end */
            assert_non_null(exact);
            uint8_t *bytes = exact + 1;
            memcpy(bytes, samples[i].bytes, n);
            size_t len;
            assert_int_equal(insn_decode(bytes, n, &len), INSN_UNKNOWN);
            free(exact);
        }
}

static void what_is_no_instruction_or_a_doubtful_one_is_unknown(void **state)
{
    (void)state;
    static const uint8_t unknown[][16] = {
        {0x66, 0xe9, 0x00, 0x00},             /* CPUs do not agree on its length */
        {0x66, 0x0f, 0x84, 0x00, 0x00},       /* the same */
        {0x06},                               /* not in 64-bit mode */
        {0x48, 0x66, 0x90},                   /* REX that counts for nothing */
        {0x66, 0xc5, 0xf8, 0x77},             /* a prefix before VEX */
        {0xc4, 0xe4, 0x78, 0x10, 0xc0},       /* VEX of a map that is not there */
        {0x62, 0xf9, 0x7c, 0x48, 0x28, 0xc0}, /* EVEX with a bit that must be 0 */
        {0x8d, 0xc0},                         /* lea of a register */
        {0xff, 0xf8},                         /* group 5, /7 */
        {0x0f, 0xba, 0xc0, 0x00},             /* group 8, /0 */
        {0x0f, 0x38, 0x90, 0x00},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        size_t len;
        assert_int_equal(insn_decode(unknown[i], sizeof unknown[i], &len), INSN_UNKNOWN);
    }
}

static void check_size(const uint8_t *bytes, size_t n)
{
    size_t len, size = insn_size(bytes, n);
    enum insn_kind kind = insn_decode(bytes, n, &len);
    assert_int_equal(size, kind == INSN_UNKNOWN ? 0 : len);
}

/* Each pair of bytes behind what may come before an opcode, the rest at random. */
static void the_length_alone_is_the_same(void **state)
{
    (void)state;
    static const char *const before[] = {"",         "\x48",     "\x41",     "\x66",
                                         "\x66\x48", "\x67",     "\xf3",     "\xf2",
                                         "\x0f",     "\x48\x0f", "\x66\x0f", "\x0f\x38"};
    srand(1);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        for (unsigned k = 0; k < 0x10000; k++) {
            uint8_t bytes[20];
            size_t n = strlen(before[i]);
            for (size_t at = 0; at < sizeof bytes; at++)
                bytes[at] = (uint8_t)rand();
            memcpy(bytes, before[i], n);
            bytes[n] = (uint8_t)(k >> 8);
            bytes[n + 1] = (uint8_t)k;
            check_size(bytes, sizeof bytes);
            check_size(bytes, (size_t)rand() % 17);
        }
}

static void the_length_alone_reads_no_more_than_there_is(void **state)
{
    (void)state;
    srand(2);
    for (unsigned k = 0; k < 100000; k++) {
        size_t n = (size_t)rand() % 17;
        uint8_t *bytes = malloc(n + 1); /* the sanitizers see a read behind the end */
        assert_non_null(bytes);
        for (size_t at = 0; at <= n; at++)
            bytes[at] = (uint8_t)rand();
        check_size(bytes + 1, n);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_kinds_of_common_instructions),
        cmocka_unit_test(an_instruction_that_is_cut_is_unknown),
        cmocka_unit_test(what_is_no_instruction_or_a_doubtful_one_is_unknown),
        cmocka_unit_test(the_length_alone_is_the_same),
        cmocka_unit_test(the_length_alone_reads_no_more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
