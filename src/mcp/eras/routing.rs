//! Which era of the protocol a message belongs to (protocol version negotiation): decided for each request from what it
//! carries, never from a connection or an earlier request.

/// The modern revision: stateless, its version claimed in each request's body.
pub const MODERN: &str = "2026-07-28";
/// The revisions that begin with `initialize`, newest first.
pub const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The kind of a body, as far as it tells the eras apart. A `claim` is a protocol version in `_meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    Initialize {
        claim: bool,
    },
    Request {
        claim: bool,
    },
    Notification {
        claim: bool,
    },
    Response,
    /// A batch claims a version where any of its messages does.
    Batch {
        claim: bool,
    },
    EmptyBatch,
}

/// The era that answers a message, or why none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Modern,
    Legacy,
    Refused(Refusal),
}

/// Why neither era takes a message. All of these are a 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `initialize` belongs to the legacy era, its header to the modern one.
    ModernInitialize,
    /// The header names a version of no era.
    UnknownVersion,
    ModernBatch,
    EmptyBatch,
    /// The modern era has no requests from us to respond to.
    ModernResponse,
}

enum Header {
    Absent,
    Legacy,
    Modern,
    /// A revision that is yet to come.
    Later,
    Unknown,
}

/// Decides which era answers, by the header `MCP-Protocol-Version` and the body.
pub fn decide(header: Option<&str>, carried: BodyKind) -> Route {
    let header = match header {
        None => Header::Absent,
        Some(version) if LEGACY.contains(&version) => Header::Legacy,
        Some(MODERN) => Header::Modern,
        Some(version) if version > MODERN => Header::Later,
        Some(_) => Header::Unknown,
    };
    match (carried, header) {
        (BodyKind::EmptyBatch, _) => Route::Refused(Refusal::EmptyBatch),
        (BodyKind::Batch { claim: true }, _) | (BodyKind::Batch { .. }, Header::Modern | Header::Later) => {
            Route::Refused(Refusal::ModernBatch)
        }
        (
            BodyKind::Initialize { claim: true }
            | BodyKind::Request { claim: true }
            | BodyKind::Notification { claim: true },
            _,
        ) => Route::Modern,
        (BodyKind::Initialize { .. }, Header::Modern) => Route::Refused(Refusal::ModernInitialize),
        // The version is settled by the body; before that a header can only say what the client hopes for.
        (BodyKind::Initialize { .. }, _) => Route::Legacy,
        (_, Header::Unknown) => Route::Refused(Refusal::UnknownVersion),
        (BodyKind::Response, Header::Modern | Header::Later) => Route::Refused(Refusal::ModernResponse),
        (BodyKind::Request { .. } | BodyKind::Notification { .. }, Header::Modern | Header::Later) => Route::Modern,
        (_, Header::Absent | Header::Legacy) => Route::Legacy,
    }
}

/// Whether a GET is a legacy client's that wants to listen: its revision names itself in the header, or is so old that
/// only the session id tells.
pub fn may_listen(header: Option<&str>, has_session: bool) -> bool {
    header.map_or(has_session, |version| LEGACY.contains(&version))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOT_MODERN: [Option<&str>; 5] =
        [None, Some("2025-11-25"), Some("2025-06-18"), Some("2025-03-26"), Some("2024-11-05")];
    const ANY: [Option<&str>; 5] =
        [None, Some("2025-11-25"), Some("2026-07-28"), Some("2099-01-01"), Some("1999-01-01")];

    #[test]
    fn a_version_claimed_in_meta_makes_a_request_modern_whatever_the_header() {
        for header in ANY {
            assert_eq!(decide(header, BodyKind::Request { claim: true }), Route::Modern, "{header:?}");
        }
    }

    #[test]
    fn a_version_claimed_in_meta_makes_initialize_modern() {
        for header in ANY {
            assert_eq!(decide(header, BodyKind::Initialize { claim: true }), Route::Modern, "{header:?}");
        }
    }

    #[test]
    fn initialize_without_a_claim_is_legacy() {
        for header in NOT_MODERN {
            assert_eq!(decide(header, BodyKind::Initialize { claim: false }), Route::Legacy, "{header:?}");
        }
    }

    #[test]
    fn initialize_is_legacy_whatever_unknown_version_its_header_names() {
        for header in ["1999-01-01", "", "2099-01-01", "draft", "2025-11-25, 2025-11-25"] {
            assert_eq!(decide(Some(header), BodyKind::Initialize { claim: false }), Route::Legacy, "{header}");
        }
    }

    #[test]
    fn initialize_with_a_modern_header_is_refused() {
        let route = decide(Some("2026-07-28"), BodyKind::Initialize { claim: false });
        assert_eq!(route, Route::Refused(Refusal::ModernInitialize));
    }

    #[test]
    fn a_request_with_a_modern_header_alone_is_modern() {
        for header in ["2026-07-28", "2099-01-01", "draft"] {
            assert_eq!(decide(Some(header), BodyKind::Request { claim: false }), Route::Modern, "{header}");
        }
    }

    #[test]
    fn a_request_without_claim_and_modern_header_is_legacy() {
        for header in NOT_MODERN {
            assert_eq!(decide(header, BodyKind::Request { claim: false }), Route::Legacy, "{header:?}");
        }
    }

    #[test]
    fn a_protocol_version_of_no_era_is_refused() {
        let all = [
            BodyKind::Request { claim: false },
            BodyKind::Notification { claim: false },
            BodyKind::Response,
            BodyKind::Batch { claim: false },
        ];
        for (header, carried) in ["1999-01-01", "2025-11-26", "", "2025-11-25, 2025-11-25"]
            .into_iter()
            .flat_map(|header| all.map(|carried| (header, carried)))
        {
            let refused = Route::Refused(Refusal::UnknownVersion);
            assert_eq!(decide(Some(header), carried), refused, "{header} {carried:?}");
        }
    }

    #[test]
    fn a_notification_is_modern_by_claim_or_header() {
        assert_eq!(decide(None, BodyKind::Notification { claim: true }), Route::Modern);
        assert_eq!(decide(Some("2026-07-28"), BodyKind::Notification { claim: false }), Route::Modern);
    }

    #[test]
    fn a_notification_without_claim_and_modern_header_is_legacy() {
        for header in NOT_MODERN {
            assert_eq!(decide(header, BodyKind::Notification { claim: false }), Route::Legacy, "{header:?}");
        }
    }

    #[test]
    fn an_all_legacy_batch_is_legacy() {
        for header in NOT_MODERN {
            assert_eq!(decide(header, BodyKind::Batch { claim: false }), Route::Legacy, "{header:?}");
        }
    }

    #[test]
    fn a_batch_with_anything_modern_is_refused() {
        let refused = Route::Refused(Refusal::ModernBatch);
        for header in ANY {
            assert_eq!(decide(header, BodyKind::Batch { claim: true }), refused, "{header:?}");
        }
        assert_eq!(decide(Some("2026-07-28"), BodyKind::Batch { claim: false }), refused);
    }

    #[test]
    fn only_a_legacy_client_listens_by_get() {
        for header in LEGACY {
            assert!(may_listen(Some(header), false), "{header}");
        }
        for header in ["2026-07-28", "1999-01-01", ""] {
            assert!(!may_listen(Some(header), true), "{header}");
        }
        assert!(may_listen(None, true) && !may_listen(None, false));
    }

    #[test]
    fn an_empty_batch_is_refused() {
        for header in ANY {
            assert_eq!(decide(header, BodyKind::EmptyBatch), Route::Refused(Refusal::EmptyBatch), "{header:?}");
        }
    }

    #[test]
    fn a_response_is_legacy_unless_the_header_is_modern() {
        for header in NOT_MODERN {
            assert_eq!(decide(header, BodyKind::Response), Route::Legacy, "{header:?}");
        }
        assert_eq!(decide(Some("2026-07-28"), BodyKind::Response), Route::Refused(Refusal::ModernResponse));
    }

    proptest! {
        #[test]
        fn only_a_known_legacy_header_or_none_reaches_the_legacy_era(header in ".*") {
            let route = decide(Some(&header), BodyKind::Request { claim: false });
            prop_assert_eq!(route == Route::Legacy, LEGACY.contains(&header.as_str()));
        }
    }
}
