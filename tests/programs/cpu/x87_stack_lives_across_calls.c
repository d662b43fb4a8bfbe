/* The x87 stack, its control and status words across system calls and a fork. */
#include "check.h"

int main(void)
{
    long double a = (long double)getpid() + 0.25L, b = (long double)(random_word() >> 20) / 3, x, y;
    uint16_t control = 0xe7f, control_out, status;
    long child;
    __asm__ volatile("fninit\n\tfldcw %[control]\n\tfldt %[a]\n\tfldt %[b]\n\tfldpi\n\t"
                     "mov %[fork], %%eax\n\tsyscall\n\tmov %%rax, %[child]\n\t"
                     "fnstsw %[status]\n\tfstp %%st(0)\n\tfstpt %[x]\n\tfstpt %[y]\n\t"
                     "fnstcw %[out]\n\tfninit"
                     : [child] "=&r"(child), [x] "=m"(x), [y] "=m"(y), [out] "=m"(control_out),
                       [status] "=m"(status)
                     : [control] "m"(control), [a] "m"(a), [b] "m"(b), [fork] "i"(SYS_fork)
                     : "rax", "rcx", "r11", "memory");
    CHECK(x == b && y == a && control_out == control);
    CHECK((status >> 11 & 7) == 5); /* three values on the stack */
    say("%s: %.6Lf %.6Lf\n", child == 0 ? "child" : "parent", x, y);
    if (child == 0)
        _exit(0);
    wait_for_success((pid_t)child);
    return 0;
}
