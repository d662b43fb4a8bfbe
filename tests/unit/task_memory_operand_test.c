/* task/memory_operand.c, against what the disassembler makes of the same bytes. */
#include "task/memory_operand.h"

#include "task/machine_insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RIP 0x555555550000ull

static struct user_regs_struct some_registers(void)
{
    struct user_regs_struct regs;
    uint64_t *words = (uint64_t *)&regs;
    for (size_t i = 0; i < sizeof regs / sizeof *words; i++)
        words[i] = 0x0123456789abcdefull * (i + 1);
    regs.rip = RIP;
    return regs;
}

/* mov %rax, OPERAND: 89, as long as fxsave's 0f ae but for a byte. */
static void compare(struct insn_decoder *d, const uint8_t *prefixes, size_t n, const uint8_t *rest,
                    size_t len)
{
    uint8_t code[16] = {0};
    struct user_regs_struct regs = some_registers();
    struct insn insn;
    uint64_t addr;
    memcpy(code, prefixes, n);
    code[n] = 0x89;
    memcpy(code + n + 1, rest, len);
    assert_true(machine_insn_decode(d, code, n + 1 + len, RIP, &insn));
    assert_int_equal(insn.n_written, 1);
    assert_true(memory_operand_address(code, n + 1 + len, &regs, &addr));
    uint64_t expected = machine_insn_operand_address(&insn, &insn.written[0], &regs);
    if (addr != expected)
        print_error("rex %#x, modrm %#x, sib %#x: %#lx, not %#lx\n", code[n - 1], rest[0], rest[1],
                    addr, expected);
    assert_int_equal(addr, expected);
}

static void each_modrm_and_sib(void **state)
{
    (void)state;
    struct insn_decoder *d = insn_decoder_new();
    assert_non_null(d);
    for (unsigned rex = 0x48; rex < 0x50; rex++)
        for (unsigned modrm = 0; modrm < 0xc0; modrm++)
            for (unsigned sib = 0; sib < ((modrm & 7) == 4 ? 0x100 : 1); sib++) {
                uint8_t rest[] = {(uint8_t)modrm, (uint8_t)sib, 0x91, 0x82, 0xf3, 0xc4};
                uint8_t with_segment[] = {0x64, (uint8_t)rex};
                compare(d, &with_segment[1], 1, rest, sizeof rest);
                compare(d, with_segment, 2, rest, sizeof rest);
                with_segment[0] = 0x65;
                compare(d, with_segment, 2, rest, sizeof rest);
            }
    insn_decoder_free(d);
}

static void addresses_of_32_bits_wrap_around(void **state)
{
    (void)state;
    static const uint8_t fxsave[] = {0x64, 0x67, 0x0f, 0xae, 0x43, 0x10}; /* %fs:0x10(%ebx) */
    struct user_regs_struct regs = some_registers();
    uint64_t addr;
    regs.rbx = 0x77777777fffffff8;
    regs.fs_base = 0x7f0000000000;
    assert_true(memory_operand_address(fxsave, sizeof fxsave, &regs, &addr));
    assert_int_equal(addr, 0x7f0000000008);
}

static void relative_to_the_end_of_the_instruction(void **state)
{
    (void)state;
    static const uint8_t xsave[] = {0x48, 0x0f, 0xae, 0x25, 0xf0, 0xff, 0xff, 0xff};
    struct user_regs_struct regs = some_registers();
    uint64_t addr;
    assert_true(memory_operand_address(xsave, sizeof xsave, &regs, &addr));
    assert_int_equal(addr, RIP + sizeof xsave - 16);
}

static void registers_and_what_is_cut_have_no_address(void **state)
{
    (void)state;
    static const uint8_t lfence[] = {0x0f, 0xae, 0xe8}, cpuid[] = {0x0f, 0xa2};
    static const uint8_t cut[] = {0x0f, 0xae, 0x84, 0x24, 1, 2, 3};
    struct user_regs_struct regs = some_registers();
    uint64_t addr;
    assert_false(memory_operand_address(lfence, sizeof lfence, &regs, &addr));
    assert_false(memory_operand_address(cpuid, sizeof cpuid, &regs, &addr));
    assert_false(memory_operand_address(cut, sizeof cut, &regs, &addr));
}

static void numbers_are_the_CPUs(void **state)
{
    (void)state;
    struct user_regs_struct regs;
    unsigned long long *expected[] = {
        &regs.rax, &regs.rcx, &regs.rdx, &regs.rbx, &regs.rsp, &regs.rbp, &regs.rsi, &regs.rdi,
        &regs.r8,  &regs.r9,  &regs.r10, &regs.r11, &regs.r12, &regs.r13, &regs.r14, &regs.r15};
    for (unsigned i = 0; i < 16; i++)
        assert_ptr_equal(general_register(&regs, i), expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_modrm_and_sib),
        cmocka_unit_test(addresses_of_32_bits_wrap_around),
        cmocka_unit_test(relative_to_the_end_of_the_instruction),
        cmocka_unit_test(registers_and_what_is_cut_have_no_address),
        cmocka_unit_test(numbers_are_the_CPUs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
