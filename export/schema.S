/* The tables of --sqlite. */
    .section .rodata
    .global sqlite_schema
    .type sqlite_schema, @object
sqlite_schema:
    .incbin "schema.sql"
    .byte 0
    .section .note.GNU-stack, "", @progbits
