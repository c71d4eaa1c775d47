// Reads what a Postern stored on this machine, from the files of workerd and beside it: the audit log in D1, and what each
// object still keeps for D1. Prints one JSON object.
//
//   node xtask/stored.mjs FOLDER
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

const [state] = process.argv.slice(2);
const databases = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => name.endsWith(".sqlite") && path.basename(name) !== "metadata.sqlite")
        .map((name) => path.join(folder, name))
        .map((file) => ({ file, database: new DatabaseSync(file, { readOnly: true }) }))
    : [];
const rows = (database, table, select) => {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table);
  return exists ? database.prepare(select).all() : [];
};

const columns = "kind, phase, part, request_id, count, arguments_digest AS digest";
const inD1 = databases(path.join(state, "d1")).flatMap(({ database }) =>
  rows(database, "events", `SELECT ${columns} FROM events ORDER BY position`),
);
// In a Session object, in an AuditLog object, and in both: how many calls were let run, and whose outcomes are awaited.
const ofJson = (column) => `${column} ->> 'phase' AS phase, ${column} ->> 'arguments_digest' AS digest`;
const unaccounted = "CASE event ->> 'kind' WHEN 'unaccounted' THEN event ->> 'count' ELSE 0 END";
const kept = (database) => [
  ...rows(database, "outbox", `SELECT ${ofJson("record")}, 0 AS calls FROM outbox`),
  ...rows(database, "log", `SELECT ${ofJson("event")}, ${unaccounted} AS calls FROM log`),
  ...rows(database, "admissions", "SELECT 'outcome' AS phase, NULL AS digest, calls FROM admissions"),
];
const objects = databases(path.join(state, "do")).map(({ file, database }) => ({ file, kept: kept(database) }));
console.log(JSON.stringify({ events: inD1, objects }));
