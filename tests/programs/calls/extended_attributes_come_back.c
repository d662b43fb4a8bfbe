/* getxattr(2) and listxattr(2) return the size that would be needed when given none, ERANGE when
 * given too little. */
#include "check.h"

#include <sys/xattr.h>

int main(void)
{
    int fd = scratch_file();
    char value[32], buffer[256];
    snprintf(value, sizeof value, "%d %016lx", (int)getpid(), (long)random_word());
    if (fsetxattr(fd, "user.reprise", value, strlen(value), XATTR_CREATE) < 0)
        SKIP("no user attributes on this file system");
    CHECK(fsetxattr(fd, "user.reprise", value, 1, XATTR_CREATE) == -1 && errno == EEXIST);
    CHECK(fgetxattr(fd, "user.reprise", NULL, 0) == (ssize_t)strlen(value));
    memset(buffer, 0xaa, sizeof buffer);
    CHECK(fgetxattr(fd, "user.reprise", buffer, 3) == -1 && errno == ERANGE);
    CHECK((unsigned char)buffer[0] == 0xaa);
    ssize_t n = fgetxattr(fd, "user.reprise", buffer, sizeof buffer);
    CHECK(n == (ssize_t)strlen(value) && memcmp(buffer, value, (size_t)n) == 0);
    CHECK((unsigned char)buffer[n] == 0xaa);
    say("%.*s\n", (int)n, buffer);
    memset(buffer, 0xaa, sizeof buffer);
    n = flistxattr(fd, buffer, sizeof buffer);
    CHECK(n >= 13 && (unsigned char)buffer[n] == 0xaa);
    say("names: %zd bytes %016lx\n", n, (long)hash_of(buffer, (size_t)n));
    CHECK(fremovexattr(fd, "user.reprise") == 0);
    CHECK(fgetxattr(fd, "user.reprise", buffer, 3) == -1 && errno == ENODATA);
    return 0;
}
