//! The controls that an event supports: of these it is evidence, which an auditor weighs. None is met by it alone.

use super::{
    kind::{Kind, Outcome},
    search::Entry,
};

/// Controls of several frameworks that ask for the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Bundle {
    pub title: &'static str,
    /// What supports it in each of [`FRAMEWORKS`], in their order; empty where nothing does.
    pub references: [&'static str; 5],
}

/// The frameworks that bundles refer to. What the EU AI Act asks for is asked for of high-risk systems.
pub const FRAMEWORKS: [&str; 5] =
    ["SOC 2 (TSC 2017)", "GDPR", "ISO/IEC 27001:2022, Annex A", "ISO/IEC 42001:2023, Annex A", "EU AI Act"];

const LEAST_PRIVILEGE: Bundle = Bundle {
    title: "least privilege",
    references: ["CC6.1, CC6.3", "5(1)(f), 25(2), 32(1)(b)", "5.15, 5.18, 8.3, 8.4", "", ""],
};
const PRIVILEGED_ACCESS: Bundle = Bundle {
    title: "privileged access",
    references: ["CC6.1, CC6.2, CC6.3", "32(1)(b), 32(4)", "5.3, 5.18, 8.2, 8.5", "", ""],
};
const LIFE_CYCLE: Bundle = Bundle {
    title: "joiners, movers and leavers",
    references: ["CC6.2, CC6.3", "5(1)(f), 25(1), 32(1)(d)", "5.9, 5.16, 5.18, 6.5", "", ""],
};
const CHANGE_CONTROL: Bundle = Bundle {
    title: "change control",
    references: ["CC8.1, CC6.1", "32(1)(b)", "5.3, 8.4, 8.25, 8.32", "A.6.2.4", "15(5)"],
};
const SECRETS: Bundle =
    Bundle { title: "secrets", references: ["CC6.1, CC6.7", "32(1)(a), 32(1)(b)", "5.17, 8.12, 8.24", "", ""] };
const LOGGING: Bundle = Bundle {
    title: "logging and monitoring",
    references: [
        "CC7.2, CC7.3, CC4.1",
        "5(2), 24, 33",
        "8.15, 8.16, 5.25, 5.36",
        "A.6.2.6, A.6.2.8",
        "12, 26(5), 26(6)",
    ],
};
const AGENTS: Bundle = Bundle {
    title: "agents and human oversight",
    references: [
        "CC6.1, CC6.2, CC6.3",
        "25(2), 32(4)",
        "5.16, 5.17, 5.18, 8.2",
        "A.3.2, A.9.2, A.9.4, A.10.2",
        "14, 15(5), 26(1), 26(2)",
    ],
};

/// Every bundle.
pub static ALL: [&Bundle; 7] =
    [&LEAST_PRIVILEGE, &PRIVILEGED_ACCESS, &LIFE_CYCLE, &CHANGE_CONTROL, &SECRETS, &LOGGING, &AGENTS];

impl Entry {
    /// What it is evidence for: something that was stopped, approved, reported or decided. What merely ran is for nothing by
    /// itself.
    pub fn supports(&self) -> &'static [&'static Bundle] {
        match self.kind {
            Kind::RuleAlert | Kind::SuspiciousText => &[&LOGGING, &AGENTS],
            Kind::BreakGlass => &[&PRIVILEGED_ACCESS, &LOGGING],
            Kind::AccessRequested
            | Kind::AccessRequestApproved
            | Kind::AccessRequestDenied
            | Kind::AccessRequestEnded => &[&LEAST_PRIVILEGE, &PRIVILEGED_ACCESS],
            Kind::ApprovalRequested
            | Kind::ApprovalGiven
            | Kind::ApprovalDenied
            | Kind::ApprovalUsed
            | Kind::ApprovalDrifted
            | Kind::ApprovalWithdrawn
            | Kind::ApprovalSeriesEnded => &[&CHANGE_CONTROL, &AGENTS],
            Kind::PersonDisabled
            | Kind::PersonEnabled
            | Kind::AccessEnded
            | Kind::StandingEnded
            | Kind::GrantEnded
            | Kind::ConnectionRemoved => &[&LIFE_CYCLE],
            Kind::Locked | Kind::Unlocked | Kind::AllAccessStopped | Kind::AllAccessResumed => {
                &[&LEAST_PRIVILEGE, &LOGGING]
            }
            Kind::AccessPolicyChanged
            | Kind::ToolDecided
            | Kind::ToolDefaultDecided
            | Kind::ToolClassified
            | Kind::OrganisationWritesDecided
            | Kind::ClientEntered
            | Kind::ClientRemoved => &[&PRIVILEGED_ACCESS, &CHANGE_CONTROL],
            Kind::AdministrationTokenMade | Kind::AdministrationTokenRevoked => &[&PRIVILEGED_ACCESS, &SECRETS],
            Kind::SharedCredentialKept | Kind::SharedCredentialRemoved | Kind::KeysRotated => &[&SECRETS],
            Kind::LogVerified | Kind::LogExported | Kind::NoticesChanged => &[&LOGGING],
            Kind::Consent | Kind::GrantMade => &[&AGENTS],
            _ if self.outcome == Outcome::Denied => &[&LEAST_PRIVILEGE, &AGENTS],
            _ => &[],
        }
    }
}
