/* Constants of System V IPC, keys, terminals and the machine. */
#include "constants.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <termios.h>

/* clang-format off */
static const struct constant shmat_flags_v[] = {C(SHM_RDONLY), C(SHM_RND), C(SHM_REMAP), N(0100000, "SHM_EXEC")};
FLAG_SET(shmat_flags, "SHM")

static const struct constant msg_ipc_flags_v[] = {
    C(IPC_NOWAIT), C(MSG_NOERROR), C(MSG_EXCEPT), N(040000, "MSG_COPY"),
};
FLAG_SET(msg_ipc_flags, "MSG")

static const struct constant sem_flags_v[] = {C(SEM_UNDO), C(IPC_NOWAIT)};
FLAG_SET(sem_flags, "SEM")

static const struct constant getrandom_flags_v[] = {
    N(1, "GRND_NONBLOCK"), N(2, "GRND_RANDOM"), N(4, "GRND_INSECURE"),
};
FLAG_SET(getrandom_flags, "GRND")

static const struct constant landlock_flags_v[] = {N(1, "LANDLOCK_CREATE_RULESET_VERSION")};
FLAG_SET(landlock_flags, "LANDLOCK_CREATE_RULESET")

static const struct constant flush_queue_v[] = {C_IS(TCIFLUSH), C_IS(TCOFLUSH), C_IS(TCIOFLUSH)};
ENUM_SET(flush_queue, "TC")

static const struct constant key_serials_v[] = {
    {0xffffffff, 0xffffffff, "KEY_SPEC_THREAD_KEYRING"}, {0xfffffffe, 0xffffffff, "KEY_SPEC_PROCESS_KEYRING"},
    {0xfffffffd, 0xffffffff, "KEY_SPEC_SESSION_KEYRING"}, {0xfffffffc, 0xffffffff, "KEY_SPEC_USER_KEYRING"},
    {0xfffffffb, 0xffffffff, "KEY_SPEC_USER_SESSION_KEYRING"}, {0xfffffffa, 0xffffffff, "KEY_SPEC_GROUP_KEYRING"},
    {0xfffffff9, 0xffffffff, "KEY_SPEC_REQKEY_AUTH_KEY"}, {0xfffffff8, 0xffffffff, "KEY_SPEC_REQUESTOR_KEYRING"},
};
ENUM_SET(key_serials, "KEY_SPEC")
/* clang-format on */
