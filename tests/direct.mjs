// Runs the built Worker like harness.mjs, whose protocol it speaks, but on a socket of workerd's own: between a client
// and the Worker there is nothing that would keep a connection open which the client has closed. On record is all but
// what the Worker asked of others, which does not pass through this process.
//
//   node tests/direct.mjs '{"dist": "dist", "variables": {…}, "record": "a folder, or null"}'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as optionsOf, unstable_splitSqlQuery as split } from "wrangler";
import { start as startIdentityProvider } from "../sandbox/identity-provider.mjs";
import { Record } from "./record.mjs";

const { dist, variables, record: folder } = JSON.parse(process.argv[2]);
const record = folder && new Record(folder);
const say = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const url = record ? await record.relay(origin) : origin;
record?.add("settings", { values: variables });
const identity = await startIdentityProvider({ port: 0, redirectUris: [`${url}/callback/identity`] });

const kinds = { ".wasm": "CompiledWasm", ".js": "ESModule", ".mjs": "ESModule" };
const entry = path.join(dist, "entry.js");
const others = readdirSync(dist).map((name) => path.join(dist, name)).filter((file) => path.extname(file) in kinds && file !== entry);
const { modulesRules: _, assets: __, ...worker } = optionsOf("wrangler.toml").workerOptions;
const state = mkdtempSync(path.join(tmpdir(), "postern-direct-"));
const options = convertV4MiniflareOptions({
  cf: false,
  host: "127.0.0.1",
  port: 0,
  workers: [
    {
      ...worker,
      name: "worker",
      rootPath: path.resolve("."),
      modulesRoot: path.resolve("."),
      modules: [entry, ...others].map((file) => {
        const type = kinds[path.extname(file)];
        return { type, path: file, contents: readFileSync(file, type === "ESModule" ? "utf8" : undefined) };
      }),
      bindings: { ...worker.bindings, ...variables, PUBLIC_URL: url, OIDC_ISSUER: identity.url },
      unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    },
  ],
});
options.resourcePersistencePath = state;
const lines = [];
options.handleStructuredLogs = (line) => lines.push(line);

const server = new Miniflare(options);
await server.ready;
const database = await server.getD1Database("DB");
const migrations = readdirSync("migrations").sort().map((file) => readFileSync(path.join("migrations", file), "utf8"));
await database.batch(migrations.flatMap(split).map((statement) => database.prepare(statement)));
say({ url });

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
