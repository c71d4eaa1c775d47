// What a program made with either TypeScript SDK brings along for OAuth.
import { randomUUID } from "node:crypto";
import { ask, settings } from "./conversation.mjs";

/** An OAuthClientProvider of either SDK that remembers everything while the program runs. */
export class Credentials {
  #state = randomUUID();
  /** What the person answered, until it is redeemed. A stream may ask while a call does: the person is asked once. */
  #answered;

  constructor(metadata) {
    this.redirectUrl = settings.redirect;
    this.clientMetadata = { redirect_uris: [settings.redirect], ...metadata };
  }

  /** Asks for less at first than the server proposes. */
  beginWith = ({ scope }) => void (this.firstScope = scope);
  state = () => this.#state;
  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  tokens = () => this.kept;
  codeVerifier = async () => (await this.#answered).verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovered;
  saveDiscoveryState = (discovered) => void (this.discovered = discovered);

  invalidateCredentials(scope) {
    if (scope === "tokens" || scope === "all") this.kept = undefined;
    if (scope === "client" || scope === "all") this.client = undefined;
  }

  saveTokens(tokens) {
    this.kept = tokens;
    this.#answered = undefined;
  }

  async redirectToAuthorization(url) {
    await (this.#answered ??= this.#authorize(url, this.verifier));
  }

  /** The parameters that the person came back with. */
  answer = async () => (await this.#answered).parameters;

  async #authorize(url, verifier) {
    if (this.firstScope) url.searchParams.set("scope", this.firstScope);
    this.firstScope = undefined;
    const { redirect } = await ask({ authorize: url.href });
    const parameters = new URL(redirect).searchParams;
    if (parameters.get("state") !== this.#state) throw new Error(`another state at ${redirect}`);
    return { parameters, verifier };
  }
}

/** Registrations are limited by network: each program is somewhere else, as Cloudflare would say. */
export function fetchFromElsewhere(address, request) {
  const headers = new Headers(request?.headers);
  headers.set("cf-connecting-ip", settings.address);
  return fetch(address, { ...request, headers });
}
