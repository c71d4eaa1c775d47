// Asks hosts that misbehave for something, through border.js in workerd: what is in the source, with nothing but workerd
// between it and the network. Prints what each exchange came to, as one JSON object by name.
//
//   node tests/border/border.mjs
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as optionsOf } from "wrangler";

const LIMIT = 5_000;
const MILLISECONDS = 1_500;
const zeros = Buffer.alloc(50_000_000);
const bombs = { br: brotliCompressSync(zeros), gzip: gzipSync(zeros) };

/** How long the Worker goes on after an exchange is over: its end would close whatever the exchange left open. */
const HOLD = 2_000;

/** When the host saw its connection closed before it had answered in full. */
const hungUp = new Map();
const endless = (response, piece, pause) => {
  const write = () => {
    if (!response.destroyed) response.write(piece, () => setTimeout(write, pause));
  };
  write();
};

const hosts = {
  "an answer": (response) => response.end("an answer"),
  "an answer in gzip": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("an answer")),
  "an answer in identity": (response) => response.writeHead(200, { "content-encoding": "identity" }).end("an answer"),
  "a bomb of known length": (response) =>
    response.writeHead(200, { "content-encoding": "br", "content-length": bombs.br.length }).end(bombs.br),
  "a bomb in chunks": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bombs.gzip),
  "a bomb behind a redirect": (response) =>
    response.writeHead(302, { location: "/an%20answer", "content-encoding": "br", "content-length": bombs.br.length }).end(bombs.br),
  "a bomb as an error": (response) => response.writeHead(500, { "content-encoding": "gzip" }).end(bombs.gzip),
  "a body longer than it may be": (response) => response.writeHead(200, { "content-length": LIMIT + 1 }).end(zeros.subarray(0, LIMIT + 1)),
  "a body as long as it may be": (response) => response.writeHead(200, { "content-length": LIMIT }).end(zeros.subarray(0, LIMIT)),
  "a body without an end": (response) => endless(response, zeros.subarray(0, 1_000), 0),
  "trailers": (response) => {
    response.writeHead(200, { trailer: "x-late" });
    response.write("an answer");
    response.addTrailers({ "x-late": "1" });
    response.end();
  },
  "a body that breaks off": (response) => {
    response.writeHead(200, { "content-length": 100 }).write("an answer");
    setTimeout(() => response.destroy(), 100);
  },
  "no answer": () => {},
  "a slow body": (response) => endless(response, "x", 200),
};

const server = createServer((request, response) => {
  const name = decodeURIComponent(request.url.slice(1));
  response.on("close", () => response.writableFinished || hungUp.set(name, Date.now()));
  response.setHeader("x-accept-encoding", request.headers["accept-encoding"] ?? "none");
  hosts[name](response);
}).listen(0, "127.0.0.1");
await new Promise((listening) => server.once("listening", listening));

const worker = `
  import * as border from "./border.js";
  const waiting = new Map();
  border.listen((id, kept, value) => waiting.get(id)?.(kept, value));
  export default {
    async fetch(request) {
      const { url, milliseconds, limit, decodes, headers } = await request.json();
      const id = waiting.size + 1;
      const [kept, value] = await new Promise((resolve) => {
        waiting.set(id, (...outcome) => resolve(outcome));
        border.exchange(id, url, "GET", headers, undefined, milliseconds, limit, decodes);
      });
      await scheduler.wait(${HOLD});
      if (!kept) return Response.json({ refused: value.name, detail: value.message });
      const { status, headers: received, body, truncated } = value;
      const [, accepted] = received.match(/x-accept-encoding\\n(.*)\\n/);
      const text = new TextDecoder().decode(body.subarray(0, 20));
      return Response.json({ status, accepted, length: body.byteLength, materialised: body.buffer.byteLength, text, truncated });
    },
  };`;
const { compatibilityDate, compatibilityFlags } = optionsOf("wrangler.toml").workerOptions;
const runtime = new Miniflare(
  convertV4MiniflareOptions({
    cf: false,
    host: "127.0.0.1",
    port: 0,
    workers: [
      {
        name: "border",
        compatibilityDate,
        compatibilityFlags,
        modules: [
          { type: "ESModule", path: "worker.js", contents: worker },
          { type: "ESModule", path: "border.js", contents: readFileSync("src/platform/workers/border.js", "utf8") },
        ],
      },
    ],
  }),
);
const address = await runtime.ready;
const outcomes = {};
const ask = async (name, decodes) => {
  const url = `http://127.0.0.1:${server.address().port}/${encodeURIComponent(name)}`;
  const headers = decodes ? "" : "accept-encoding\nidentity\n";
  const body = JSON.stringify({ url, milliseconds: MILLISECONDS, limit: LIMIT, decodes, headers });
  const outcome = await (await fetch(address, { method: "POST", body })).json();
  const isByItself = hungUp.has(name) && hungUp.get(name) < Date.now() - HOLD / 2;
  outcomes[`${name}${decodes ? "" : ", of a stranger"}`] = { ...outcome, hungUp: isByItself };
};
await Promise.all(Object.keys(hosts).map((name) => ask(name, true)));
hungUp.clear();
await Promise.all(["an answer", "an answer in gzip", "an answer in identity", "a bomb of known length", "a bomb in chunks"].map((name) => ask(name, false)));
console.log(JSON.stringify(outcomes));
await runtime.dispose();
process.exit(0);
