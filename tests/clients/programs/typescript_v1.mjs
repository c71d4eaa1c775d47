// An AI client made with the first TypeScript SDK.
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { changed, listChanged } from "./changes.mjs";
import { obey, settings, version } from "./conversation.mjs";
import { Credentials, fetchFromElsewhere } from "./credentials.mjs";

const credentials = new Credentials({
  client_name: "TypeScript SDK v1",
  grant_types: ["authorization_code", "refresh_token"],
});
const client = new Client(
  { name: "tests", version: "1" },
  { capabilities: { elicitation: { url: {} } }, listChanged },
);
const options = { authProvider: credentials, fetch: fetchFromElsewhere };
let transport;

const connect = () => client.connect((transport = new StreamableHTTPClientTransport(new URL(settings.url), options)));

/** Does something, and again should the person have had to let the client in. */
async function authorized(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport.finishAuth((await credentials.answer()).get("code"));
    return act();
  }
}

await obey({
  version: () => version("@modelcontextprotocol/sdk"),
  async connect({ document }) {
    credentials.clientMetadataUrl = document;
    await authorized(connect);
    return transport.protocolVersion;
  },
  tools: async () => (await authorized(() => client.listTools())).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) => authorized(() => client.callTool({ name: tool, arguments: given })),
  async callReporting({ tool, arguments: given }) {
    const reports = [];
    const options = { onprogress: (report) => reports.push(report) };
    return { result: await authorized(() => client.callTool({ name: tool, arguments: given }, undefined, options)), reports };
  },
  beginWith({ scope }) {
    // Asked to widen its scope, this SDK refreshes a token that it can refresh, and gives up.
    credentials.clientMetadata.grant_types = ["authorization_code"];
    credentials.beginWith({ scope });
  },
  changed,
  token: () => credentials.kept.access_token,
});
