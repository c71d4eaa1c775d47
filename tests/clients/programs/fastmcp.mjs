// fastmcp's command line, which keeps its registration and tokens in files where it has a key to seal them with.
import { randomBytes } from "node:crypto";
import { run } from "./command_line.mjs";
import { obey, settings } from "./conversation.mjs";

const FASTMCP_OAUTH_ENCRYPTION_KEY = `${randomBytes(32).toString("base64url")}=`;
const fastmcp = (...options) => run(settings.mode, options, { FASTMCP_OAUTH_ENCRYPTION_KEY });

await obey({
  version: async () => (await fastmcp("--version")).trim(),
  tools: async () => JSON.parse(await fastmcp("list", settings.url, "--json")).tools.map((tool) => tool.name),
  call: async ({ tool, arguments: given }) =>
    JSON.parse(await fastmcp("call", settings.url, tool, "--input-json", JSON.stringify(given), "--json")),
});
