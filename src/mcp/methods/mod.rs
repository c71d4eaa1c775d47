//! The methods that reach a provider: tools and the gates to them, and the resources, prompts and completions that follow
//! from them.

pub mod completion;
pub mod gates;
pub mod listing;
pub mod prompts;
pub mod resources;
pub mod tools;
mod whoami;
