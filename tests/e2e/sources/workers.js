// node: worker threads, timers, files, the thread pool, a server with its client, a child process.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const { execFile } = require('child_process');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

function work() {
    let sum = 0;
    for (let i = 0; i < 1e6; i++) {
        sum += Math.sqrt(i) * Math.random();
    }
    const cells = new Int32Array(workerData.shared);
    for (let i = 0; i < 1000; i++) {
        Atomics.add(cells, 0, 1);
    }
    parentPort.postMessage([workerData.number, sum, process.hrtime.bigint().toString()]);
}

function runWorker(number, shared) {
    return new Promise((resolve, reject) => {
        const worker = new Worker(__filename, { workerData: { number, shared } });
        worker.on('message', message => console.log(message));
        worker.on('error', reject);
        worker.on('exit', resolve);
    });
}

async function files() {
    const data = crypto.randomBytes(100000);
    await fs.promises.writeFile('random', data);
    const back = await fs.promises.readFile('random');
    assert(data.equals(back));
    console.log(crypto.createHash('sha256').update(back).digest('hex'));
    console.log((await fs.promises.stat('random')).mtimeMs, await fs.promises.readdir('.'));
    await new Promise(resolve => fs.createReadStream('random').pipe(fs.createWriteStream('copy')).on('finish', resolve));
    assert(data.equals(fs.readFileSync('copy')));
}

function derive(salt) {
    return new Promise((resolve, reject) => crypto.pbkdf2('password', salt, 2000, 16, 'sha256',
        (error, key) => error ? reject(error) : resolve(key.toString('hex'))));
}

function serve() {
    return new Promise(resolve => {
        const server = http.createServer((request, response) => response.end(`answer ${Math.random()}`));
        server.listen(0, '127.0.0.1', () => http.get({ port: server.address().port, agent: false }, response =>
            response.on('data', data => console.log(`${data}`)).on('end', () => server.close(resolve))));
    });
}

async function main() {
    console.log(process.pid, Math.random(), Date.now(), process.version);
    const shared = new SharedArrayBuffer(4);
    const workers = Promise.all([0, 1, 2].map(number => runWorker(number, shared)));
    const timers = Promise.all([0, 1, 2, 3, 4].map(i => new Promise(resolve =>
        setTimeout(() => { console.log('timer', i, performance.now()); resolve(); }, Math.random() * 20))));
    await files();
    console.log(await Promise.all(['a', 'b', 'c', 'd'].map(derive)));
    assert.deepStrictEqual(await workers, [0, 0, 0]);
    assert.strictEqual(new Int32Array(shared)[0], 3000);
    await timers;
    console.log(Atomics.wait(new Int32Array(shared), 0, 3000, 10));
    await serve();
    await new Promise(resolve => execFile('sh', ['-c', 'echo "child $$"; exit 3'], (error, output) => {
        assert.strictEqual(error.code, 3);
        console.log(output);
        resolve();
    }));
    global.gc?.();
    process.exitCode = 8;
}

if (isMainThread) {
    main();
} else {
    work();
}
