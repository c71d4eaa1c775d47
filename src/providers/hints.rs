//! What hosts and models are told before they know any tool.

/// What tasks mention that are for these tools, in the words that people use.
pub const TASKS: &str = "a pull request, branch, commit, build, repository, wiki page or space, or an address at \
                         bitbucket.org or atlassian.net";

/// The tool that answers most questions, which hosts that load few by themselves are to load.
pub const FIRST_TOOL: &str = "bitbucket_get_pull_request";

/// What it answers.
pub const FIRST_TOOL_ANSWERS: &str = "most questions about a pull request";
