// What the page shows: the blocks that the exporter wrote, unpacked into columns.
//
// Each block is JSON, deflated (zlib) and in base64, in a script element of its own. Kinds:
//   head   once, first: what was recorded
//   rows   columns of rows in the order in which they ended; "t" are differences to the row before
//   end    once, last: the tasks, and what was left out
"use strict";

const CLASSES = ["other", "file", "desc", "network", "memory", "process", "signal", "wait"];
const FLAG_ERROR = 1, FLAG_UNFINISHED = 2, FLAG_MOMENT = 4;

class Column {
    constructor(Type) {
        this.v = new Type(4096);
        this.n = 0;
    }
    push(x) {
        if (this.n === this.v.length) {
            const more = new this.v.constructor(2 * this.n);
            more.set(this.v);
            this.v = more;
        }
        this.v[this.n++] = x;
    }
}

const trace = {
    head: {}, end: { tasks: [] },
    names: [], classes: [],           // of calls and moments, by number; places in CLASSES
    number: new Column(Float64Array), // of the event in the trace
    start: new Column(Float64Array),  // ns
    took: new Column(Float64Array),   // ns
    task: new Column(Uint32Array),    // serial number, later: place in tasks
    name: new Column(Uint32Array),
    flags: new Column(Uint8Array),
    args: [], results: [],
    links: [],                      // [kind, task, time, task, time]
    order: new Uint32Array(0),      // rows by their start
    tasks: [], byTask: [],          // rows of each task by their start
    length: 0,                      // ns
};

async function unpack(text) {
    const packed = atob(text.trim());
    const bytes = new Uint8Array(packed.length);
    for (let i = 0; i < packed.length; i++)
        bytes[i] = packed.charCodeAt(i);
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(plain).json();
}

function takeRows(block) {
    for (const [name, kind] of block.N) {
        trace.names.push(name);
        trace.classes.push(kind);
    }
    let time = 0, number = 0;
    for (let i = 0; i < block.t.length; i++) {
        time += block.t[i];
        number += block.i[i];
        trace.number.push(number);
        trace.start.push(time);
        trace.took.push(block.d[i]);
        trace.task.push(block.k[i]);
        trace.name.push(block.n[i]);
        trace.flags.push(block.f[i]);
        trace.args.push(block.a[i]);
        trace.results.push(block.r[i]);
    }
    for (const link of block.L)
        trace.links.push(link);
}

function indexTasks() {
    const place = new Map();
    trace.tasks = trace.end.tasks;
    trace.tasks.forEach((task, k) => {
        task.children = [];
        place.set(task.serial, k);
    });
    trace.roots = [];
    trace.tasks.forEach((task, k) => {
        const parent = place.get(task.parent);
        if (parent === undefined || parent >= k)
            trace.roots.push(k);
        else
            trace.tasks[parent].children.push(k);
    });
    const { task, start, n = task.n } = trace;
    for (let i = 0; i < n; i++)
        task.v[i] = place.get(task.v[i]) ?? 0;
    for (const link of trace.links) {
        link[1] = place.get(link[1]) ?? -1;
        link[3] = place.get(link[3]) ?? -1;
    }
    trace.links = trace.links.filter((l) => l[1] >= 0 && l[3] >= 0);
    trace.order = Uint32Array.from({ length: n }, (_, i) => i)
        .sort((a, b) => start.v[a] - start.v[b] || trace.number.v[a] - trace.number.v[b]);
    const counts = new Uint32Array(trace.tasks.length);
    for (let i = 0; i < n; i++)
        counts[task.v[i]]++;
    trace.byTask = Array.from(counts, (c) => new Uint32Array(c));
    counts.fill(0);
    for (const row of trace.order)
        trace.byTask[task.v[row]][counts[task.v[row]]++] = row;
}

async function loadTrace(progress) {
    const blocks = document.querySelectorAll("script[type='application/x-reprise']");
    let done = 0;
    for (const block of blocks) {
        const content = await unpack(block.textContent);
        if (block.dataset.kind === "rows")
            takeRows(content);
        else
            trace[block.dataset.kind] = content;
        block.remove();
        progress(++done / blocks.length);
    }
    indexTasks();
    trace.length = Math.max(1, trace.end.length);
}

// ---- what rows and tasks are called ----

function rowText(row) {
    const name = trace.names[trace.name.v[row]];
    return trace.flags.v[row] & FLAG_MOMENT ? `${name} ${trace.args[row]}`
        : `${name}(${trace.args[row]})`;
}

function rowLine(row) {
    return trace.results[row] ? `${rowText(row)} = ${trace.results[row]}` : rowText(row);
}

function taskName(k) {
    const task = trace.tasks[k];
    return task ? `${task.name} ${task.tid}` : "?";
}

// 1234567 ns: "1.234567 ms", with as many digits as `step` (ns) makes sense for
function duration(ns, step = 1) {
    const unit = ns >= 1e9 ? [1e9, "s"] : ns >= 1e6 ? [1e6, "ms"] : ns >= 1e3 ? [1e3, "\u00b5s"]
        : [1, "ns"];
    const digits = Math.max(0, Math.min(9, Math.ceil(Math.log10(unit[0] / step))));
    return (ns / unit[0]).toFixed(digits) + " " + unit[1];
}

function shortDuration(ns) {
    return duration(ns, Math.pow(10, Math.max(0, Math.floor(Math.log10(ns + 1)) - 2)));
}
