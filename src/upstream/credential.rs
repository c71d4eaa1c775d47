//! What proves to a provider who is asking.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{crypto::secret::Secret, platform::fetch::OutboundRequest};

/// A credential of one provider. Applied when a request is sent, to the provider's own origin alone.
#[derive(Debug, Clone)]
pub enum Credential {
    /// RFC 6750.
    Bearer(Secret),
    /// RFC 7617.
    Basic { user: String, password: Secret },
}

impl Credential {
    pub(super) fn apply(&self, request: &mut OutboundRequest) {
        let value = match self {
            Self::Bearer(token) => format!("Bearer {}", token.expose()),
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose())))
            }
        };
        request.headers.push(("authorization", value));
    }
}
