/* One call with much data, and a vector of 1024 parts. */
#include "check.h"

#include <sys/uio.h>

int main(void)
{
    size_t size = 5 << 20;
    uint64_t *data = malloc(size), x = random_word();
    CHECK(data != NULL);
    for (size_t i = 0; i < size / 8; i++)
        data[i] = x = x * 6364136223846793005u + 1;
    for (size_t done = 0; done < size;) {
        ssize_t n = write(1, (char *)data + done, size - done);
        CHECK(n > 0);
        done += (size_t)n;
    }
    static struct iovec iov[1024];
    size_t total = 0;
    for (int i = 0; i < 1024; i++) {
        iov[i] = (struct iovec){(char *)data + i * 1000, (size_t)(i % 50)};
        total += iov[i].iov_len;
    }
    ssize_t n = writev(1, iov, 1024);
    CHECK(n > 0 && (size_t)n <= total);
    dprintf(2, "%zd of the vector, %016lx\n", n, (long)hash_of(data, size));
    return 0;
}
