//! A page as people open it: its text as it is stored, and its versions, so that what was written can be seen.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::library::Page;
use crate::request::escape;
use crate::world::World;

/// `GET /wiki/spaces/{space}/pages/{id}`
pub(crate) async fn show(State(world): State<Arc<World>>, Path((space, id)): Path<(String, String)>) -> Response {
    let library = world.library();
    match library.page(&id).filter(|page| page.space == space) {
        Some(page) => Html(document(page)).into_response(),
        None => (StatusCode::NOT_FOUND, Html("<!doctype html><title>No such page</title><p>There is no such page."))
            .into_response(),
    }
}

/// The same with the title behind it, as links have it.
pub(crate) async fn show_titled(
    world: State<Arc<World>>,
    Path((space, id, _)): Path<(String, String, String)>,
) -> Response {
    show(world, Path((space, id))).await
}

fn document(page: &Page) -> String {
    let title = escape(&page.title);
    let versions: String = page
        .versions
        .iter()
        .map(|version| (version.number, &version.message))
        .chain([(page.version, &page.message)])
        .map(|(number, message)| format!("<li value=\"{number}\">{}</li>", escape(message)))
        .collect();
    // A line for each block, which is all that the storage format lacks to be read.
    let text = escape(&page.body.storage().replace("><", ">\n<"));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><main>\
         <h1>{title}</h1><p>Version {} in the storage format; reload to see the next.</p><pre>{text}</pre>\
         <h2>Versions</h2><ol>{versions}</ol></main></body></html>",
        page.version
    )
}
