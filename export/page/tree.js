// The tree of processes: which lanes the timeline has, in which order, and their labels.
"use strict";

const LANE_HEIGHT = 18;

const tree = {
    rows: document.getElementById("tree-rows"),
    spacer: document.createElement("div"),
    lanes: [],          // places in trace.tasks, from top to bottom
    depth: [],          // of each lane
    laneOf: new Map(),  // task -> lane
    folded: new Set(),
    picked: -1,         // the task that the table is of, -1: all
    onPick: () => {},
    onMove: () => {},
};

function layLanes() {
    tree.lanes = [];
    tree.depth = [];
    const todo = trace.roots.map((k) => [k, 0]).reverse();
    while (todo.length > 0) {
        const [k, depth] = todo.pop();
        tree.lanes.push(k);
        tree.depth.push(depth);
        if (!tree.folded.has(k))
            for (let i = trace.tasks[k].children.length - 1; i >= 0; i--)
                todo.push([trace.tasks[k].children[i], depth + 1]);
    }
    tree.laneOf = new Map(tree.lanes.map((k, lane) => [k, lane]));
    tree.spacer.style.height = tree.lanes.length * LANE_HEIGHT + "px";
    drawTree();
    tree.onMove();
}

function part(className, text) {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    return span;
}

function laneElement(lane) {
    const k = tree.lanes[lane], task = trace.tasks[k];
    const div = document.createElement("div");
    div.className = k === tree.picked ? "lane picked" : "lane";
    div.style.top = lane * LANE_HEIGHT + "px";
    div.style.paddingLeft = Math.min(tree.depth[lane], 20) * 10 + 4 + "px";
    div.setAttribute("role", "treeitem");
    div.setAttribute("aria-level", tree.depth[lane] + 1);
    const fold = part("fold", task.children.length === 0 ? ""
        : tree.folded.has(k) ? "\u25b8" : "\u25be");
    if (task.children.length > 0) {
        div.setAttribute("aria-expanded", !tree.folded.has(k));
        fold.onclick = (event) => {
            event.stopPropagation();
            toggleFold(k);
        };
    }
    div.append(fold, task.name + " ", part("tid", task.thread ? `thread ${task.tid}` : task.tid));
    if (task.end !== "" && task.end !== "0")
        div.append(part("end bad", task.end));
    div.title = `${task.command || task.name}\n${task.thread ? "thread" : "process"} ${task.tid}` +
        (task.end === "" ? ", still there when the trace ends"
            : /^\d/.test(task.end) ? `, exited with ${task.end}` : `, ended by ${task.end}`);
    div.onclick = () => pickTask(k === tree.picked ? -1 : k);
    return div;
}

function drawTree() {
    const first = Math.floor(tree.rows.scrollTop / LANE_HEIGHT);
    const last = Math.min(tree.lanes.length,
        first + Math.ceil(tree.rows.clientHeight / LANE_HEIGHT) + 1);
    const shown = [tree.spacer];
    for (let lane = first; lane < last; lane++)
        shown.push(laneElement(lane));
    tree.rows.replaceChildren(...shown);
}

function toggleFold(k) {
    if (!tree.folded.delete(k))
        tree.folded.add(k);
    layLanes();
}

function pickTask(k) {
    tree.picked = k;
    drawTree();
    tree.onPick(k);
}

// Scrolls so that the task's lane can be seen, unfolding what hides it.
function showLane(k) {
    if (!tree.laneOf.has(k)) {
        tree.folded.clear();
        layLanes();
    }
    const top = tree.laneOf.get(k) * LANE_HEIGHT, view = tree.rows;
    if (top < view.scrollTop)
        view.scrollTop = top;
    else if (top + LANE_HEIGHT > view.scrollTop + view.clientHeight)
        view.scrollTop = top + LANE_HEIGHT - view.clientHeight;
}

function startTree() {
    document.getElementById("tree-head").textContent =
        `${trace.tasks.filter((t) => !t.thread).length} processes, ${trace.tasks.length} threads`;
    tree.rows.addEventListener("scroll", () => {
        drawTree();
        tree.onMove();
    });
    tree.rows.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step === undefined)
            return;
        event.preventDefault();
        const lane = Math.max(0, Math.min(tree.lanes.length - 1,
            (tree.laneOf.get(tree.picked) ?? -1) + step));
        pickTask(tree.lanes[lane]);
        showLane(tree.lanes[lane]);
    });
    layLanes();
}
