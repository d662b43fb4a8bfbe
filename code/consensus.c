/* Owns the vote. That its outcome means something only in code, and how much is enough, others
 * know.
 *
 *     89 c3 | b8 01 00 0f a2 | 0f a2 | ...         mov %eax, %ebx; mov $0xa20f0001, %eax; cpuid
 *
 * From 89, c3 (as an instruction of its own, a ret) and b8, decoding comes to the second 0f a2, and
 * from 01 (01 00, then 0f a2) as well; from 00 it comes to a2 and goes past both. To the first 0f
 * a2 only those come that begin at 01 or right there. Each place is decoded once, from the last to
 * the first: where a way leads is where the way from its second instruction leads. */
#include "code/consensus.h"

#include "code/insn.h"

#define WINDOW  64
#define LONGEST 15
#define NOWHERE UINT8_MAX

/* Where each of the n ways from `from` on comes to `from + n` or across it. */
static void follow_ways(const uint8_t *code, size_t len, size_t from, size_t n, uint8_t *ends)
{
    ends[n] = (uint8_t)n;
    for (size_t i = n; i-- > 0;) {
        size_t size = insn_size(code + from + i, len - from - i);
        if (size == 0)
            ends[i] = NOWHERE;
        else
            ends[i] = i + size > n ? (uint8_t)i : ends[i + size];
    }
}

bool consensus_is_possible(const struct wanted *wanted, const uint8_t *code, size_t len, size_t at)
{
    for (size_t start = at > LONGEST ? at - LONGEST : 0; start <= at; start++)
        if (wanted->begins(code, len, start, at))
            return true;
    return false;
}

bool consensus_at(const struct wanted *wanted, const uint8_t *code, size_t len, size_t at,
                  struct consensus *ret)
{
    size_t from = at > WINDOW ? at - WINDOW : 0, n = at - from;
    uint8_t ends[WINDOW + 1], votes[WINDOW + 1] = {0};
    unsigned sum = 0, best = 0;
    bool found = false;
    follow_ways(code, len, from, n, ends);
    for (size_t i = 0; i < n; i++)
        if (ends[i] != NOWHERE)
            votes[ends[i]]++;
    for (size_t i = n > LONGEST ? n - LONGEST : 0; i <= n; i++) {
        if (!wanted->begins(code, len, from + i, at))
            continue;
        sum += votes[i];
        if (!found || votes[i] > best) {
            best = votes[i];
            ret->start = from + i;
        }
        found = true;
    }
    ret->percent = n == 0 ? 100 : sum * 100 / (unsigned)n;
    return found;
}
