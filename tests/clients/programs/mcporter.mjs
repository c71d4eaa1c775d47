// mcporter, a command line that keeps its servers and tokens in files; each command is one run of it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command_line.mjs";
import { installed, obey, settings, version } from "./conversation.mjs";
import { folder } from "./folder.mjs";

const command = fileURLToPath(new URL("dist/cli.js", installed("mcporter")));
const mcporter = (...options) => run(process.execPath, [command, ...options]);

await obey({
  version: () => version("mcporter"),
  async connect() {
    await mcporter("config", "add", "postern", settings.url);
    await mcporter("auth", "postern");
  },
  tools: async () => JSON.parse(await mcporter("list", "postern", "--json")).tools.map((tool) => tool.name),
  async call({ tool, arguments: given }) {
    const text = await mcporter("call", `postern.${tool}`, "--args", JSON.stringify(given), "--output", "text");
    return { content: [{ type: "text", text }] };
  },
  token: () => /"access_token": *"([^"]+)"/.exec(readFileSync(path.join(folder, ".mcporter/credentials.json"), "utf8"))[1],
});
