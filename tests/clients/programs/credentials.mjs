// What a program made with either TypeScript SDK brings along for OAuth.
import { randomUUID } from "node:crypto";
import { ask, settings } from "./conversation.mjs";

/** An OAuthClientProvider of either SDK that remembers everything while the program runs. */
export class Credentials {
  #state = randomUUID();

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
  saveTokens = (tokens) => void (this.kept = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovered;
  saveDiscoveryState = (discovered) => void (this.discovered = discovered);

  invalidateCredentials(scope) {
    if (scope === "tokens" || scope === "all") this.kept = undefined;
    if (scope === "client" || scope === "all") this.client = undefined;
  }

  async redirectToAuthorization(url) {
    if (this.firstScope) url.searchParams.set("scope", this.firstScope);
    this.firstScope = undefined;
    const { redirect } = await ask({ authorize: url.href });
    this.answer = new URL(redirect).searchParams;
    if (this.answer.get("state") !== this.#state) throw new Error(`another state at ${redirect}`);
  }
}

/** Registrations are limited by address: each program is somewhere else, as Cloudflare would say. */
export function fetchFromElsewhere(address, request) {
  const headers = new Headers(request?.headers);
  headers.set("cf-connecting-ip", settings.address);
  return fetch(address, { ...request, headers });
}
