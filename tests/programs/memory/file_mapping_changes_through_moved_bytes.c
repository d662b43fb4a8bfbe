/* sendfile, splice and copy_file_range into a file that is mapped, shared or privately: the bytes
 * are in memory when the call has ended. */
#include "check.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

#define PAGE 4096

static uint64_t line[2];

static void check_moved(const char *how, ssize_t moved, const unsigned char *shared,
                        const unsigned char *private, size_t at)
{
    if (moved < 0) {
        CHECK(errno == EINVAL || errno == EXDEV || errno == EOPNOTSUPP);
        return;
    }
    CHECK(moved == sizeof line);
    CHECK(memcmp(shared + at, line, sizeof line) == 0);
    CHECK(memcmp(private + at, line, sizeof line) == 0);
    say("%s: %016lx\n", how, (long)hash_of(shared, 2 * PAGE));
}

static void new_line(int source)
{
    line[0] = random_word();
    line[1] = random_word();
    CHECK(pwrite(source, line, sizeof line, 0) == sizeof line);
}

/* The private mapping shows what the file has, in a page that was not written by the program. */
static void move_all(int file, const unsigned char *shared, const unsigned char *private)
{
    int source = scratch_file(), ends[2];
    off_t from = 0;
    loff_t to = 3000, start = 0;
    CHECK(pipe(ends) == 0);

    new_line(source);
    CHECK(lseek(file, 100, SEEK_SET) == 100);
    check_moved("sendfile", sendfile(file, source, &from, sizeof line), shared, private, 100);

    new_line(source);
    check_moved("copy_file_range", copy_file_range(source, &start, file, &to, sizeof line, 0),
                shared, private, 3000);

    new_line(source);
    CHECK(lseek(source, 0, SEEK_SET) == 0);
    CHECK(lseek(file, PAGE - 8, SEEK_SET) == PAGE - 8);
    check_moved("copy_file_range again", copy_file_range(source, NULL, file, NULL, sizeof line, 0),
                shared, private, PAGE - 8);

    new_line(source);
    write_all(ends[1], line, sizeof line);
    to = 5000;
    check_moved("splice", splice(ends[0], NULL, file, &to, sizeof line, 0), shared, private, 5000);

    new_line(source);
    write_all(ends[1], line, sizeof line);
    CHECK(lseek(file, 6000, SEEK_SET) == 6000);
    check_moved("splice again", splice(ends[0], NULL, file, NULL, sizeof line, 0), shared, private,
                6000);
    close(source);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    for (int round = 0; round < 2; round++) {
        int file = scratch_file();
        CHECK(ftruncate(file, 2 * PAGE) == 0);
        int flags = round == 0 ? MAP_PRIVATE : MAP_SHARED;
        unsigned char *shared = mmap(NULL, 2 * PAGE, PROT_READ, flags, file, 0);
        unsigned char *private = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
        CHECK(private != MAP_FAILED && shared != MAP_FAILED);
        move_all(file, shared, private);
        close(file);
    }
    return 0;
}
