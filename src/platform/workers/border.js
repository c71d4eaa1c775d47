// What crosses the border between WebAssembly and the runtime, in as few pieces as it can be. Each call across wraps an
// object and copies a text, and the headers of one request would be forty of them.

/** Names and values in turn, each ended by a line feed, which neither can hold. */
function written(headers) {
  let text = "";
  headers.forEach((value, name) => void (text += `${name}\n${value}\n`));
  return text;
}

/** The runtime takes a record in half the time of pairs, which are for names that come more than once. */
function read(text) {
  const lines = text.split("\n");
  const record = { __proto__: null };
  for (let line = 1; line < lines.length; line += 2) {
    const name = lines[line - 1];
    if (name in record) return pairs(lines);
    record[name] = lines[line];
  }
  return record;
}

function pairs(lines) {
  const headers = [];
  for (let line = 1; line < lines.length; line += 2) headers.push([lines[line - 1], lines[line]]);
  return headers;
}

/** The pieces of a body, joined, until they are more than `limit` bytes. */
async function upTo(stream, limit) {
  const pieces = [];
  let length = 0;
  const reader = stream?.getReader();
  for (let next; reader && !(next = await reader.read()).done; ) {
    pieces.push(next.value);
    length += next.value.byteLength;
    if (length > limit) {
      // The rest is not wanted; whether the other side hears of it is its own matter.
      reader.cancel().catch(() => {});
      break;
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}

/** The content coding of a message (RFC 9110 section 8.4); nothing where its body is sent as it is. */
function codingOf({ headers }) {
  const coding = headers.get("content-encoding")?.trim().toLowerCase();
  return coding === "identity" ? "" : (coding ?? "");
}

/** The body of a request or response: ten times faster in one piece, where its length is known and small enough. The
 * length of a body with a content coding is not known: what is announced is how much of it is sent. */
async function bodyOf(message, limit) {
  const announced = codingOf(message) ? Infinity : Number(message.headers.get("content-length") ?? Infinity);
  return announced <= limit ? new Uint8Array(await message.arrayBuffer()) : upTo(message.body, limit);
}

/** The method, the URL and the headers of a request. */
export const headOf = (request) => `${request.method}\n${request.url}\n${written(request.headers)}`;

let settled;

/** Who hears what becomes of a promise: the id that it was begun with, whether it was kept, and its value. */
export const listen = (listener) => void (settled = listener);

// Where the runtime gives a request up, what it waited for is never settled, and is to be forgotten.
const abandoned = new FinalizationRegistry(({ hears, id }) => hears(id));

/** What is to be called, with the outcome, once for that id. */
function ending(id) {
  const hears = settled;
  const end = (kept, value) => {
    abandoned.unregister(end);
    hears(id, kept, value);
  };
  abandoned.register(end, { hears, id }, end);
  return end;
}

function tell(id, promise) {
  const end = ending(id);
  promise.then((value) => end(true, value), (error) => end(false, error));
}

/** Tells the body of a request, or nothing where it is longer than `limit`. Then some more of it is read, for a client
 * that is still sending when its connection closes never sees the answer. */
export const receive = (id, request, limit, discarded) => tell(id, received(request, limit, discarded));

async function received(request, limit, discarded) {
  if (!request.body) return new Uint8Array();
  const announced = Number(request.headers.get("content-length") ?? 0);
  const body = await bodyOf(request, announced > limit ? discarded : limit);
  return announced > limit || body.byteLength > limit ? undefined : body;
}

/** Tells when nobody waits for the response any more. */
export function watch(id, { signal }) {
  const end = ending(id);
  if (signal.aborted) end(true);
  else signal.onabort = () => end(true);
}

export const respond = (status, headers, body) =>
  new Response(body.byteLength ? body.slice() : null, { status, headers: read(headers) });

/** Tells what the work comes to, or lets `late` tell where it takes longer. Half of what a timer within an AbortSignal
 * costs. What the work comes to after that is told to nobody. */
function tellWithin(id, milliseconds, work, late) {
  const end = ending(id);
  const timer = setTimeout(() => late(end), milliseconds);
  const ends = (kept) => (value) => {
    clearTimeout(timer);
    end(kept, value);
  };
  work.then(ends(true), ends(false));
}

/** Sends a request, redirects left alone. The time is that of the whole exchange, the body too: once it is over, the
 * request is aborted. `limit` is of the body after decoding; where `decodes` is false, a body with a content coding is
 * refused without being read. */
export function exchange(id, url, method, headers, body, milliseconds, limit, decodes) {
  const aborter = new AbortController();
  const init = { method, headers: read(headers), body, redirect: "manual", signal: aborter.signal };
  tellWithin(id, milliseconds, exchanged(url, init, limit, decodes), (end) => {
    const late = new DOMException("it took too long", "TimeoutError");
    end(false, late);
    aborter.abort(late);
  });
}

async function exchanged(url, init, limit, decodes) {
  const response = await fetch(url, init);
  const coding = decodes ? "" : codingOf(response);
  if (coding) {
    response.body?.cancel().catch(() => {});
    throw Object.assign(new Error(coding), { name: "ContentCodingError" });
  }
  const answer = await bodyOf(response, limit);
  const truncated = answer.byteLength > limit;
  const { status } = response;
  return { status, headers: written(response.headers), body: truncated ? answer.subarray(0, limit) : answer, truncated };
}

/** One turn of an object; nothing where it takes longer than that. */
export const turn = (id, stub, command, milliseconds) =>
  tellWithin(id, milliseconds, stub.turn(command), (end) => end(true));

/** Puts a text into a bucket, unless it has one of that name: where the bucket is locked, a second one would be refused. Of two
 * at the same time the bucket takes one. */
export const put = (id, bucket, name, text) =>
  tell(
    id,
    bucket
      .head(name)
      .then((existing) => existing ?? bucket.put(name, text, { onlyIf: new Headers({ "if-none-match": "*" }) }))
      .then(() => true),
  );

/** Tells the text of that name, or nothing. */
export const get = (id, bucket, name) => tell(id, bucket.get(name).then((found) => found?.text()));

/** Tells the first name that begins so and comes after that one, and behind a line feed its text. */
export const first = (id, bucket, prefix, after) => tell(id, firstOf(bucket, prefix, after));

async function firstOf(bucket, prefix, after) {
  const { objects } = await bucket.list({ prefix, startAfter: after || undefined, limit: 1 });
  const [found] = objects;
  if (!found) return undefined;
  return `${found.key}\n${await (await bucket.get(found.key)).text()}`;
}
