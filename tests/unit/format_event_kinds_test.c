/* The table of kinds and the schema know the same kinds, by the same names. */
#include "format/event_kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_body_of_the_schema_has_a_row_of_its_name(void **state)
{
    unsigned n = 0;
    (void)state;
    for (unsigned i = 0; i < reprise__event__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &reprise__event__descriptor.fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        const struct event_kind_info *info = event_kind_info((Reprise__Event__BodyCase)field->id);
        n++;
        assert_int_equal(info->kind, n);
        assert_string_equal(info->name, field->name);
        assert_int_not_equal(info->carrier, EVENT_BY_NOBODY);
        assert_ptr_equal(event_kind_at(info->kind), info);
    }
    assert_int_equal(n, EVENT_KINDS - 1);
}

static void what_a_later_version_writes_is_other(void **state)
{
    (void)state;
    assert_string_equal(event_kind_info((Reprise__Event__BodyCase)99)->name, "other");
    assert_string_equal(event_kind_info(REPRISE__EVENT__BODY__NOT_SET)->name, "other");
    assert_string_equal(event_kind_at(EVENT_KINDS)->name, "other");
    assert_int_equal(event_kind_info((Reprise__Event__BodyCase)99)->carrier, EVENT_BY_NOBODY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_of_the_schema_has_a_row_of_its_name),
        cmocka_unit_test(what_a_later_version_writes_is_other),
    };
    return cmocka_run_group_tests_name("format_event_kinds", tests, NULL, NULL);
}
