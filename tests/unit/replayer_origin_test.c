/* replayer/origin.c: what a header tells of a machine, and the words for how two machines differ.
 */
#include "replayer/origin.h"

#include "replayer/vendor_places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A trace of this machine, or of one that another vendor made. */
struct origin {
    Reprise__Header header;
    Reprise__Cpu cpu;
    Reprise__CpuidLeaf leaves[2], *list[2];
};

static void make(struct origin *o, struct cpuid_regs vendor, uint32_t signature)
{
    reprise__header__init(&o->header);
    reprise__cpu__init(&o->cpu);
    o->header.cpu_detail = &o->cpu;
    for (uint32_t i = 0; i < 2; i++) {
        reprise__cpuid_leaf__init(&o->leaves[i]);
        o->leaves[i].leaf = i;
        o->list[i] = &o->leaves[i];
    }
    o->leaves[0].ebx = vendor.ebx;
    o->leaves[0].ecx = vendor.ecx;
    o->leaves[0].edx = vendor.edx;
    o->leaves[1].eax = signature;
    o->cpu.n_leaves = 2;
    o->cpu.leaves = o->list;
}

static void make_like_here(struct origin *o)
{
    make(o, cpu_native(0, 0), cpu_native(1, 0).eax);
}

static struct machine machine_with_all(void)
{
    struct machine m = {0};
    memset(m.has, true, sizeof m.has);
    return m;
}

static const char *differences(const struct origin *o, const struct vendor_places *places,
                               const struct machine *here)
{
    static char buf[ORIGIN_TEXT_MAX];
    return origin_differences(&o->header, NULL, places, here, buf);
}

static void like_machines_are_not_blamed(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    char buf[ORIGIN_TEXT_MAX];
    make_like_here(&o);
    assert_string_equal(differences(&o, NULL, &here), "");
    o.header.cpu_detail = NULL;
    assert_string_equal(differences(&o, NULL, &here), "");
    assert_string_equal(origin_differences(NULL, NULL, NULL, &here, buf), "");
}

static void what_either_lacks_is_named(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    make_like_here(&o);
    o.cpu.missing = (char *)"-tsc-trap,-cpuid-trap";
    assert_string_equal(differences(&o, NULL, &here),
                        "recorded on a machine without tsc-trap, cpuid-trap");
    here.has[MACHINE_BREAKPOINTS] = false;
    assert_string_equal(
        differences(&o, NULL, &here),
        "recorded on a machine without tsc-trap, cpuid-trap; this one lacks breakpoints");
}

static void another_vendor_is_named_and_its_instructions(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    struct vendor_file files[] = {{.name = (char *)"/usr/lib/libm.so.6"}, {.name = (char *)"prog"}};
    struct vendor_places places = {.files = files, .n = 2};
    struct cpu_identity id = cpu_identity(cpu_native(0, 0), cpu_native(1, 0).eax);
    struct cpuid_regs other = {0};
    memset(&other, 'X', sizeof other);
    make(&o, other, 0xa20f12);
    char want[400];
    snprintf(want, sizeof want, "vendors differ (XXXXXXXXXXXX family 25, %s family %u)", id.vendor,
             id.family);
    assert_string_equal(differences(&o, &places, &here), want);
    places.counts.n[VENDOR_RCPPS] = 5;
    places.counts.n[VENDOR_FSIN] = 2;
    places.total = 7;
    snprintf(want + strlen(want), sizeof want - strlen(want),
             "; 7 places in the program's code compute what differs between vendors: rcpps, fsin "
             "(in libm.so.6, prog)");
    assert_string_equal(differences(&o, &places, &here), want);
    assert_true(origin_is_of_another_vendor(&o.header));
    make_like_here(&o);
    assert_false(origin_is_of_another_vendor(&o.header));
    assert_string_equal(differences(&o, &places, &here), "");
}

static void another_size_of_register_state_is_named(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    uint32_t size = cpu_native(0xd, 0).ebx;
    make_like_here(&o);
    o.cpu.xstate_size = size;
    assert_string_equal(differences(&o, NULL, &here), "");
    o.cpu.xstate_size = 577;
    if (size >= 576)
        assert_non_null(
            strstr(differences(&o, NULL, &here), "sizes of register state differ (577 bytes, "));
    o.cpu.xstate_size = 7; /* noise */
    assert_string_equal(differences(&o, NULL, &here), "");
}

static void another_model_is_named(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    make(&o, cpu_native(0, 0), cpu_native(1, 0).eax ^ 0x10);
    assert_non_null(strstr(differences(&o, NULL, &here), "CPUs differ ("));
}

static void a_hostile_list_stays_within_its_bounds(void **state)
{
    (void)state;
    struct origin o;
    struct machine here = machine_with_all();
    char names[5000];
    memset(names, ',', sizeof names);
    memset(names + 100, 'x', 4000);
    names[sizeof names - 1] = '\0';
    make_like_here(&o);
    o.cpu.missing = names;
    assert_int_equal(strlen(differences(&o, NULL, &here)), ORIGIN_TEXT_MAX - 1);
}

static void old_traces_have_a_level_too(void **state)
{
    (void)state;
    struct origin o;
    make_like_here(&o);
    assert_int_equal(origin_level(&o.cpu), CPU_HOST);
    o.cpu.baseline = true;
    assert_int_equal(origin_level(&o.cpu), CPU_V3);
    o.cpu.level = REPRISE__CPU__LEVEL__V2;
    assert_int_equal(origin_level(&o.cpu), CPU_V2);
    o.cpu.level = REPRISE__CPU__LEVEL__HOST;
    assert_int_equal(origin_level(&o.cpu), CPU_HOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_machines_are_not_blamed),
        cmocka_unit_test(what_either_lacks_is_named),
        cmocka_unit_test(another_vendor_is_named_and_its_instructions),
        cmocka_unit_test(another_model_is_named),
        cmocka_unit_test(another_size_of_register_state_is_named),
        cmocka_unit_test(a_hostile_list_stays_within_its_bounds),
        cmocka_unit_test(old_traces_have_a_level_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
