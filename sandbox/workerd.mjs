// Runs one bundled Worker on a socket of workerd's own, so that nothing but workerd stands between it and its clients.
// (`wrangler dev` and its test harness put a proxy in between, which costs more than the Worker and hides who hangs up.)
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as optionsOf, unstable_splitSqlQuery as split } from "wrangler";

const root = path.resolve(".");
const kinds = { ".wasm": "CompiledWasm", ".js": "ESModule", ".mjs": "ESModule" };

/** Starts it, with a bucket for checkpoints, which wrangler.toml leaves to the operator. config: whose bindings, date and flags count; entry: the main module; folder: where those that it imports
 * are; variables: added to those of the config; state: where databases and objects are kept; migrations: the folder
 * that database DB is made from, if it is new; onLog: told each line of the log, instead of this process's output;
 * twin: a port on which a second isolate of the same Worker answers, over the same stores and objects. */
export async function start({ config, entry, folder, port, variables, state, migrations, onLog, twin }) {
  const imported = folder ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  const files = [entry, ...imported.filter((file) => path.extname(file) in kinds && file !== entry)];
  const { modulesRules: _, assets: __, ...worker } = optionsOf(config).workerOptions;
  const modules = files.map((file) => {
    const type = kinds[path.extname(file)];
    return { type, path: path.resolve(file), contents: readFileSync(file, type === "ESModule" ? "utf8" : undefined) };
  });
  const isolate = (name, port, durableObjects) => ({
    ...worker,
    name,
    rootPath: root,
    modulesRoot: root,
    modules,
    bindings: { ...worker.bindings, ...variables },
    durableObjects,
    r2Buckets: { CHECKPOINTS: "checkpoints" },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  });
  const workers = [isolate("worker", port, worker.durableObjects)];
  if (twin) {
    const ofTheFirst = ([binding, object]) => [binding, { ...object, scriptName: "worker" }];
    workers.push(isolate("twin", twin, Object.fromEntries(Object.entries(worker.durableObjects).map(ofTheFirst))));
  }
  const options = convertV4MiniflareOptions({ cf: false, host: "127.0.0.1", port: 0, workers });
  options.resourcePersistencePath = state;
  if (onLog) options.handleStructuredLogs = onLog;
  const server = new Miniflare(options);
  await server.ready;
  if (migrations) await migrate(await server.getD1Database("DB", "worker"), migrations);
  return server;
}

async function migrate(database, migrations) {
  const { tables } = await database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'users'").first();
  const files = readdirSync(migrations).filter((file) => file.endsWith(".sql")).sort();
  const statements = files.flatMap((file) => split(readFileSync(path.join(migrations, file), "utf8")));
  if (tables === 0) await database.batch(statements.map((statement) => database.prepare(statement)));
}
