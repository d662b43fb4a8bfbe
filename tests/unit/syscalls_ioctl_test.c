/* ioctl commands: the table against the kernel's headers, and against the kernel that runs. */
#include "syscalls/ranges.h"
#include "syscalls_probe.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/unistd_64.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkzoned.h>
#include <linux/cdrom.h>
#include <linux/fb.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/hdreg.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/nsfs.h>
#include <linux/route.h>
#include <linux/serial.h>
#include <linux/sockios.h>
#include <linux/vt.h>
#include <scsi/sg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* libc's header cannot stand beside the kernel's for interfaces and terminals. */
int socket(int domain, int type, int protocol);

/* What the header calls NAME is the row of that name; and the struct, if any, has the size. */
static const struct {
    const char *name;
    uint32_t value;
    size_t size;
} known[] = {
#define NUMBER(name)                                                                               \
    {                                                                                              \
#name, (uint32_t)(name), 0                                                                 \
    }
#define SIZED(name, type)                                                                          \
    {                                                                                              \
#name, (uint32_t)(name), sizeof(type)                                                      \
    }
    /* clang-format off */
    SIZED(TCGETS, struct termios), SIZED(TCSETS, struct termios), SIZED(TCSETSW, struct termios),
    SIZED(TCSETSF, struct termios), SIZED(TCGETA, struct termio), SIZED(TCSETA, struct termio),
    SIZED(TIOCGPGRP, int), SIZED(TIOCOUTQ, int), SIZED(TIOCSTI, char),
    SIZED(TIOCGWINSZ, struct winsize), SIZED(TIOCSWINSZ, struct winsize), SIZED(TIOCMGET, int),
    SIZED(FIONREAD, int), SIZED(TIOCGSERIAL, struct serial_struct), SIZED(TIOCPKT, int),
    SIZED(FIONBIO, int), SIZED(TIOCSETD, int), SIZED(TIOCGETD, int), SIZED(TIOCGSID, int),
    SIZED(TIOCGRS485, struct serial_rs485), SIZED(TIOCSRS485, struct serial_rs485),
    SIZED(TIOCGLCKTRMIOS, struct termios), SIZED(TIOCSERGETLSR, int),
    SIZED(TIOCSERGETMULTI, struct serial_multiport_struct),
    SIZED(TIOCGICOUNT, struct serial_icounter_struct), SIZED(FIOQSIZE, loff_t),
    NUMBER(TIOCSCTTY), NUMBER(TIOCNOTTY), NUMBER(TIOCSIG), NUMBER(TIOCVHANGUP),
    NUMBER(TIOCGPTPEER), NUMBER(FIOCLEX), NUMBER(FIONCLEX), SIZED(FIOASYNC, int),
    NUMBER(TCSBRK), NUMBER(TCXONC), NUMBER(TCFLSH), NUMBER(TCSBRKP), NUMBER(TIOCMIWAIT),

    SIZED(TUNSETIFF, struct ifreq), SIZED(TUNGETIFF, struct ifreq), SIZED(TUNSETQUEUE, struct ifreq),
    NUMBER(TUNSETNOCSUM), NUMBER(TUNSETDEBUG), NUMBER(TUNSETPERSIST), NUMBER(TUNSETOWNER),
    NUMBER(TUNSETLINK), NUMBER(TUNSETGROUP), SIZED(TUNGETFEATURES, int), NUMBER(TUNSETOFFLOAD),
    NUMBER(TUNSETTXFILTER),

    SIZED(VT_OPENQRY, int), SIZED(VT_GETMODE, struct vt_mode), SIZED(VT_SETMODE, struct vt_mode),
    SIZED(VT_GETSTATE, struct vt_stat), NUMBER(VT_ACTIVATE), NUMBER(VT_WAITACTIVE),
    SIZED(VT_RESIZE, struct vt_sizes), SIZED(VT_RESIZEX, struct vt_consize),
    SIZED(VT_WAITEVENT, struct vt_event), SIZED(VT_SETACTIVATE, struct vt_setactivate),
    SIZED(KDGETLED, char), SIZED(KDGKBTYPE, char), SIZED(KDGETMODE, int), SIZED(KDGKBMODE, int),
    SIZED(KDGKBENT, struct kbentry), SIZED(KDSKBENT, struct kbentry),
    SIZED(KDGKBSENT, struct kbsentry), SIZED(KDGKBDIACR, struct kbdiacrs),
    SIZED(KDGKBDIACRUC, struct kbdiacrsuc), SIZED(KDGETKEYCODE, struct kbkeycode),
    SIZED(KDKBDREP, struct kbd_repeat), SIZED(GIO_CMAP, char[48]), NUMBER(KDFONTOP),
    SIZED(PIO_UNIMAPCLR, struct unimapinit), SIZED(GIO_SCRNMAP, char[E_TABSZ]),
    SIZED(GIO_UNISCRNMAP, short[E_TABSZ]), NUMBER(GIO_UNIMAP), NUMBER(GIO_FONTX),

    SIZED(FBIOGET_VSCREENINFO, struct fb_var_screeninfo),
    SIZED(FBIOPUT_VSCREENINFO, struct fb_var_screeninfo),
    SIZED(FBIOGET_FSCREENINFO, struct fb_fix_screeninfo), NUMBER(FBIOGETCMAP),
    SIZED(FBIOPUTCMAP, struct fb_cmap), SIZED(FBIOGET_CON2FBMAP, struct fb_con2fbmap),
    NUMBER(FBIOBLANK),

    SIZED(FIOGETOWN, int), SIZED(SIOCGPGRP, int), SIZED(SIOCATMARK, int),
    SIZED(SIOCADDRT, struct rtentry), NUMBER(SIOCGIFCONF), SIZED(SIOCGIFFLAGS, struct ifreq),
    SIZED(SIOCGIFNAME, struct ifreq), SIZED(SIOCGIFADDR, struct ifreq),
    SIZED(SIOCGIFHWADDR, struct ifreq), SIZED(SIOCGIFINDEX, struct ifreq),
    SIZED(SIOCGIFMTU, struct ifreq), SIZED(SIOCGIFTXQLEN, struct ifreq),
    SIZED(SIOCGIFMAP, struct ifreq), SIZED(SIOCGARP, struct arpreq), NUMBER(SIOCETHTOOL),
    SIZED(SIOCGIFVLAN, struct vlan_ioctl_args), SIZED(SIOCSIFVLAN, struct vlan_ioctl_args),
    SIZED(SIOCOUTQNSD, int), NUMBER(SIOCGSKNS), NUMBER(SIOCBONDINFOQUERY),
    SIZED(SIOCBRADDIF, struct ifreq), NUMBER(SIOCSHWTSTAMP), NUMBER(SIOCGHWTSTAMP),

    SIZED(FIBMAP, int), SIZED(FIGETBSZ, int), NUMBER(FIFREEZE), NUMBER(FITHAW),
    SIZED(FITRIM, struct fstrim_range), NUMBER(FICLONE),
    SIZED(FICLONERANGE, struct file_clone_range), NUMBER(FIDEDUPERANGE), SIZED(FS_IOC_GETFLAGS, int),
    SIZED(FS_IOC_SETFLAGS, int), SIZED(FS_IOC_GETVERSION, int), SIZED(FS_IOC_SETVERSION, int),
    NUMBER(FS_IOC_FIEMAP), SIZED(FS_IOC_GET_ENCRYPTION_POLICY, struct fscrypt_policy_v1),
    SIZED(FS_IOC_GET_ENCRYPTION_PWSALT, char[16]), NUMBER(FS_IOC_GET_ENCRYPTION_POLICY_EX),
    NUMBER(FS_IOC_MEASURE_VERITY), NUMBER(FS_IOC_READ_VERITY_METADATA),
    SIZED(FS_IOC_FSGETXATTR, struct fsxattr), SIZED(FS_IOC_FSSETXATTR, struct fsxattr),

    SIZED(BLKROGET, int), SIZED(BLKROSET, int), SIZED(BLKGETSIZE, long), NUMBER(BLKRRPART),
    SIZED(BLKRAGET, long), SIZED(BLKFRAGET, long), SIZED(BLKSECTGET, short), SIZED(BLKSSZGET, int),
    SIZED(BLKBSZGET, int), SIZED(BLKBSZSET, int), SIZED(BLKGETSIZE64, long),
    SIZED(BLKDISCARD, long[2]), SIZED(BLKIOMIN, int), SIZED(BLKIOOPT, int), SIZED(BLKALIGNOFF, int),
    SIZED(BLKPBSZGET, int), SIZED(BLKDISCARDZEROES, int), SIZED(BLKSECDISCARD, long[2]),
    SIZED(BLKROTATIONAL, short), SIZED(BLKZEROOUT, long[2]), SIZED(BLKGETDISKSEQ, long),
    NUMBER(BLKREPORTZONE), SIZED(BLKRESETZONE, struct blk_zone_range), SIZED(BLKGETZONESZ, int),
    SIZED(BLKGETNRZONES, int),
    NUMBER(LOOP_SET_FD), NUMBER(LOOP_CLR_FD), SIZED(LOOP_SET_STATUS, struct loop_info),
    SIZED(LOOP_GET_STATUS, struct loop_info), SIZED(LOOP_SET_STATUS64, struct loop_info64),
    SIZED(LOOP_GET_STATUS64, struct loop_info64), SIZED(LOOP_CONFIGURE, struct loop_config),
    NUMBER(LOOP_SET_CAPACITY), NUMBER(LOOP_CTL_ADD), NUMBER(LOOP_CTL_GET_FREE),
    SIZED(HDIO_GETGEO, struct hd_geometry), SIZED(HDIO_GET_UNMASKINTR, long),
    SIZED(HDIO_GET_IDENTITY, struct hd_driveid), NUMBER(HDIO_DRIVE_CMD), SIZED(HDIO_GET_DMA, long),
    SIZED(HDIO_GET_32BIT, long), SIZED(HDIO_GET_WCACHE, long), SIZED(HDIO_GET_ACOUSTIC, long),

    SIZED(CDROMREADTOCHDR, struct cdrom_tochdr), SIZED(CDROMREADTOCENTRY, struct cdrom_tocentry),
    SIZED(CDROMSUBCHNL, struct cdrom_subchnl), SIZED(CDROMMULTISESSION, struct cdrom_multisession),
    SIZED(CDROM_GET_MCN, struct cdrom_mcn), SIZED(CDROMVOLREAD, struct cdrom_volctrl),
    SIZED(CDROMPLAYMSF, struct cdrom_msf), SIZED(CDROMPLAYTRKIND, struct cdrom_ti),
    NUMBER(CDROMREADAUDIO), NUMBER(CDROMEJECT), NUMBER(CDROM_DRIVE_STATUS),
    NUMBER(CDROM_GET_CAPABILITY), NUMBER(DVD_READ_STRUCT), NUMBER(CDROM_SEND_PACKET),
    SIZED(CDROM_NEXT_WRITABLE, long), SIZED(CDROM_LAST_WRITTEN, long),
    SIZED(SG_GET_VERSION_NUM, int), SIZED(SG_GET_SCSI_ID, struct sg_scsi_id), NUMBER(SG_IO),
    SIZED(SG_GET_RESERVED_SIZE, int), SIZED(SG_EMULATED_HOST, int),

    SIZED(EVIOCSFF, struct ff_effect), NUMBER(EVIOCGRAB), NUMBER(EVIOCRMFF), NUMBER(EVIOCREVOKE),
    NUMBER(EVIOCGMASK), NUMBER(NS_GET_USERNS), NUMBER(NS_GET_PARENT), NUMBER(NS_GET_NSTYPE),
    SIZED(NS_GET_OWNER_UID, int),
    /* clang-format on */
};

