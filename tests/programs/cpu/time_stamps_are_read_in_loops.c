/* rdtsc and rdtscp that are executed often change nothing but the registers that they write: no
 * other register, no flag, nothing in the red zone. And time goes forward. */
#include "check.h"

#define ROUNDS 5000
#define FLAGS  0x8d5 /* OF SF ZF AF PF CF */

/* Fills flags, red zone and registers, executes the instruction, and looks at them again. Two have
 * fillers near by, by which one may jump away; the others have none within reach. */
extern uint64_t probe_flags, probe_out[16], probe_red[16];
void probe_rdtsc(void), probe_rdtscp(void), probe_rdtsc_alone(void), probe_rdtscp_alone(void);
__asm__(".data\n"
        ".balign 8\n"
        "probe_flags: .quad 0\n"
        "probe_out: .fill 16, 8, 0\n"
        "probe_red: .fill 16, 8, 0\n"
        ".text\n"
        ".macro probe name, insn, behind\n"
        ".balign 16\n"
        ".type \\name, @function\n"
        "\\name:\n"
        ".cfi_startproc\n"
        ".irp reg, rbx, rbp, r12, r13, r14, r15\n"
        "pushq %\\reg\n"
        ".endr\n"
        "pushq probe_flags(%rip)\n"
        "popfq\n"
        ".set at, 1\n"
        ".rept 16\n"
        "movq $0x7e000000 + at, -8*at(%rsp)\n"
        ".set at, at + 1\n"
        ".endr\n"
        ".set at, 1\n"
        ".irp reg, rbx, rcx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15\n"
        "movabsq $0x7700000000000000 + at, %\\reg\n"
        ".set at, at + 1\n"
        ".endr\n"
        "movq $-1, %rax\n"
        "movq $-1, %rdx\n"
        "\\insn\n"
        "\\behind\n"
        "1:\n"
        "movq %rax, probe_out(%rip)\n"
        ".set at, 1\n"
        ".irp reg, rbx, rcx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rdx\n"
        "movq %\\reg, probe_out + 8*at(%rip)\n"
        ".set at, at + 1\n"
        ".endr\n"
        ".set at, 1\n"
        ".rept 16\n"
        "movq -8*at(%rsp), %rax\n"
        "movq %rax, probe_red + 8*at - 8(%rip)\n"
        ".set at, at + 1\n"
        ".endr\n"
        "pushfq\n"
        "popq probe_flags(%rip)\n"
        "cld\n"
        ".irp reg, r15, r14, r13, r12, rbp, rbx\n"
        "popq %\\reg\n"
        ".endr\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size \\name, . - \\name\n"
        ".endm\n"
        "probe probe_rdtsc, rdtsc, \"jmp 1f; .balign 16\"\n"
        "probe probe_rdtscp, rdtscp, \"jmp 1f; .balign 16\"\n"
        "probe probe_rdtsc_alone, rdtsc, \"notq %rax; notq %rax\"\n"
        "probe probe_rdtscp_alone, rdtscp, \"notq %rax; notq %rax\"\n"
        /* so that there is room behind the end of the code */
        ".skip 512, 0xcc\n");

static uint64_t look(void (*probe)(void), uint64_t flags, bool sets_rcx)
{
    probe_flags = flags | 2;
    probe();
    CHECK((probe_flags & (FLAGS | 0x400)) == flags);
    for (uint64_t i = 1; i <= 13; i++)
        CHECK(probe_out[i] == 0x7700000000000000 + i || (i == 2 && sets_rcx));
    CHECK(probe_out[0] >> 32 == 0 && probe_out[14] >> 32 == 0);
    CHECK(!sets_rcx || probe_out[2] >> 32 == 0);
    for (uint64_t i = 0; i < 16; i++)
        CHECK(probe_red[i] == 0x7e000001 + i);
    return probe_out[14] << 32 | probe_out[0];
}

static void look_often(void)
{
    static const uint64_t flags[] = {0, FLAGS, 0x1, 0x4, 0x10, 0x40, 0x80, 0x800, 0x400};
    void (*const probes[])(void) = {probe_rdtsc, probe_rdtscp, probe_rdtsc_alone,
                                    probe_rdtscp_alone};
    uint64_t last = 0, sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t t = look(probes[i % 4], flags[i % 9], i % 2 == 1);
        CHECK(t > last);
        last = t;
        sum = sum * 31 + t;
    }
    say("%lu %lu\n", (long)last, (long)sum);
}

static uint64_t rdtsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static uint64_t rdtscp(uint32_t *core)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(*core));
    return (uint64_t)hi << 32 | lo;
}

/* As programs measure: with clocks and calls between. */
static void measure(void)
{
    uint64_t last = 0, sum = 0;
    uint32_t core, first_core;
    (void)rdtscp(&first_core);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t t = i % 3 == 0 ? rdtscp(&core) : rdtsc();
        CHECK(t >= last);
        CHECK(i % 3 != 0 || core == first_core);
        if (i % 7 == 0)
            sum += (uint64_t)now_ns();
        if (i % 501 == 0)
            sum += (uint64_t)getppid();
        last = t;
        sum = sum * 31 + t;
    }
    say("%lu\n", (long)sum);
}

/* A loop so short that nothing else is in it, and whose end others jump to. */
static void spin(uint64_t rounds)
{
    uint64_t sum = 0, last = rdtsc();
    for (uint64_t i = 0; i < rounds; i++) {
        uint64_t t = rdtsc();
        if (t < last)
            sum++;
        last = t;
    }
    CHECK(sum == 0);
}

int main(void)
{
    look_often();
    measure();
    for (int i = 0; i < 20; i++)
        spin(3000);
    say("%lu\n", (long)rdtsc());
    return 0;
}
