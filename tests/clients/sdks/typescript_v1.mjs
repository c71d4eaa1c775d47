// An AI client made with the first TypeScript SDK.
import { readFileSync } from "node:fs";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Credentials, obey, settings } from "./conversation.mjs";

const manifest = new URL("../../../node_modules/@modelcontextprotocol/sdk/package.json", import.meta.url);
const { name, version } = JSON.parse(readFileSync(manifest));
const credentials = new Credentials({
  client_name: "TypeScript SDK v1",
  grant_types: ["authorization_code", "refresh_token"],
});
const client = new Client({ name: "tests", version: "1" }, { capabilities: { elicitation: { url: {} } } });
const transport = () => new StreamableHTTPClientTransport(new URL(settings.url), { authProvider: credentials });

await obey({
  async connect() {
    const first = transport();
    try {
      await client.connect(first);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await first.finishAuth(credentials.answer.get("code"));
      await client.connect(transport());
    }
    return { sdk: `${name} ${version}`, protocol: client.transport.protocolVersion };
  },
  tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) => client.callTool({ name: tool, arguments: given }),
  token: () => credentials.kept.access_token,
  replace: ({ token }) => void (credentials.kept = { ...credentials.kept, access_token: token }),
});
