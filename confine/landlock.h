/* Files, sockets and signals put out of reach by Landlock, which any process may do to itself,
 * without rights: landlock(7). It is there since Linux 5.13, and does more since; where it is
 * missing, what is built on it does without. */
#ifndef REPRISE_CONFINE_LANDLOCK_H
#define REPRISE_CONFINE_LANDLOCK_H

/* From here on the calling thread and its children can open, make, execute, change no file, but
 * read those beneath the directories of `readable` (which ends with NULL; NULL: none at all);
 * connect or bind no TCP socket; and reach neither by abstract sockets, nor signals, nor ptrace a
 * process that is not a child of theirs. What is open stays. They can gain no rights by exec
 * (no_new_privs). 0; -ENOSYS, -EOPNOTSUPP: this kernel has none; other -errno. */
int landlock_close(const char *const *readable);

#endif
