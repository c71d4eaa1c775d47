// Runs the built Worker like harness.mjs, whose protocol it speaks, but on a socket of workerd's own: between a client
// and the Worker there is nothing that would keep a connection open which the client has closed. On record is all but
// what the Worker asked of others, which does not pass through this process, and what its second isolate was asked.
//
//   node tests/direct.mjs '{"dist": "dist", "entry": "dist/entry.js", "variables": {…}, "record": "a folder, or null"}'
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { start as startIdentityProvider } from "../sandbox/identity-provider.mjs";
import { start } from "../sandbox/workerd.mjs";
import { Record } from "./record.mjs";

const { dist, entry, variables, record: folder } = JSON.parse(process.argv[2]);
const record = folder && new Record(folder);
const say = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const [port, twin] = [await freePort(), await freePort()];
const origin = `http://127.0.0.1:${port}`;
const url = record ? await record.relay(origin) : origin;
record?.add("settings", { values: variables });
const identity = await startIdentityProvider({ port: 0, redirectUris: [`${url}/callback/identity`] });

const state = mkdtempSync(path.join(tmpdir(), "postern-direct-"));
const lines = [];
const server = await start({
  config: "wrangler.toml",
  entry,
  folder: dist,
  port,
  variables: { ...variables, PUBLIC_URL: url, OIDC_ISSUER: identity.url },
  state,
  migrations: "migrations",
  onLog: (line) => lines.push(line),
  twin,
});
const database = await server.getD1Database("DB", "worker");
say({ url, twin: `http://127.0.0.1:${twin}` });

const commands = {
  sql: async ({ sql, parameters = [] }) => (await database.prepare(sql).bind(...parameters).all()).results,
  cron: async () => (await server.getWorker("worker")).scheduled({ cron: "*/5 * * * *", scheduledTime: new Date() }),
  // What is in the bucket below that name; with `text` once this is there, and without what is there where it is null.
  bucket: async ({ prefix, text }) => {
    const bucket = await server.getR2Bucket("CHECKPOINTS", "worker");
    if (text === null) await bucket.delete(prefix);
    if (text) await bucket.put(prefix, text);
    const { objects } = await bucket.list({ prefix });
    return Promise.all(objects.map(async ({ key }) => [key, await (await bucket.get(key)).text()]));
  },
};
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  try {
    say({ ok: (await commands[command](parameters)) ?? null });
  } catch (error) {
    say({ error: String(error) });
  }
}
record?.add("log", { lines });
record?.keepStorage();
await server.dispose();
await identity.close();
record?.complete();
rmSync(state, { recursive: true, force: true });
process.exit(0);
