//! What Postern does, asked over HTTP of the built Worker in workerd.

mod authorization;
mod connections;
mod console;
mod protocol;
mod rows;
mod standing;
mod tools;
