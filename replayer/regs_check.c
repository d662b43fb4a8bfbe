/* Owns the rule which registers go into a task. They come from the trace; the kernel refuses only
 * what would harm itself (arch/x86/kernel/ptrace.c, putreg). */
#include "replayer/regs_check.h"

#include "replayer/diverge.h"

/* CF PF AF ZF SF TF DF OF NT RF AC ID: what popf and the kernel's set_flags() let a program have.
 */
#define FLAGS_OF_USER 0x00254dd5ull
#define FLAGS_ALWAYS  0x00000202ull /* IF, and the bit that is never clear */

int regs_check(struct replayer *r, struct user_regs_struct *regs)
{
    if (regs->cs != USER_CS || regs->ss != USER_SS)
        return is_damaged(r, "registers that are not of 64-bit code (cs %#llx, ss %#llx)", regs->cs,
                          regs->ss);
    if (is_ours(regs->rip, 1))
        return is_damaged(r, "execution at %#llx, which belongs to the replay", regs->rip);
    regs->eflags = (regs->eflags & FLAGS_OF_USER) | FLAGS_ALWAYS;
    return 0;
}
