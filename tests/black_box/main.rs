//! What Postern does, asked over HTTP of the built Worker in workerd.

mod authorization;
mod console;
mod protocol;
