// The limit: all that a Worker must do to answer this call, and nothing else. It asks upstream, keeps the same fields,
// and answers; it knows nobody, follows no protocol and decides nothing.
const LIST = "/2.0/repositories/acme/backend/pullrequests?state=OPEN&pagelen=10";

const row = ({ id, title, state, author, source, destination, updated_on, comment_count }) => ({
  id,
  title,
  state,
  author: author?.display_name,
  source: source?.branch?.name,
  destination: destination?.branch?.name,
  updated_on,
  comment_count,
});

export default {
  async fetch(request, environment) {
    await request.text();
    const answer = await fetch(environment.UPSTREAM + LIST, { headers: { authorization: "Bearer none" } });
    const { values } = await answer.json();
    const content = [{ type: "text", text: JSON.stringify(values.map(row)) }];
    return Response.json({ jsonrpc: "2.0", id: 1, result: { content } });
  },
};