static const struct command *find(const char *name)
{
    size_t i;

    for (i = 0; i < commands_ioctl.n; i++) {
        if (!strcmp(commands_ioctl.v[i].name, name))
            return &commands_ioctl.v[i];
    }
    return NULL;
}

static void numbers_and_sizes_are_those_of_the_headers(void **state)
{
    size_t i, wrong = 0;

    (void)state;
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct command *command = find(known[i].name);
        const struct range_rule *rule = command ? command->rules : NULL;

        if (!command || command->value != known[i].value) {
            print_error("%s is not row %#x\n", known[i].name, known[i].value);
            wrong++;
        } else if (known[i].size && (!rule || rule->size != known[i].size)) {
            print_error("%s has %zu bytes\n", known[i].name, known[i].size);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static bool listed(uint32_t command)
{
    struct syscall_call c = {.nr = __NR_ioctl, .args = {0, command, 0x1000}};

    return syscall_is_listed(&c);
}

static void only_what_stands_alone_is_told_by_direction(void **state)
{
    (void)state;
    assert_true(listed(_IOR('T', 0x2a, char[44])));    /* TCGETS2 */
    assert_true(listed(_IOWR(0xff, 11, char[64])));    /* PIDFD_GET_INFO */
    assert_true(listed(_IOC(_IOC_READ, 'E', 6, 256))); /* EVIOCGNAME */
    assert_false(listed(_IO('T', 0xfe)));              /* no direction */
    assert_false(listed(_IOWR('d', 0, char[64])));     /* DRM_IOCTL_VERSION has pointers */
    assert_false(listed(_IOWR('V', 71, char[32])));    /* VIDIOC_G_EXT_CTRLS has, too */
    assert_false(listed(_IOWR('F', 42, char[32])));    /* some vendor's driver */
    assert_false(listed(_IOR('H', 211, int)));         /* HCIGETDEVINFO lies about its size */
    assert_false(listed(_IOR('p', 0xa1, void *)));     /* PPS_GETPARAMS, too */
    assert_false(listed(0x8b1b));                      /* SIOCGIWESSID */
    assert_true(listed(0x8b01));                       /* SIOCGIWNAME */
    assert_false(listed(0));
}

static void terminals(struct probe *p)
{
    int ptm = open("/dev/ptmx", O_RDWR | O_NOCTTY), pts, null = open("/dev/null", O_RDWR);
    char name[32];
    int number = -1, unlock = 0;

    assert_true(ptm >= 0);
    call(p, __NR_ioctl, ptm, TIOCSPTLCK, PLACE(p, unlock));
    call_exactly(p, 0, __NR_ioctl, ptm, TIOCGPTN, PLACE(p, number));
    raw_syscall(__NR_ioctl, (uint64_t[6]){(uint64_t)ptm, TIOCGPTN, (uint64_t)&number});
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    pts = open(name, O_RDWR | O_NOCTTY);
    assert_true(pts >= 0);
    call_exactly(p, 0, __NR_ioctl, pts, TCGETS, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TCGETS2, place(p, 100));
    call_exactly(p, 1, __NR_ioctl, pts, TCGETA, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TIOCGWINSZ, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TIOCOUTQ, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, FIONREAD, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TIOCGETD, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TIOCGEXCL, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, ptm, TIOCGPKT, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, ptm, TIOCGPTLCK, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, pts, TIOCGLCKTRMIOS, place(p, 100));
    call_exactly(p, 0, __NR_ioctl, ptm, TIOCGDEV, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCGSOFTCAR, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCMGET, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCGPGRP, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCGSID, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCGSERIAL, place(p, 100));
    call(p, __NR_ioctl, pts, TIOCGICOUNT, place(p, 100));
    call(p, __NR_ioctl, pts, TCGETX, place(p, 100));
    call(p, __NR_ioctl, pts, TCGETS, place_at_the_end(p, 20));
    call(p, __NR_ioctl, null, TCGETS, place(p, 100));
    call(p, __NR_write, ptm, place_string(p, "typed\n"), 6);
    call(p, __NR_read, pts, place(p, 100), 100);
    close(pts);
    close(ptm);
    close(null);
}

static void sockets(struct probe *p)
{
    int fd = socket(2 /* AF_INET */, 2 /* SOCK_DGRAM */, 0), i;
    static const uint32_t questions[] = {
        SIOCGIFFLAGS, SIOCGIFADDR,   SIOCGIFNETMASK, SIOCGIFBRDADDR, SIOCGIFMTU,     SIOCGIFHWADDR,
        SIOCGIFINDEX, SIOCGIFMETRIC, SIOCGIFTXQLEN,  SIOCGIFMAP,     SIOCGIFDSTADDR,
    };
    struct ifreq lo = {.ifr_name = "lo"};
    struct {
        int len, pad;
        void *buf;
    } conf = {400, 0, place(p, 400)}, tight = {50, 0, place(p, 400)}, count = {0, 0, NULL};

    assert_true(fd >= 0);
    for (i = 0; i < (int)(sizeof(questions) / sizeof(questions[0])); i++)
        call(p, __NR_ioctl, fd, questions[i], PLACE(p, lo));
    lo.ifr_ifindex = 1;
    call(p, __NR_ioctl, fd, SIOCGIFNAME, PLACE(p, lo));
    call(p, __NR_ioctl, fd, SIOCGIFCONF, PLACE(p, conf));
    call(p, __NR_ioctl, fd, SIOCGIFCONF, PLACE(p, tight));
    call(p, __NR_ioctl, fd, SIOCGIFCONF, PLACE(p, count));
    call_exactly(p, 0, __NR_ioctl, fd, FIOGETOWN, place(p, 8));
    call(p, __NR_ioctl, fd, SIOCATMARK, place(p, 8));
    call_exactly(p, 0, __NR_ioctl, fd, SIOCOUTQ, place(p, 8));
    call_exactly(p, 0, __NR_ioctl, fd, FIONREAD, place(p, 8));
    call(p, __NR_ioctl, fd, 0x8906 /* SIOCGSTAMP */, place(p, 32));
    call(p, __NR_ioctl, fd, FIOCLEX);
    call(p, __NR_ioctl, fd, FIONBIO, PLACE(p, *(int[]){1}));
    close(fd);
}

static char dir[] = "/tmp/reprise-syscalls-XXXXXX";

static void files(struct probe *p)
{
    char path[sizeof(dir) + 8];
    struct fiemap whole = {.fm_length = UINT64_MAX, .fm_extent_count = 3}, *map;
    struct fiemap only_count = {.fm_length = UINT64_MAX};
    uint64_t trim[3] = {0, 0, 0};
    int fd, zeros[2] = {0, 0};

    snprintf(path, sizeof(path), "%s/file", dir);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, zeros, 8), 8);
    fsync(fd);
    map = place(p, 1000);
    memcpy(map, &whole, sizeof(whole));
    call(p, __NR_ioctl, fd, FS_IOC_FIEMAP, map);
    call(p, __NR_ioctl, fd, FS_IOC_FIEMAP, PLACE(p, only_count));
    call_exactly(p, 0, __NR_ioctl, fd, FS_IOC_GETFLAGS, place(p, 16));
    call(p, __NR_ioctl, fd, FS_IOC_GETVERSION, place(p, 16));
    call_exactly(p, 0, __NR_ioctl, fd, FS_IOC_FSGETXATTR, place(p, 64));
    call_exactly(p, 0, __NR_ioctl, fd, FIGETBSZ, place(p, 16));
    call(p, __NR_ioctl, fd, FIBMAP, PLACE(p, zeros));
    call_exactly(p, 0, __NR_ioctl, fd, FIOQSIZE, place(p, 16));
    call_exactly(p, 0, __NR_ioctl, fd, FIONREAD, place(p, 16));
    call(p, __NR_ioctl, fd, FITRIM, PLACE(p, trim));
    call(p, __NR_ioctl, fd, FICLONE, fd);
    call(p, __NR_ioctl, fd, FS_IOC_GET_ENCRYPTION_PWSALT, place(p, 16));
    call(p, __NR_ioctl, fd, FS_IOC_GET_ENCRYPTION_POLICY, place(p, 16));
    close(fd);
    unlink(path);
    fd = open("/proc/self/ns/user", O_RDONLY);
    call(p, __NR_ioctl, fd, NS_GET_OWNER_UID, place(p, 16));
    call(p, __NR_ioctl, fd, NS_GET_NSTYPE);
    close(fd);
    fd = open("/dev/urandom", O_RDONLY);
    call_exactly(p, 0, __NR_ioctl, fd, 0x80045200 /* RNDGETENTCNT */, place(p, 16));
    close(fd);
}

