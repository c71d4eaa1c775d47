// Puts one Postern on record, for the search for leaked secrets that follows all tests (xtask/src/leaks): the bytes
// between clients and the Worker, whom the Worker asked and which tokens it was given, its settings, its log, and the
// files of its database, cache and objects. A line of `record.jsonl` is an entry; the last one says that it is complete.
import { appendFileSync, cpSync, mkdirSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";

export class Record {
  #folder;
  #temporary;
  #connections = new Set();
  #relay;

  // Whatever this process and its children keep in temporary files is a part of the record from now on.
  constructor(folder) {
    this.#folder = `${folder}-${process.pid}`;
    this.#temporary = path.join(this.#folder, "temporary");
    mkdirSync(this.#temporary, { recursive: true });
    process.env.TMPDIR = this.#temporary;
  }

  add(kind, entry) {
    appendFileSync(path.join(this.#folder, "record.jsonl"), `${JSON.stringify({ kind, ...entry })}\n`);
  }

  // An address at which that origin is reached. Bytes pass as they are; what breaks on one side breaks on the other.
  async relay(origin) {
    const { hostname, port } = new URL(origin);
    this.#relay = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const worker = connect({ host: hostname, port, allowHalfOpen: true, noDelay: true });
      const connection = { open: 2, sent: [], received: [] };
      this.#connections.add(connection);
      const sides = [
        [client, worker, connection.sent],
        [worker, client, connection.received],
      ];
      for (const [from, to, bytes] of sides) {
        from.on("data", (chunk) => bytes.push(chunk)).pipe(to);
        from.on("error", () => to.resetAndDestroy());
        from.on("close", () => (connection.open -= 1) || this.#keep(connection));
      }
    });
    await new Promise((resolve) => this.#relay.listen(0, hostname, resolve));
    return `http://${hostname}:${this.#relay.address().port}`;
  }

  #keep(connection) {
    if (!this.#connections.delete(connection)) return;
    const base64 = (chunks) => Buffer.concat(chunks).toString("base64");
    this.add("connection", { sent: base64(connection.sent), received: base64(connection.received) });
  }

  // A request of the Worker's own.
  asked({ url }) {
    this.add("asked", { url });
  }

  // What the Worker is answered is read aside where it may be tokens.
  answered({ method, url }, answer) {
    if (method !== "POST" || !answer.ok || !/token$/.test(new URL(url).pathname)) return;
    answer.clone().text().then((body) => this.add("issued", { body }), () => {});
  }

  // Call it when nobody uses the Worker any more, and while what it stored is still there.
  keepStorage() {
    for (const connection of this.#connections) this.#keep(connection);
    this.#relay.close();
    const isData = (file) => statSync(file).isDirectory() || statSync(file).isFile();
    cpSync(this.#temporary, path.join(this.#folder, "storage"), { recursive: true, filter: isData });
  }

  complete() {
    rmSync(this.#temporary, { recursive: true, force: true });
    this.add("complete");
  }
}
