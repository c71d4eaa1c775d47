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

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { command, sql, parameters = [] } = JSON.parse(line);
  try {
    if (command !== "sql") throw new Error(`there is no ${command} here`);
    say({ ok: (await database.prepare(sql).bind(...parameters).all()).results });
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
