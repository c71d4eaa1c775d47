// The built Worker with its bindings counted: what a call costs in stores and objects. Only for counting, not for
// measuring time. The Worker itself is unchanged; it finds counters where it expects bindings.
//
// GET /bench/counts: what each call used before its answer was under way, and all that was used until now.
import { WorkerEntrypoint } from "cloudflare:workers";
import worker, { Session as Counted } from "../dist/entry.js";

const total = { d1: 0, kv_reads: 0, kv_writes: 0, hops: 0 };
const calls = [];

/** An object like `target` with some of its methods replaced; each replacement is given the real method. */
const replacing = (target, methods) =>
  new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function" || name === "constructor") return value;
      const real = (...given) => Reflect.apply(value, target, given); // a method of an object's stub has no `bind`
      return Object.hasOwn(methods, name) ? (...given) => methods[name](real, ...given) : real;
    },
  });
const adding = (counter, amount = () => 1) => (real, ...given) => {
  total[counter] += amount(...given);
  return real(...given);
};

const real = new WeakMap();
function statement(prepared) {
  const once = adding("d1");
  const bind = (method, ...values) => statement(method(...values));
  const counted = replacing(prepared, { bind, all: once, first: once, raw: once, run: once });
  real.set(counted, prepared);
  return counted;
}
const database = (binding) =>
  replacing(binding, {
    prepare: (method, sql) => statement(method(sql)),
    batch(method, statements) {
      total.d1 += statements.length;
      return method(statements.map((counted) => real.get(counted) ?? counted));
    },
    exec: adding("d1"),
  });
const cache = (binding) => {
  const [read, write] = [adding("kv_reads"), adding("kv_writes")];
  return replacing(binding, { get: read, getWithMetadata: read, list: read, put: write, delete: write });
};
const sessions = (binding) => {
  const stub = (method, ...given) => replacing(method(...given), { turn: adding("hops"), fetch: adding("hops") });
  return replacing(binding, { get: stub, getByName: stub });
};
const counted = (environment) => ({
  ...environment,
  DB: database(environment.DB),
  CACHE: cache(environment.CACHE),
  SESSION: sessions(environment.SESSION),
});

export class Session extends Counted {
  constructor(state, environment) {
    super(state, counted(environment));
  }
}

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (new URL(request.url).pathname === "/bench/counts") return Response.json({ total, calls });
    const before = { ...total };
    const used = () => Object.fromEntries(Object.entries(total).map(([name, count]) => [name, count - before[name]]));
    // What is handed to waitUntil holds no answer up, though it may begin a moment before the answer leaves.
    let atAnswer;
    const waitUntil = this.ctx.waitUntil.bind(this.ctx);
    this.ctx.waitUntil = (promise) => {
      atAnswer ??= used();
      waitUntil(promise);
    };
    const response = await worker.fetch(request, counted(this.env), this.ctx);
    calls.push(atAnswer ?? used());
    return response;
  }
}
