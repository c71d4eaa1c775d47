//! What the providers' documents do not say, or say wrongly, and how it is known. An entry that nothing needs any more must
//! leave its table.

/// A field whose path the schema of the answer does not know, or of which the documents show nothing.
pub struct Undescribed {
    /// As the field has it; empty where the document describes no body at all.
    pub path: &'static str,
    pub operations: &'static [&'static str],
    pub why: &'static str,
}

const fn undescribed(path: &'static str, operations: &'static [&'static str], why: &'static str) -> Undescribed {
    Undescribed { path, operations, why }
}

pub const UNDESCRIBED: &[Undescribed] = &[
    undescribed(
        "slug",
        &["bitbucket_list_repositories"],
        "every recorded repository has it; the schema names the slug in `full_name` alone",
    ),
    undescribed(
        "description",
        &["bitbucket_get_pull_request"],
        "every recorded pull request has it, with the text of `summary.raw`, which is sent twice otherwise",
    ),
    undescribed(
        "size",
        &["bitbucket_get_file"],
        "an entry that is a file has it (`commit_file`); the schema of the list describes what all entries have",
    ),
];

/// An operation whose class is not that of its method, or whose scopes are not those of the table.
pub struct Differs {
    pub operation: &'static str,
    pub why: &'static str,
}

pub const DIFFERENT_CLASS: &[Differs] = &[];

pub const DIFFERENT_SCOPES: &[Differs] = &[];
