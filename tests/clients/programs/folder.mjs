// For programs that keep their tokens in files and open the person's browser by themselves.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

/** A home for one program, gone when that ends. */
export const folder = mkdtempSync(path.join(tmpdir(), "postern-client-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

// The browser that such programs find notes the address; the test's person goes there.
const opener = path.join(folder, "bin/open");
const addresses = path.join(folder, "opened");
mkdirSync(path.dirname(opener));
writeFileSync(addresses, "");
writeFileSync(opener, `#!/bin/sh\nprintf '%s\\n' "$1" >> '${addresses}'\n`);
chmodSync(opener, 0o755);
symlinkSync("open", path.join(folder, "bin/xdg-open"));

/** The addresses that were opened in the browser, the first one first. */
export const opened = () => readFileSync(addresses, "utf8").split("\n").slice(0, -1);

const NOWHERE = "http://127.0.0.1:9"; // the discard port

const KEPT = ["LANG", "LD_LIBRARY_PATH", "TMPDIR"];

/**
 * The environment of a program that lives there: nothing that a developer set for their own clients is in it. What the
 * program wants of other machines, it does not get.
 */
export const environment = {
  ...Object.fromEntries(KEPT.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : []))),
  HOME: folder,
  BROWSER: opener,
  DISPLAY: ":0", // without a display some look for no browser
  PATH: `${path.dirname(opener)}${path.delimiter}${process.env.PATH}`,
  ...Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()].map((name) => [name, NOWHERE])),
  ),
  NO_PROXY: "127.0.0.1,localhost",
  no_proxy: "127.0.0.1,localhost",
};

/** A port for the callback that nobody listens on yet. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
