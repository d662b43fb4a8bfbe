/* task/insn.c: lengths are right or unknown, never wrong. */
#include "task/insn.h"

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

static void rare_and_new_encodings_are_unknown(void **state)
{
    (void)state;
    static const uint8_t rare[][16] = {
        {0xc5, 0xf8, 0x77},             /* vzeroupper */
        {0x62, 0xf1, 0x7c, 0x48, 0x28}, /* EVEX */
        {0x8f, 0xe9, 0x78},             /* XOP */
        {0x67, 0x8b, 0x00},             /* 32-bit addresses */
        {0x66, 0xe9, 0x00, 0x00},       /* CPUs do not agree on its length */
        {0x0f, 0x38, 0xf0, 0x00},       /* third map */
        {0x06},                         /* not in 64-bit mode */
        {0x48, 0x66, 0x90},             /* REX that counts for nothing */
    };
    for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++) {
        size_t len;
        assert_int_equal(insn_decode(rare[i], sizeof rare[i], &len), INSN_UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_kinds_of_common_instructions),
        cmocka_unit_test(an_instruction_that_is_cut_is_unknown),
        cmocka_unit_test(rare_and_new_encodings_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
