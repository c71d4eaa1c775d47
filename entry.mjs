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

// What worker-build makes of the handlers is a class, behind proxies that start WebAssembly anew after it has trapped. To
// be made for each request takes 4 % of a call, so its handler is called as it is while nothing has trapped.
const state = globalThis.__worker_init_state ?? { criticalError: true };
const answer = worker.prototype.fetch;

function fetch(request, env, ctx) {
  if (state.criticalError) return new worker(ctx, env).fetch(request);
  try {
    return answer.call({ env, ctx }, request);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
    throw error;
  }
}

export default { fetch, scheduled: (event, env, ctx) => new worker(ctx, env).scheduled(event) };
