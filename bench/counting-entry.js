// The built Worker with its bindings counted: what a call costs in stores and objects. Only for counting, not for
// measuring time. The Worker itself is unchanged; it finds counters where it expects bindings.
//
// GET /bench/counts: what each call used before its answer was under way, and all that was used until now.
import { WorkerEntrypoint } from "cloudflare:workers";
import worker, * as entry from "../dist/entry.js";

const total = { d1: 0, d1_round_trips: 0, d1_rows_read: 0, kv_reads: 0, kv_writes: 0, hops: 0, audit_writes: 0, audit_rows: 0 };
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

const APPENDS = /^\s*INSERT\b.*?\bINTO\s+events/is;
/** Counts what a statement read, by D1's own count, and what it did, if it was one that appends to the audit log. */
function notice(sql, result) {
  total.d1_rows_read += result?.meta?.rows_read ?? 0;
  if (!APPENDS.test(sql)) return;
  total.audit_writes += 1;
  total.audit_rows += result?.meta?.changes ?? 0;
}

/** Of each statement that was wrapped: the real one and its SQL. */
const real = new WeakMap();
function statement(prepared, sql) {
  const once = async (method, ...values) => {
    total.d1 += 1;
    total.d1_round_trips += 1;
    const result = await method(...values);
    notice(sql, result);
    return result;
  };
  const bind = (method, ...values) => statement(method(...values), sql);
  const counted = replacing(prepared, { bind, all: once, first: once, raw: once, run: once });
  real.set(counted, { prepared, sql });
  return counted;
}
const database = (binding) =>
  replacing(binding, {
    prepare: (method, sql) => statement(method(sql), sql),
    async batch(method, statements) {
      total.d1 += statements.length;
      total.d1_round_trips += 1;
      const results = await method(statements.map((counted) => real.get(counted).prepared));
      statements.forEach((counted, index) => notice(real.get(counted).sql, results[index]));
      return results;
    },
  });
const cache = (binding) => {
  const [read, write] = [adding("kv_reads"), adding("kv_writes")];
  return replacing(binding, { get: read, getWithMetadata: read, list: read, put: write, delete: write });
};
const objects = (binding) => {
  const stub = (method, ...given) =>
    new Proxy(method(...given), {
      get(target, name) {
        const value = target[name];
        if (typeof value !== "function") return value;
        // Every method of a stub is a call to its object.
        return (...values) => ((total.hops += 1), target[name](...values));
      },
    });
  return replacing(binding, { get: stub, getByName: stub });
};
const counted = ({ DB, CACHE, ...others }) => {
  const environment = { ...others, DB: database(DB), CACHE: cache(CACHE) };
  for (const [name, binding] of Object.entries(others)) {
    if (typeof binding?.idFromName === "function") environment[name] = objects(binding);
  }
  return environment;
};
const counting = (Class) =>
  class extends Class {
    constructor(state, environment) {
      super(state, counted(environment));
    }
  };

export const Session = counting(entry.Session);
export const AuditLog = counting(entry.AuditLog);

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
