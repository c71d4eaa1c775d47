// An AI client made with the second TypeScript SDK, which speaks both eras of the protocol.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { changed, listChanged } from "./changes.mjs";
import { ask, obey, settings, version } from "./conversation.mjs";
import { Credentials, fetchFromElsewhere } from "./credentials.mjs";

const credentials = new Credentials({ client_name: "TypeScript SDK v2", token_endpoint_auth_method: "none" });
const client = new Client(
  { name: "tests", version: "1" },
  { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: settings.mode }, listChanged },
);
client.setRequestHandler("elicitation/create", ({ params }) => ask({ open: params.url }));
const options = { authProvider: credentials, fetch: fetchFromElsewhere };
let transport;

const connect = () => client.connect((transport = new StreamableHTTPClientTransport(new URL(settings.url), options)));

/** Does something, and again should the person have had to let the client in. */
async function authorized(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport.finishAuth(await credentials.answer());
    return act();
  }
}

await obey({
  version: () => version("@modelcontextprotocol/client"),
  async connect({ document }) {
    credentials.clientMetadataUrl = document;
    await authorized(connect);
    return client.getNegotiatedProtocolVersion();
  },
  tools: async () => (await authorized(() => client.listTools())).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) => authorized(() => client.callTool({ name: tool, arguments: given })),
  async callReporting({ tool, arguments: given }) {
    const reports = [];
    const options = { onprogress: (report) => reports.push(report) };
    return { result: await authorized(() => client.callTool({ name: tool, arguments: given }, options)), reports };
  },
  beginWith: credentials.beginWith,
  changed,
  token: () => credentials.kept.access_token,
});
