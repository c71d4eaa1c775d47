// The command line of the MCP Inspector: each command is one run of it. Between runs it keeps its registration and its
// tokens in files; whenever those will not do, it listens for the callback and prints where the person has to go.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ask, installed, obey, settings, version } from "./conversation.mjs";
import { environment, folder, freePort } from "./folder.mjs";

const PACKAGE = "@modelcontextprotocol/inspector";
const launcher = fileURLToPath(new URL("clients/launcher/build/index.js", installed(PACKAGE)));
const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
const server = ["--server-url", settings.url, "--transport", "http", "--protocol-era", settings.mode];
const env = {
  ...environment,
  MCP_STORAGE_DIR: folder,
  MCP_INSPECTOR_SECRET_STORE: "file",
  MCP_AUTO_OPEN_ENABLED: "true", // without this it asks nobody when there is no terminal
};

let described = [];

/** The result that a run prints. */
async function run(...method) {
  const options = ["--cli", ...server, ...described, "--callback-url", callback, "--format", "json", "--method", ...method];
  const child = spawn(process.execPath, [launcher, ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const printed = text(child.stdout);
  let words = "";
  for await (const more of child.stderr.setEncoding("utf8")) {
    words += more;
    const asked = /navigate to: (\S+)\n/.exec(words);
    if (!asked) continue;
    words = words.replace(asked[0], "");
    await ask({ authorize: asked[1] });
  }
  if ((await ended) !== 0) throw new Error(`${words}${await printed}`);
  return JSON.parse(await printed).result;
}

await obey({
  version: () => version(PACKAGE),
  async connect({ document }) {
    if (document) described = ["--client-metadata-url", document];
    return (await run("initialize")).protocolVersion;
  },
  tools: async () => (await run("tools/list")).tools.map((tool) => tool.name),
  call: ({ tool, arguments: given }) =>
    run("tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(given)),
  // Tokens lie as JSON in a text of a JSON file.
  token: () => /"access_token\\*":\\*"([^"\\]+)/.exec(readFileSync(path.join(folder, "secrets.json"), "utf8"))[1],
});
