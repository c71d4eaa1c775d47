//! `cargo xtask test --only rooms`: the order of the rooms in `src`, read from its text.
//!
//! A file may import only from its own room and from rooms to the right of it in the line of CONTRIBUTING.md; within a room
//! the same holds for its sub-rooms, where there is more than one; neither the files nor the sub-rooms of a room import each
//! other in circles; the runtime's crates are named by `platform` and `entry` alone; a provider is named by `providers` and
//! by its part of the catalogue; and a table of D1 is named by the rooms that `migrations/README.md` lists for it. What only
//! tests need is not looked at.

mod circles;
mod names;
mod order;
mod source;
mod sub_rooms;
mod tables;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// The layer `rooms`.
pub(crate) fn layer(workspace: &Workspace) -> Result<()> {
    let modules = source::read(&workspace.path("src"))?;
    let contributing = std::fs::read_to_string(workspace.path("CONTRIBUTING.md"))?;
    let order = order::rooms(&contributing)?;
    let owners = tables::owners(&std::fs::read_to_string(workspace.path("migrations/README.md"))?)?;
    let schema = tables::of_schema(&std::fs::read_to_string(workspace.path("docs/schema.sql"))?);
    let problems: Vec<String> = [
        order::problems(&modules, &order),
        sub_rooms::problems(&modules, &sub_rooms::orders(&contributing)),
        order::foreign_types(&modules),
        circles::problems(&modules),
        names::problems(&modules, &names::of(&modules)),
        tables::problems(&modules, &schema, &owners),
    ]
    .concat();
    if problems.is_empty() {
        eprintln!("{} files in {} rooms, {} tables", modules.len(), order.len(), schema.len());
        return Ok(());
    }
    bail!("{}", problems.join("\n"))
}
