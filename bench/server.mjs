// Serves one bundled Worker on a socket of workerd's own, so that nothing but workerd stands between it and whoever
// measures it. (`wrangler dev` puts a proxy in between that costs more than the Worker.)
//
//   node bench/server.mjs '{"config": "wrangler.toml", "entry": "dist/entry.js", "port": 9000, …}'
//
// Says `starting` just before it starts workerd, and `ready` when that listens. Ends with its process group.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as optionsOf, unstable_splitSqlQuery as split } from "wrangler";

/** config: whose bindings, date and flags count; entry: the main module; folder: where those that it imports are;
 * variables: added to those of the config; state: where databases and objects are kept; migrations: the folder that
 * database DB is made from, if it is new. */
const { config, entry, folder, port, variables, state, migrations } = JSON.parse(process.argv[2]);

const root = path.resolve(".");
const kinds = { ".wasm": "CompiledWasm", ".js": "ESModule", ".mjs": "ESModule" };
const imported = folder ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
const files = [entry, ...imported.filter((file) => path.extname(file) in kinds && file !== entry)];
const { modulesRules: _, assets: __, ...worker } = optionsOf(config).workerOptions;
const options = convertV4MiniflareOptions({
  cf: false,
  host: "127.0.0.1",
  port: 0,
  workers: [
    {
      ...worker,
      name: "worker",
      rootPath: root,
      modulesRoot: root,
      modules: files.map((file) => {
        const type = kinds[path.extname(file)];
        return { type, path: path.resolve(file), contents: readFileSync(file, type === "ESModule" ? "utf8" : undefined) };
      }),
      bindings: { ...worker.bindings, ...variables },
      unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    },
  ],
});
options.resourcePersistencePath = state;

console.log("starting");
const server = new Miniflare(options);
await server.ready;
if (migrations) {
  const database = await server.getD1Database("DB");
  const { tables } = await database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'users'").first();
  const statements = readdirSync(migrations).sort().flatMap((file) => split(readFileSync(path.join(migrations, file), "utf8")));
  if (tables === 0) await database.batch(statements.map((statement) => database.prepare(statement)));
}
console.log("ready");
