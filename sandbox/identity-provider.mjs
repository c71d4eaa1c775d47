// The sandbox's identity provider: npm's certified `oidc-provider`, with the accounts of the demo
// organisation and claims shaped as Keycloak shapes them.
//
//   node sandbox/identity-provider.mjs --port 8791 [--redirect-uri URI]… [--state FOLDER]
//   import { start } from './identity-provider.mjs'
//   start({ port, redirectUris, state }) -> { url, signingKey, change, close }
//
// `change(username, { disabled, roles, groups })` is what an administrator of the provider does to somebody.
//
// With a state folder the signing key survives a restart, as relying parties that cache it expect; all else is in
// memory. Every account's password is `postern`. Nothing here is fit for anything but a loopback address.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import Provider from 'oidc-provider';

const CLIENT_ID = 'postern';
const CLIENT_SECRET = 'sandbox-oidc-secret';
const PASSWORD = 'postern';
const DEFAULT_REDIRECT_URI = 'http://127.0.0.1:8750/callback/identity';
const LARGEST_FORM = 16 * 1024;

const PEOPLE = {
  developer: { name: 'Dana Developer', roles: ['postern-developer'], groups: ['/engineering'] },
  approver: { name: 'Alex Approver', roles: ['postern-approver'], groups: ['/engineering', '/release'] },
  admin: { name: 'Ada Admin', roles: ['postern-administrator', 'postern-approver'], groups: ['/platform'] },
};

/** What was changed of people since the start, by user name. */
const changes = new Map();

/** The person of that user name as they are now, or undefined: nobody, or disabled. */
function findPerson(username) {
  const person = originalPerson(username);
  const changed = changes.get(username);
  if (!person || changed?.disabled) return undefined;
  return { ...person, ...changed };
}

/** The person of that user name, or undefined. Names starting with `test-` exist on demand. */
function originalPerson(username) {
  if (Object.hasOwn(PEOPLE, username)) return PEOPLE[username];
  if (/^test-admin-[a-z0-9-]{1,60}$/.test(username)) {
    return { name: `Test administrator ${username}`, roles: ['postern-administrator', 'postern-approver'], groups: ['/platform'] };
  }
  if (/^test-[a-z0-9-]{1,60}$/.test(username)) {
    return { name: `Test user ${username}`, roles: ['postern-developer'], groups: ['/engineering'] };
  }
  return undefined;
}

/** Keycloak's `sub` is a UUID; this one follows from the user name, so that it survives a restart. */
function subjectOf(username) {
  const hex = createHash('sha256').update(`postern sandbox subject ${username}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function claimsOf(username, person) {
  return {
    sub: subjectOf(username),
    preferred_username: username,
    name: person.name,
    email: `${username}@acme.example`,
    email_verified: true,
    realm_access: { roles: ['default-roles-acme', 'offline_access', ...person.roles] },
    groups: person.groups,
  };
}

/** Keeps the provider's records in memory, as long as they live. The library's own says a warning at each start. */
class Memory {
  static records = new Map();
  static grants = new Map();

  constructor(kind) {
    this.kind = kind;
  }

  key(id) {
    return `${this.kind} ${id}`;
  }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id);
    Memory.records.set(key, { payload, expiresAt: Date.now() + expiresIn * 1000 });
    if (payload.grantId) {
      const keys = Memory.grants.get(payload.grantId) ?? new Set();
      Memory.grants.set(payload.grantId, keys.add(key));
    }
    if (payload.uid) Memory.records.set(`${this.kind} uid ${payload.uid}`, { id });
  }

  async find(id) {
    const record = Memory.records.get(this.key(id));
    if (record && record.expiresAt > Date.now()) return record.payload;
    Memory.records.delete(this.key(id));
    return undefined;
  }

  async findByUid(uid) {
    const record = Memory.records.get(`${this.kind} uid ${uid}`);
    return record && this.find(record.id);
  }

  async findByUserCode() {
    return undefined; // The device flow is off.
  }

  async consume(id) {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    Memory.records.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const key of Memory.grants.get(grantId) ?? []) Memory.records.delete(key);
    Memory.grants.delete(grantId);
  }
}

function newSigningKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') };
}

/** The signing key kept in the folder, made at the first start; without a folder, a new one. */
function signingKeyOf(state) {
  if (!state) return newSigningKey();
  const file = join(state, 'signing-key.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Error(`${file} cannot be used (${error.message}); remove it`);
  }
  const key = newSigningKey();
  mkdirSync(state, { recursive: true });
  writeFileSync(file, JSON.stringify(key), { mode: 0o600, flag: 'wx' });
  return key;
}

function configuration(redirectUris, usernames, signingKey) {
  return {
    clients: [{
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      client_name: 'Postern',
      redirect_uris: redirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      backchannel_logout_uri: new URL('/identity/backchannel-logout', redirectUris[0]).href,
      backchannel_logout_session_required: true,
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
    }],
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    adapter: Memory,
    pkce: { required: () => true },
    // Keycloak puts the claims into the ID token, where the certified default is the userinfo endpoint.
    conformIdTokenClaims: false,
    claims: {
      // Keycloak's `roles` scope is a default one: these come without being asked for.
      openid: ['sub', 'realm_access', 'groups'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 36_000, IdToken: 300, Interaction: 600, RefreshToken: 2_592_000, Session: 36_000 },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // Each refresh token is used once, as in a Keycloak realm with "Revoke Refresh Token" on.
    rotateRefreshToken: () => true,
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_context, subject) {
      const username = usernames.get(subject);
      const person = username && findPerson(username);
      return person && { accountId: subject, claims: async () => claimsOf(username, person) };
    },
    // The organisation's own client needs no consent page here, as a Keycloak client with
    // "consent required" off: a grant of all it asked for exists from the start. One for each session: codes of
    // another would be void as soon as a second tab signs in.
    async loadExistingGrant(context) {
      const { client, session, params, provider } = context.oidc;
      const granted = session.grantIdFor(client.clientId);
      const existing = granted && (await provider.Grant.find(granted));
      if (existing?.accountId === session.accountId) {
        existing.addOIDCScope(params.scope);
        await existing.save();
        return existing;
      }
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      await grant.save();
      return grant;
    },
    renderError(context, out) {
      context.type = 'html';
      context.body = page('Sign-in failed', `<p role="alert">${escape(out.error_description ?? out.error)}</p>`);
    },
  };
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function page(title, body) {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} – Acme sign-in (sandbox)</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 10vh auto; max-width: 22rem; padding: 0 1rem }
label { display: block; margin-top: 1rem } input, button { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
button { margin-top: 1.5rem } [role=alert] { border-left: .25rem solid #c9372c; padding-left: .75rem }
</style></head><body><main><h1>${escape(title)}</h1>${body}</main></body></html>`;
}

function loginPage(uid, username = '', error = undefined) {
  return page('Sign in to Acme', `
${error ? `<p role="alert" id="error">${escape(error)}</p>` : ''}
<form method="post" action="/interaction/${escape(uid)}">
<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" required value="${escape(username)}" ${username ? '' : 'autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 ${username ? 'autofocus' : ''} ${error ? 'aria-describedby="error"' : ''}>
<button type="submit">Sign in</button>
</form>
<p>Demo accounts: developer, approver, admin. Password: ${PASSWORD}</p>`);
}

function sendPage(response, status, html) {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}

async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LARGEST_FORM) throw new Error('the form is too large');
  }
  return new URLSearchParams(text);
}

