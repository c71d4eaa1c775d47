// The limit with an object for each person: before it asks upstream, a call takes one turn of the object of whoever holds
// the token, and that turn makes one row durable. It checks no token, follows no protocol and decides nothing.
import { DurableObject } from "cloudflare:workers";
import { pullRequests } from "./pull_requests.js";

export class Person extends DurableObject {
  #sql;

  constructor(state, environment) {
    super(state, environment);
    this.#sql = state.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY, at INTEGER NOT NULL)");
  }

  /** Writes one row. The object's output gate holds the answer back until the row is durable. */
  turn(at) {
    this.#sql.exec("INSERT OR REPLACE INTO calls (id, at) VALUES (1, ?)", at);
    return at;
  }
}

export default {
  async fetch(request, environment) {
    await request.text();
    const token = request.headers.get("authorization");
    await environment.PERSON.getByName(token).turn(Date.now());
    return pullRequests(environment);
  },
};