/* Only asks, and only where the machine lets us. */
static void disks(struct probe *p)
{
    static const char *const names[] = {"/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0"};
    static const uint32_t questions[] = {
        BLKROGET,      BLKGETSIZE,    BLKRAGET,         BLKFRAGET,    BLKSECTGET,    BLKSSZGET,
        BLKBSZGET,     BLKGETSIZE64,  BLKIOMIN,         BLKIOOPT,     BLKALIGNOFF,   BLKPBSZGET,
        BLKROTATIONAL, BLKGETDISKSEQ, BLKDISCARDZEROES, BLKGETZONESZ, BLKGETNRZONES, HDIO_GETGEO,
    };
    size_t i, j;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int fd = open(names[i], O_RDONLY | O_NONBLOCK);

        if (fd < 0)
            continue;
        for (j = 0; j < sizeof(questions) / sizeof(questions[0]); j++)
            call(p, __NR_ioctl, fd, questions[j], place(p, 64));
        call(p, __NR_ioctl, fd, LOOP_GET_STATUS64, place(p, 300));
        call(p, __NR_ioctl, fd, LOOP_GET_STATUS, place(p, 300));
        close(fd);
        return;
    }
}

static void tunnels(struct probe *p)
{
    int fd = open("/dev/net/tun", O_RDWR);
    struct ifreq want = {.ifr_name = "reprise%d", .ifr_flags = IFF_TAP | IFF_NO_PI};

    if (fd < 0)
        return;
    call_exactly(p, 0, __NR_ioctl, fd, TUNGETFEATURES, place(p, 16));
    if (call(p, __NR_ioctl, fd, TUNSETIFF, PLACE(p, want)) == 0)
        call_exactly(p, 0, __NR_ioctl, fd, TUNGETIFF, place(p, 64));
    close(fd);
}

#define TEST(name)                                                                                 \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        probe_run(name);                                                                           \
    }
TEST(terminals)
TEST(sockets)
TEST(files)
TEST(disks)
TEST(tunnels)

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    print_message("%u calls checked\n", probe_calls());
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_sizes_are_those_of_the_headers),
        cmocka_unit_test(only_what_stands_alone_is_told_by_direction),
        {"terminals_are_told_in_the_kernels_sizes", test_terminals, NULL, NULL, NULL},
        {"interfaces_are_told", test_sockets, NULL, NULL, NULL},
        {"files_are_told_in_the_sizes_they_mean", test_files, NULL, NULL, NULL},
        {"disks_are_told", test_disks, NULL, NULL, NULL},
        {"tunnels_are_told_against_their_numbers", test_tunnels, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("syscalls_ioctl", tests, make_directory, remove_directory);
}
