// For clients that are commands: each run of one ends by itself, and may open its person's browser before.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { ask } from "./conversation.mjs";
import { environment, folder, opened } from "./folder.mjs";

let seen = 0;

/** Sends the person to the addresses that were opened since. Whoever opened one listens for them at its callback. */
async function visit() {
  for (const address of opened().slice(seen)) {
    seen += 1;
    await ask({ authorize: address });
  }
}

// Some sign their person in only at a terminal.
const TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

/** The same as `run`, at a terminal where nobody types anything. */
export const runAtTerminal = (command, options, added) =>
  run("python3", ["-c", TERMINAL, command, ...options], added);

/** Runs a command in its home; what it printed, should it succeed. */
export async function run(command, options, added = {}) {
  const child = spawn(command, options, {
    cwd: folder,
    env: { ...environment, ...added },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let ended = false;
  const status = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => (ended = true));
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  while (!ended) {
    await Promise.race([setTimeout(50), status]);
    await visit();
  }
  const [output, words] = await printed;
  if ((await status) !== 0) throw new Error(`${command} ${options.join(" ")}: ${await status}\n${words}${output}`);
  return output;
}
