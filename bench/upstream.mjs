// A stand-in for Bitbucket that answers at once: its list of pull requests has the size and shape of the real one's,
// 10 pull requests in 54 kB, made once. Nothing but the account behind the token is answered beside it.
//
//   node bench/upstream.mjs --port 9000
//
// GET /counts tells how many lists it has given.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({ options: { port: { type: "string" } } });
const API = "https://api.bitbucket.org/2.0";
const REPOSITORY = `${API}/repositories/acme/backend`;

const rendered = (raw) => ({ type: "rendered", raw, markup: "markdown", html: `<p>${raw}</p>` });
const person = (name) => ({
  display_name: name,
  links: {
    self: { href: `${API}/users/%7B${name}%7D` },
    avatar: { href: `https://avatar.example/${name}.png` },
    html: { href: `https://bitbucket.org/%7B${name}%7D/` },
  },
  type: "user",
  uuid: `{${name}}`,
  account_id: `557058:${name}`,
  nickname: name,
});
const end = (branch, hash) => ({
  branch: { name: branch, links: {} },
  commit: { type: "commit", hash, links: { self: { href: `${REPOSITORY}/commit/${hash}` } } },
  repository: { type: "repository", full_name: "acme/backend", links: {}, name: "backend", uuid: "{backend}" },
});
const RELATIONS = ["self", "html", "commits", "approve", "request-changes", "diff", "diffstat", "comments", "activity"];
const pullRequest = (id) => ({
  type: "pullrequest",
  id,
  title: `Fix the retry loop in worker ${id}`,
  description: "The retry loop never waits longer. ".repeat(19),
  rendered: { title: rendered("Fix the retry loop"), description: rendered("The loop must wait. ".repeat(24)) },
  summary: rendered("The loop must wait. ".repeat(18)),
  state: "OPEN",
  draft: false,
  merge_commit: null,
  close_source_branch: true,
  closed_by: null,
  author: person("alice"),
  reason: "",
  created_on: "2026-10-01T09:00:00.000000+00:00",
  updated_on: "2026-10-02T10:00:00.000000+00:00",
  destination: end("main", "abcdef012345"),
  source: end(`fix/${id}`, "0123456789ab"),
  reviewers: [person("bob"), person("carol")],
  participants: [person("bob")],
  comment_count: id,
  task_count: 0,
  links: Object.fromEntries(
    [...RELATIONS, "merge", "decline", "statuses"].map((name) => [name, { href: `${REPOSITORY}/pullrequests/${id}/${name}` }]),
  ),
});

const list = JSON.stringify({ values: Array.from({ length: 10 }, (_, index) => pullRequest(index + 1)), pagelen: 10, size: 10, page: 1 });
const account = JSON.stringify(person("alice"));
let lists = 0;

const answer = (response, body) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
};
createServer(({ url, headers }, response) => {
  if (url === "/counts") return answer(response, JSON.stringify({ lists, bytes: list.length }));
  if (!headers.authorization) return response.writeHead(401).end();
  if (url === "/2.0/user") return answer(response, account);
  lists += 1;
  answer(response, list);
}).listen(Number(options.port), "127.0.0.1");
