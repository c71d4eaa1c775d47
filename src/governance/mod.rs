//! Governance: which tools are approved, whether a call may run (authorization), and the record of those that did.

pub mod access_policy;
pub mod access_request;
pub mod access_requests;
pub mod approval;
pub mod attributes;
pub mod decision;
pub mod definition_changes;
pub mod dry_run;
pub mod facts;
pub mod limits;
pub mod lock_decisions;
pub mod locks;
pub mod named_paths;
pub mod notices;
pub mod organisation_account;
pub mod organisation_decisions;
pub mod policy;
pub mod policy_revision;
pub mod policy_revisions;
pub mod provenance;
pub mod snapshot_cache;
pub mod taint;
pub mod tool_decisions;
pub mod tool_policy;

use crate::platform::expiry::Expiry;

pub const EXPIRED: &[Expiry] = &[approval::record::SHOWN, access_request::record::SHOWN];
