/* Owns the filter that makes calls into the vsyscall page stop. */
#include "task/vsyscall.h"

#include <linux/seccomp.h>
#include <string.h>

#define IP_LOW  (offsetof(struct seccomp_data, instruction_pointer))
#define IP_HIGH (IP_LOW + 4)

const struct sock_filter vsyscall_filter[VSYSCALL_FILTER_LEN] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP_HIGH),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP_LOW),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfffff000),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xff600000, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
};

void vsyscall_program_init(struct vsyscall_program *p, uint64_t addr)
{
    memset(p, 0, sizeof *p);
    p->prog.len = VSYSCALL_FILTER_LEN;
    p->prog.filter = (void *)(addr + offsetof(struct vsyscall_program, filter));
    memcpy(p->filter, vsyscall_filter, sizeof vsyscall_filter);
}

bool vsyscall_is_mentioned(const void *code, size_t len)
{
    /* 00 00 60 ff, 00 04 60 ff or 00 08 60 ff; 60 is the rarest of these bytes in code */
    const unsigned char *begin = code, *end = begin + len, *p = begin;
    for (; p < end && (p = memchr(p, 0x60, (size_t)(end - p))) != NULL; p++) {
        bool entry = p - begin >= 2 && end - p >= 2 && p[1] == 0xff && p[-2] == 0 &&
                     (p[-1] == 0 || p[-1] == 4 || p[-1] == 8);
        if (entry)
            return true;
    }
    return false;
}
