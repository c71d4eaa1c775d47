//! What Postern does, asked over HTTP of the built Worker in workerd.

mod protocol;
