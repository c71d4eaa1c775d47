// mcp-remote, which lends OAuth to programs that speak only to servers on the same machine. Here the first TypeScript
// SDK is such a program: it knows of no network, and everything that concerns authorization is mcp-remote's.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ask, installed, obey, settings, version } from "./conversation.mjs";
import { environment, folder, freePort } from "./folder.mjs";

const proxy = fileURLToPath(new URL("dist/proxy.js", installed("mcp-remote")));
const client = new Client({ name: "tests", version: "1" }, { capabilities: { elicitation: { url: {} } } });
let words = "";
let protocol;

/** Starts mcp-remote, and sends the person where it says. */
function start(options) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [proxy, settings.url, ...options],
    env: { ...environment, MCP_REMOTE_CONFIG_DIR: folder },
    stderr: "pipe",
  });
  transport.setProtocolVersion = (version) => void (protocol = version);
  transport.stderr.setEncoding("utf8").on("data", async (more) => {
    words += more;
    const asked = /authorize this client by visiting:\n(\S+)\n/.exec(words);
    if (!asked) return;
    words = words.replace(asked[0], "");
    await ask({ authorize: asked[1] });
  });
  return transport;
}

/** The revision that it speaks with the server, where it translates; it says so on another pipe than the answer's. */
async function spokenBeyond() {
  for (let waited = 0; waited < 50; waited++) {
    const said = /server speaks MCP ([\d-]+)/.exec(words);
    if (said) return said[1];
    await setTimeout(100);
  }
  throw new Error(words);
}

/** With its own words, should it fail. */
async function explained(act) {
  try {
    return await act();
  } catch (error) {
    throw Object.assign(error, { stack: `${error.stack}\n${words}` });
  }
}

await obey({
  version: () => version("mcp-remote"),
  async connect({ document }) {
    const options = [String(await freePort()), "--host", "127.0.0.1", "--protocol", settings.mode];
    if (document) options.push("--client-metadata-url", document);
    await explained(() => client.connect(start(options)));
    return settings.mode === "auto" ? spokenBeyond() : protocol;
  },
  tools: async () => (await explained(() => client.listTools())).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) => explained(() => client.callTool({ name: tool, arguments: given })),
  token() {
    const kept = path.join(folder, "mcp-remote-v1");
    const file = readdirSync(kept).find((name) => name.endsWith("_tokens.json"));
    return JSON.parse(readFileSync(path.join(kept, file))).access_token;
  },
});
