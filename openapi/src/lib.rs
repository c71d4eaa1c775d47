//! What the providers' OpenAPI documents say of the answer to a request, and samples of such answers: for tests, and for the
//! stand-in of the providers. The documents are no part of this repository.

mod document;
mod sample;
mod schema;

use std::io;
use std::path::Path;

use document::Document;
pub use document::{Answer, Operation};
pub use schema::Schema;

/// The documents of Bitbucket Cloud and of both versions of Confluence Cloud's API.
pub struct Documents(Vec<Document>);

/// Each document, and what stands before its paths in the address of a request.
const DOCUMENTS: [(&str, &str); 3] =
    [("bitbucket-cloud", "/2.0"), ("confluence-cloud-v2", "/wiki/api/v2"), ("confluence-cloud-v1", "")];

impl Documents {
    /// Reads them from their folder.
    ///
    /// # Errors
    /// Where one is missing, or is no JSON.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let read = |(name, prefix)| Document::read(&folder.join(format!("{name}.mock.openapi.json")), prefix);
        DOCUMENTS.into_iter().map(read).collect::<io::Result<_>>().map(Self)
    }

    /// The operation that answers such a request, as the host of its provider has the path: `/2.0/user`, or
    /// `/wiki/api/v2/pages`. The path may hold values or, between braces, names for them.
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        self.0.iter().find_map(|document| document.operation(method, path))
    }
}
