// Runs the built Worker in workerd, as it would be deployed, beside an identity provider of its own. Reads one JSON
// command a line, writes one JSON reply a line behind an `@`; other lines are the tools' own words. Ends when its
// standard input does.
//
//   node tests/harness.mjs '{"dist": "dist", "variables": {…}, "record": "a folder, or null"}'
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { ServerResponse } from "node:http";
import readline from "node:readline";
import { createTestHarness } from "wrangler";
import { start as startIdentityProvider } from "../sandbox/identity-provider.mjs";
import { Record } from "./record.mjs";

const { dist, variables, record: folder } = JSON.parse(process.argv[2]);
const record = folder && new Record(folder);
const say = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);

// The test harness sends the Worker's own requests through this process. On the real network redirects come back to
// the Worker, and an answer that breaks off does not look like one that is still coming.
// Hosts of the public Internet are played here: what is in `documents` is served at its address, and whatever else
// the Worker wants of https is noted and out of reach.
const { fetch } = globalThis;
const documents = new Map();
const fetched = [];
const played = async (request) => {
  const { url, headers } = request;
  fetched.push({ url, headers: Object.fromEntries(headers), body: await request.clone().text() });
  const document = documents.get(url);
  if (!document) throw new TypeError(`nobody is at ${url}`);
  await new Promise((resolve) => setTimeout(resolve, document.delay ?? 0));
  return new Response(document.body, { status: document.status, headers: document.headers });
};
globalThis.fetch = async (address, init) => {
  const request = new Request(address, init);
  const isPublic = request.url.startsWith("https:");
  record?.asked(request);
  const answer = await (isPublic ? played(request) : fetch(request, { redirect: "manual" }));
  record?.answered(request, answer);
  return answer;
};
const { writeHead, end } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (...head) {
  this.strictContentLength = true;
  return writeHead.apply(this, head);
};
ServerResponse.prototype.end = function (...last) {
  try {
    return end.apply(this, last);
  } catch {
    return this.destroy();
  }
};

// A variable that is null is not set.
const set = (vars) => Object.fromEntries(Object.entries(vars).filter(([, value]) => value !== null));
const worker = (vars) => {
  record?.add("settings", { values: set(vars) });
  return { workers: [{ configPath: "wrangler.toml", prebuiltWorkerDir: dist, vars: set(vars) }] };
};
const server = createTestHarness(worker(variables));
const origin = (await server.listen()).url.origin;
const url = record ? await record.relay(origin) : origin;
const identity = await startIdentityProvider({ port: 0, redirectUris: [`${url}/callback/identity`] });
// The Worker's own address is known only now.
await server.update(worker({ ...variables, PUBLIC_URL: url, OIDC_ISSUER: identity.url }));
await server.getWorker().applyD1Migrations("DB");
say({ url });

const commands = {
  sql: async ({ sql, parameters = [] }) =>
    (await (await server.getWorker().getEnv()).DB.prepare(sql).bind(...parameters).all()).results,
  session: async ({ user, sql }) =>
    (await server.getWorker().getDurableObjectStorage("SESSION", { name: user })).exec(sql),
  evict: async ({ user }) => server.getWorker().evictDurableObject("SESSION", { name: user }),
  cron: async () => server.getWorker().scheduled({ cron: "*/5 * * * *", scheduledTime: new Date() }),
  logs: async () => server.getLogs(),
  serve: async ({ url, ...document }) => void documents.set(url, document),
  fetched: async () => fetched,
  forget: async ({ prefix }) => {
    const { CACHE } = await server.getWorker().getEnv();
    for (const { name } of (await CACHE.list({ prefix })).keys) await CACHE.delete(name);
  },
  // What an administrator of the identity provider does to somebody.
  person: async ({ username, changed }) => identity.change(username, changed),
  // A key pair as JWKs, and a JWT signed with one, or with the identity provider's where none is named.
  key: async ({ algorithm }) => {
    const pair = algorithm === "ES256" ? ["ec", { namedCurve: "P-256" }] : ["rsa", { modulusLength: 2048 }];
    const { privateKey, publicKey } = generateKeyPairSync(...pair);
    const members = { kid: randomUUID(), alg: algorithm };
    return {
      private: { ...privateKey.export({ format: "jwk" }), ...members },
      public: { ...publicKey.export({ format: "jwk" }), ...members },
    };
  },
  jwt: async ({ key = identity.signingKey, header, claims }) => {
    const parts = [{ alg: key.alg, kid: key.kid, ...header }, claims];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const by = { key: createPrivateKey({ key, format: "jwk" }), dsaEncoding: "ieee-p1363" };
    return `${signed}.${sign("sha256", signed, by).toString("base64url")}`;
  },
  variables: async ({ changed }) =>
    server.update(worker({ ...variables, PUBLIC_URL: url, OIDC_ISSUER: identity.url, ...changed })),
};
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  try {
    say({ ok: (await commands[command](parameters)) ?? null });
  } catch (error) {
    say({ error: String(error) });
  }
}
record?.add("log", { lines: server.getLogs() });
record?.keepStorage();
await server.close();
await identity.close();
record?.complete();
process.exit(0);
