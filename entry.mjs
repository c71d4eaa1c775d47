// The Worker's front step. The classes that worker-build makes do not extend DurableObject, so the runtime refuses
// them RPC, which costs a third of what `fetch` to an object does. This wraps the Rust class and forwards each call.
import { DurableObject } from "cloudflare:workers";
import worker, * as rust from "./build/index.js";

// Rust's futures go on by queueMicrotask. The runtime's own costs several times what a promise does to the same end.
const settled = Promise.resolve();
globalThis.queueMicrotask = (task) => void settled.then(task);

export class Session extends DurableObject {
  #rust;
  constructor(state, env) {
    super(state, env);
    this.#rust = new rust.Session(state, env);
  }
  fetch(request) { return this.#rust.fetch(request); }
  alarm() { return this.#rust.alarm(); }
  /** One turn of the user's session: JSON in, JSON out. */
  turn(command) { return this.#rust.turn(command); }
}

export default worker;
