/* The page of --html, without its data: what comes before the data and what comes after. */
    .section .rodata
    .macro bytes_of symbol
    .global \symbol
    .type \symbol, @object
\symbol:
    .endm

    bytes_of html_page_head
    .incbin "head.html"
    .incbin "style.css"
    .incbin "body.html"
    .global html_page_head_end
html_page_head_end:

    bytes_of html_page_tail
    .ascii "<script>\n"
    .incbin "data.js"
    .incbin "tree.js"
    .incbin "timeline.js"
    .incbin "table.js"
    .incbin "main.js"
    .incbin "foot.html"
    .global html_page_tail_end
html_page_tail_end:
    .section .note.GNU-stack, "", @progbits
