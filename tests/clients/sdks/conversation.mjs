// How a program talks with the test that runs it: one JSON value a line. The test gives commands, each answered with
// {"done": …} or {"failed": …}; before that the program may ask the test, which is its person, to do something.
import { randomUUID } from "node:crypto";
import readline from "node:readline";

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

export const settings = JSON.parse(process.argv[2]);

export async function ask(question) {
  say(question);
  return JSON.parse((await lines.next()).value);
}

/** Obeys commands until there are no more. */
export async function obey(commands) {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { command, ...parameters } = JSON.parse(line.value);
    try {
      say({ done: (await commands[command](parameters)) ?? null });
    } catch (error) {
      say({ failed: { code: error.code, message: String(error.stack ?? error), data: error.data } });
    }
  }
  process.exit(0);
}

/** An OAuthClientProvider of either SDK that remembers everything while the program runs. */
export class Credentials {
  #state = randomUUID();

  constructor(metadata) {
    this.redirectUrl = settings.redirect;
    this.clientMetadata = { redirect_uris: [settings.redirect], ...metadata };
  }

  state = () => this.#state;
  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  tokens = () => this.kept;
  saveTokens = (tokens) => void (this.kept = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovered;
  saveDiscoveryState = (discovered) => void (this.discovered = discovered);

  async redirectToAuthorization(url) {
    const { redirect } = await ask({ authorize: url.href });
    this.answer = new URL(redirect).searchParams;
    if (this.answer.get("state") !== this.#state) throw new Error(`another state at ${redirect}`);
  }
}
