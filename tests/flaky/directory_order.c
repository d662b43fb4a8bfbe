/* Takes the first file that it finds for the one that it wants. */
#include "flaky.h"

#include <dirent.h>

int main(void)
{
    char first[256] = "";
    DIR *dir = opendir("plugins");
    if (dir == NULL)
        return 3;
    for (struct dirent *e; (e = readdir(dir)) != NULL && first[0] == '\0';)
        if (e->d_name[0] != '.')
            snprintf(first, sizeof first, "%s", e->d_name);
    closedir(dir);
    return verdict(strcmp(first, "first") == 0);
}
