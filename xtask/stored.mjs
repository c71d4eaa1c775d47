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
// In a Session object, in an AuditLog object, and there as well: calls whose outcomes are awaited.
const ofJson = (column) => `${column} ->> 'phase' AS phase, ${column} ->> 'arguments_digest' AS digest`;
const kept = (database) => [
  ...rows(database, "outbox", `SELECT ${ofJson("record")} FROM outbox`),
  ...rows(database, "log", `SELECT ${ofJson("event")} FROM log`),
  ...rows(database, "admissions", "SELECT 'outcome' AS phase, NULL AS digest FROM admissions"),
];
const objects = databases(path.join(state, "do")).map(({ file, database }) => ({ file, kept: kept(database) }));
console.log(JSON.stringify({ events: inD1, objects }));
