// The limit: all that a Worker must do to answer this call, and nothing else. It knows nobody, follows no protocol and
// decides nothing.
import { pullRequests } from "./pull_requests.js";

export default {
  async fetch(request, environment) {
    await request.text();
    return pullRequests(environment);
  },
};
