/* getcpu by system call, through libc, by rdpid and by the limit of a segment: vdso(7),
 * arch/x86/include/asm/segment.h, __CPUNODE_SEG. */
#include "check.h"

#include <cpuid.h>
#include <sched.h>

int main(void)
{
    unsigned cpu, node, a, b, c, d;
    CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0);
    int libc = sched_getcpu();
    CHECK(libc >= 0);
    say("getcpu: %u of node %u, sched_getcpu: %d\n", cpu, node, libc);
    uint64_t limit = 0;
    unsigned char ok = 0;
    __asm__ volatile("lsl %2, %0\n\tsetz %1" : "+r"(limit), "=q"(ok) : "r"(0x7bul) : "cc");
    say("lsl: %s, core %lu\n", ok ? "works" : "refused", (long)(limit & 0xfff));
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (c >> 22 & 1)) {
        uint64_t value;
        __asm__ volatile(".byte 0xf3,0x0f,0xc7,0xf8" : "=a"(value)); /* rdpid %rax */
        say("rdpid: core %lu of node %lu\n", (long)(value & 0xfff), (long)(value >> 12));
    }
    return 0;
}
