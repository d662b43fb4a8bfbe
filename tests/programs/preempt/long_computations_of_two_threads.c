/* Useful work that needs no call for long: matrices, sorting, hashing, sums of floats, by threads
 * that share the result. */
#include "preempt.h"

enum { N = 160, SORTED = 400000 };

static double a[N][N], b[N][N], c[N][N];
static uint32_t numbers[SORTED];

static void *multiply(void *arg)
{
    for (int round = 0; round < 6; round++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double sum = c[i][j];
                for (int k = 0; k < N; k++)
                    sum += a[i][k] * b[k][j];
                c[i][j] = sum / 2;
            }
    return arg;
}

static void sift(uint32_t *v, size_t at, size_t n)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && v[child] < v[child + 1])
            child++;
        if (v[at] >= v[child])
            return;
        uint32_t swap = v[at];
        v[at] = v[child];
        v[child] = swap;
    }
}

static void *sort(void *arg)
{
    for (size_t i = SORTED / 2; i-- > 0;)
        sift(numbers, i, SORTED);
    for (size_t n = SORTED; n > 1;) {
        uint32_t swap = numbers[0];
        numbers[0] = numbers[--n];
        numbers[n] = swap;
        sift(numbers, 0, n);
    }
    return arg;
}

static void *hash(void *arg)
{
    uint32_t s[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (uint32_t i = 0; i < 20000000; i++) {
        uint32_t t = s[7] + (s[4] << 5 | s[4] >> 27) + (s[4] & s[5]) + i;
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t;
        s[0] = t ^ s[3];
    }
    *(uint32_t *)arg = s[0] ^ s[4];
    return NULL;
}

int main(void)
{
    uint32_t hashes[2];
    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = i % 7;
        b[i / N][i % N] = i % 11 - 5;
    }
    for (uint32_t i = 0, x = 1; i < SORTED; i++)
        numbers[i] = x = x * 1664525 + 1013904223;
    pthread_t threads[] = {start(multiply, NULL), start(sort, NULL), start(hash, &hashes[0]),
                           start(hash, &hashes[1])};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
        end_of(threads[i]);
    double sum = 0;
    for (int i = 0; i < N * N; i++)
        sum += c[i / N][i % N];
    for (size_t i = 1; i < SORTED; i++)
        CHECK(numbers[i - 1] <= numbers[i]);
    CHECK(hashes[0] == hashes[1]);
    say("%.17g %x\n", sum, hashes[0]);
    return 0;
}
