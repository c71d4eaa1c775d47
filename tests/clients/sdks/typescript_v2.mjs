// An AI client made with the second TypeScript SDK, which speaks both eras of the protocol.
import { readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { ask, Credentials, obey, settings } from "./conversation.mjs";

const manifest = new URL("../../../node_modules/@modelcontextprotocol/client/package.json", import.meta.url);
const { name, version } = JSON.parse(readFileSync(manifest));
const credentials = new Credentials({ client_name: "TypeScript SDK v2", token_endpoint_auth_method: "none" });
const client = new Client(
  { name: "tests", version: "1" },
  { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: settings.mode } },
);
client.setRequestHandler("elicitation/create", ({ params }) => ask({ open: params.url }));
const transport = () => new StreamableHTTPClientTransport(new URL(settings.url), { authProvider: credentials });

await obey({
  async connect() {
    const first = transport();
    try {
      await client.connect(first);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await first.finishAuth(credentials.answer);
      await client.connect(transport());
    }
    return { sdk: `${name} ${version}`, protocol: client.getNegotiatedProtocolVersion() };
  },
  tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) => client.callTool({ name: tool, arguments: given }),
  token: () => credentials.kept.access_token,
  replace: ({ token }) => void (credentials.kept = { ...credentials.kept, access_token: token }),
});
