//! The kinds of events, and how one ends.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($(#[$documentation:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is recorded, and as the page's filter names it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

names! {
    /// What an event is about.
    Kind {
        /// A tool was called, or would have been.
        Call = "call",
        /// A list, a stream or another request that calls no tool.
        Request = "request",
        /// Calls that were let run and whose ends nobody recorded: so many at the most.
        Unaccounted = "unaccounted",
        SignIn = "sign_in",
        SignOut = "sign_out",
        /// A person decided on what a client asked for.
        Consent = "consent",
        GrantMade = "grant_made",
        /// A refresh token that was superseded already was used once more, and yielded its successor.
        GrantRefreshedAfterReuse = "grant_refreshed_after_reuse",
        GrantEnded = "grant_ended",
        ConnectionMade = "connection_made",
        /// The provider no longer accepts its tokens.
        ConnectionBroken = "connection_broken",
        ConnectionRemoved = "connection_removed",
        ClientRegistered = "client_registered",
        /// An administrator entered a client.
        ClientEntered = "client_entered",
        ClientRemoved = "client_removed",
        ToolDecided = "tool_decided",
        /// An administrator made a revision of the access policy.
        AccessPolicyChanged = "access_policy_changed",
        /// A call ran that a rule reports.
        RuleAlert = "rule_alert",
        /// An answer showed what looks as if somebody wrote it for an assistant, or to take something out.
        SuspiciousText = "suspicious_text",
        /// An administrator decided what becomes of tools that nobody decided on.
        ToolDefaultDecided = "tool_default_decided",
        /// An administrator classified a tool as more than the catalogue does, or no longer.
        ToolClassified = "tool_classified",
        /// An administrator entered a credential of the organisation's, or another in its place.
        SharedCredentialKept = "shared_credential_kept",
        SharedCredentialRemoved = "shared_credential_removed",
        SharedCredentialTested = "shared_credential_tested",
        /// An administrator decided whether calls may change things in the organisation's name.
        OrganisationWritesDecided = "organisation_writes_decided",
        /// A rule sent a call to approval.
        ApprovalRequested = "approval_requested",
        /// A person approved a call of another's, alone or as one of several.
        ApprovalGiven = "approval_given",
        ApprovalDenied = "approval_denied",
        /// The one call that an approval is of was let through.
        ApprovalUsed = "approval_used",
        /// What an approved call is bound to had moved, so that it was not made.
        ApprovalDrifted = "approval_drifted",
        /// Whoever asked for an approval took that back before anybody had decided.
        ApprovalWithdrawn = "approval_withdrawn",
        /// A person ended what approvers let through beside a call, before its time.
        ApprovalSeriesEnded = "approval_series_ended",
        /// A person asked for an access profile, or got it for a time by asking.
        AccessRequested = "access_requested",
        AccessRequestApproved = "access_request_approved",
        AccessRequestDenied = "access_request_denied",
        /// A request was withdrawn, or access for a time taken back before its end.
        AccessRequestEnded = "access_request_ended",
        /// A person overrides access profiles and rules for a time.
        BreakGlass = "break_glass",
        /// An administrator changed where notices go.
        NoticesChanged = "notices_changed",
        PersonDisabled = "person_disabled",
        PersonEnabled = "person_enabled",
        /// All of a person's access was ended; they may come back.
        AccessEnded = "access_ended",
        /// Recorded by earlier releases, where all access was locked.
        AllAccessStopped = "all_access_stopped",
        /// Recorded by earlier releases, where that lock was lifted.
        AllAccessResumed = "all_access_resumed",
        /// An administrator locked all access or a part of it.
        Locked = "locked",
        Unlocked = "unlocked",
        /// An administrator made a token for a program of the organisation.
        AdministrationTokenMade = "administration_token_made",
        AdministrationTokenRevoked = "administration_token_revoked",
        /// The identity provider no longer vouches for a person.
        StandingEnded = "standing_ended",
        /// A key was replaced, or its predecessor removed.
        KeysRotated = "keys_rotated",
        /// An administrator had the whole log verified.
        LogVerified = "log_verified",
        /// An administrator took events out of here, as a file.
        LogExported = "log_exported",
    }
}

names! {
    /// How it ended.
    Outcome {
        /// It is about to be sent. Intents alone have this outcome.
        Started = "started",
        Succeeded = "succeeded",
        Failed = "failed",
        /// Postern did not allow it.
        Denied = "denied",
        /// It was sent, and nobody knows whether it took effect.
        Unknown = "unknown",
        /// The client hung up before its answer came.
        Cancelled = "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_and_an_outcome_are_recorded_by_their_names() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(Kind::parse(kind.name()), Some(*kind));
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }
}
