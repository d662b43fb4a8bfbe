/* SIOCGIFCONF follows a pointer inside its argument, with a length that goes in and out; the others
 * write into a struct ifreq: netdevice(7). */
#include "check.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(fd >= 0);
    struct ifreq list[32];
    memset(list, 0xaa, sizeof list);
    struct ifconf conf = {.ifc_len = 0, .ifc_req = NULL};
    CHECK(ioctl(fd, SIOCGIFCONF, &conf) == 0);
    say("room for %d bytes needed\n", conf.ifc_len);
    conf = (struct ifconf){.ifc_len = sizeof list - 1, .ifc_req = list};
    CHECK(ioctl(fd, SIOCGIFCONF, &conf) == 0);
    size_t count = (size_t)conf.ifc_len / sizeof *list;
    CHECK(count < 32 && ((unsigned char *)&list[count])[0] == 0xaa);
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in a;
        memcpy(&a, &list[i].ifr_addr, sizeof a);
        say("%s %08x\n", list[i].ifr_name, ntohl(a.sin_addr.s_addr));
    }
    struct ifreq r = {0};
    strcpy(r.ifr_name, "lo");
    if (ioctl(fd, SIOCGIFINDEX, &r) == 0)
        say("index of lo: %d\n", r.ifr_ifindex);
    if (ioctl(fd, SIOCGIFFLAGS, &r) == 0)
        say("flags of lo: %x\n", r.ifr_flags);
    if (ioctl(fd, SIOCGIFMTU, &r) == 0)
        say("mtu of lo: %d\n", r.ifr_mtu);
    if (ioctl(fd, SIOCGIFHWADDR, &r) == 0)
        say("family of lo: %d\n", r.ifr_hwaddr.sa_family);
    struct ifreq wireless;
    memset(&wireless, 0xaa, sizeof wireless);
    strcpy(wireless.ifr_name, "lo");
    int named = ioctl(fd, 0x8b01 /* SIOCGIWNAME */, &wireless);
    say("name of the protocol of lo: %d %.16s\n", named < 0 ? errno : 0,
        named < 0 ? "" : wireless.ifr_newname);
    CHECK(((unsigned char *)&wireless)[32] == 0xaa); /* struct iwreq is shorter */
    int pending = -1;
    CHECK(ioctl(fd, FIONREAD, &pending) == 0 && pending == 0);
    CHECK(ioctl(fd, SIOCGIFINDEX, NULL) == -1 && errno == EFAULT);
    return 0;
}
