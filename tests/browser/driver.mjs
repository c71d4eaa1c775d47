// A real Chromium for the browser tests. Reads one JSON command a line and writes one JSON reply a line; ends, the
// browser with it, when its standard input does.
//
//   node tests/browser/driver.mjs /usr/bin/chromium
import readline from "node:readline";
import axe from "axe-core";
import { chromium } from "playwright-core";

const TIMEOUT = 20_000;
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--disable-gpu", "--disable-quic", "--no-first-run"],
});
const visitors = [];
say({ ok: null });

/** Somebody's browser profile with one tab; remembers what the console complained about. */
async function open({ scheme, width, height }) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height } });
  context.setDefaultTimeout(TIMEOUT);
  const page = await context.newPage();
  const complaints = [];
  const pages = new Set();
  page.on("request", (request) => request.isNavigationRequest() && pages.add(request.url()));
  page.on("console", (message) => {
    const { url } = message.location();
    // Chromium complains of every page whose status is an error; the page itself may be quite right.
    const isStatus = pages.has(url) && message.text().startsWith("Failed to load resource: the server responded");
    const isComplaint = ["error", "warning"].includes(message.type()) && !isStatus;
    if (isComplaint) complaints.push(`${page.url()} (${url}): ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error}`));
  return visitors.push({ context, page, complaints }) - 1;
}

/** From now on each request of the page takes that many milliseconds longer. */
async function slowDown(page, latency) {
  const slow = { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 };
  await (await page.context().newCDPSession(page)).send("Network.emulateNetworkConditions", slow);
}

const commands = {
  goto: async ({ page }, { url }) => void (await page.goto(url)),
  click: async ({ page }, { role, name }) => page.getByRole(role, { name, exact: true }).click(),
  // Clicks twice without waiting for the first click's page, on a network that slow.
  click_twice: async ({ page }, { role, name, pause, latency }) => {
    await slowDown(page, latency);
    const button = page.getByRole(role, { name, exact: true });
    await button.scrollIntoViewIfNeeded();
    const box = await button.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (const wait of [pause, 0]) {
      await page.mouse.down();
      await page.mouse.up();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  },
  slow_down: async ({ page }, { latency }) => slowDown(page, latency),
  untick: async ({ page }, { label }) => page.getByLabel(label).uncheck(),
  fill: async ({ page }, { label, value }) => page.getByLabel(label, { exact: true }).fill(value),
  choose: async ({ page }, { label, value }) => void (await page.getByLabel(label, { exact: true }).selectOption(value)),
  press: async ({ page }, { key }) => page.keyboard.press(key),
  type: async ({ page }, { text }) => page.keyboard.type(text),
  // What has the keyboard's focus, by the name that a screen reader says, and whether anybody could see that.
  focus: async ({ page }) =>
    page.evaluate(() => {
      const element = document.activeElement;
      const name = element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? element.innerText ?? "";
      return { name: name.trim(), visible: getComputedStyle(element).outlineStyle !== "none" };
    }),
  see: async ({ page }, { text }) => page.getByText(text, { exact: false }).first().waitFor(),
  heading: async ({ page }) => page.getByRole("heading", { level: 1 }).innerText(),
  rows: async ({ page }) => page.locator("tbody tr").allInnerTexts(),
  row: async ({ page }, { holding }) => page.locator("tbody tr", { hasText: holding }).innerText(),
  text: async ({ page }) => page.locator("body").innerText(),
  arrive: async ({ page }, { url }) => page.waitForURL((address) => address.href.startsWith(url)),
  url: async ({ page }) => page.url(),
  frames: async ({ page }) => {
    await page.waitForLoadState("networkidle");
    return page.frames().slice(1).map((frame) => frame.url());
  },
  cookies: async ({ context }) => context.cookies(),
  evaluate: async ({ page }, { script }) => page.evaluate(script),
  // What axe finds against the rules of WCAG and good practice, and where.
  violations: async ({ page }) => {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate("axe.run()");
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target}`));
  },
  complaints: async ({ complaints }) => complaints,
  screenshot: async ({ page }, { file }) => void (await page.screenshot({ path: file, fullPage: true })),
  close: async ({ context }) => context.close(),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { command, visitor, ...parameters } = JSON.parse(line);
  try {
    const run = command === "open" ? open(parameters) : commands[command](visitors[visitor], parameters);
    say({ ok: (await run) ?? null });
  } catch (error) {
    say({ error: error.message });
  }
}
await browser.close();
