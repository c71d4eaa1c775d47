// The Worker's front step: what the runtime calls, and what it does after WebAssembly has trapped.
import { DurableObject } from "cloudflare:workers";
import * as rust from "./build/index.js";

// Rust's futures go on by queueMicrotask. The runtime's own costs several times what a promise does to the same end.
const settled = Promise.resolve();
globalThis.queueMicrotask = (task) => void settled.then(task);

// A trap, such as the end of the memory, leaves an instance of WebAssembly that nothing may be asked of any more: before
// the next call another one takes its place. (A panic is no trap: it fails its own request alone.)
const instance = rust.__worker_init_state();
let trapped = false;
const notice = (error) => void (trapped ||= error instanceof WebAssembly.RuntimeError);
addEventListener("error", ({ error }) => notice(error));
addEventListener("unhandledrejection", ({ reason }) => notice(reason));

function call(run) {
  if (trapped) {
    trapped = false;
    console.error("WebAssembly has trapped and begins anew");
    rust.__wbg_reset_state();
  }
  try {
    return run();
  } catch (error) {
    notice(error);
    throw error;
  }
}

// The classes that wasm-bindgen makes do not extend DurableObject, so the runtime refuses them RPC, which costs a third
// of what `fetch` to an object does. This wraps the Rust class and forwards each call.
const wrapping = (name) => class extends DurableObject {
  #object;
  #madeIn;
  /** Has the Rust object do something: made anew where the instance that it was made in is gone. */
  #do(run) {
    return call(() => {
      if (this.#madeIn !== instance.instanceId) {
        this.#object = new rust[name](this.ctx, this.env);
        this.#madeIn = instance.instanceId;
      }
      return run(this.#object);
    });
  }
  fetch(request) { return this.#do((object) => object.fetch(request)); }
  alarm() { return this.#do((object) => object.alarm()); }
  /** One turn of the object: JSON in, JSON out. */
  turn(command) { return this.#do((object) => object.turn(command)); }
};
export class Session extends wrapping("Session") {}
export class AuditLog extends wrapping("AuditLog") {}

export default {
  fetch: (request, env, ctx) => call(() => rust.fetch(request, env, ctx)),
  scheduled: (event, env, ctx) => call(() => rust.scheduled(event, env, ctx)),
};