/** The login page and its form. The library has bound both to the browser by the interaction cookie. */
async function interact(provider, usernames, request, response) {
  const { uid, prompt, params } = await provider.interactionDetails(request, response);
  if (request.method === 'GET' && prompt.name === 'login') {
    return sendPage(response, 200, loginPage(uid, params.login_hint));
  }
  if (request.method === 'GET' || prompt.name !== 'login') {
    // Only `prompt=consent` comes here, and there is nothing to ask.
    return provider.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true });
  }
  const form = await readForm(request);
  const username = form.get('username') ?? '';
  if (!findPerson(username) || form.get('password') !== PASSWORD) {
    return sendPage(response, 401, loginPage(uid, username, 'The user name or the password is wrong.'));
  }
  const accountId = subjectOf(username);
  usernames.set(accountId, username);
  return provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
}

/** Starts the provider on a loopback address; port 0 takes a free one. */
export async function start({ port = 8791, redirectUris = [DEFAULT_REDIRECT_URI], state } = {}) {
  const signingKey = signingKeyOf(state);
  const usernames = new Map(Object.keys(PEOPLE).map((username) => [subjectOf(username), username]));
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, configuration(redirectUris, usernames, signingKey));
  // Offline access is asked for silently, which Keycloak allows and the library never does. There is no consent page
  // here, so that `prompt=consent` is silent too.
  provider.use(async (context, next) => {
    const scopes = String(context.query.scope ?? '').split(' ');
    if (context.query.prompt === 'none' && scopes.includes('offline_access')) {
      context.query = { ...context.query, prompt: 'consent' };
    }
    await next();
  });
  // Some providers give an ID token at the sign-in alone, as OpenID Connect Core 1.0 §12.2 lets them.
  provider.use(async (context, next) => {
    await next();
    const { params, account } = context.oidc ?? {};
    const isRefresh = params?.grant_type === 'refresh_token' && context.body?.id_token;
    if (isRefresh && findPerson(usernames.get(account?.accountId))?.idTokenOnce) delete context.body.id_token;
  });
  const handleByLibrary = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return handleByLibrary(request, response);
    try {
      await interact(provider, usernames, request, response);
    } catch (error) {
      if (response.headersSent) response.end();
      else sendPage(response, 400, page('Sign-in expired', `<p role="alert">${escape(error.error_description ?? error.message)}. Go back and start again.</p>`));
    }
  });
  return {
    url,
    signingKey,
    change: (username, changed) => void changes.set(username, { ...changes.get(username), ...changed }),
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

const runsAsCommand = process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (runsAsCommand) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8791' },
      'redirect-uri': { type: 'string', multiple: true },
      state: { type: 'string' },
    },
  });
  try {
    const { url, close } = await start({ port: Number(values.port), redirectUris: values['redirect-uri'], state: values.state });
    console.log(`identity provider listening on ${url}`);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => close().then(() => process.exit(0)));
  } catch (error) {
    console.error(`identity provider: ${error.message}`);
    process.exit(1);
  }
}
