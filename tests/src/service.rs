//! A client that an administrator entered, and that no person consents to.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::{
    authenticator,
    client::{Answer, Client, post_form, sha256},
    instance::Instance,
};

/// The grant type of the identity provider's assertions (RFC 7523 §2.1).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The type of a client's own assertions (RFC 7523 §2.2).
pub const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds since the Unix epoch.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

/// What is in use nowhere else: digits and a hyphen.
pub fn unique() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    format!("{}-{}", crate::client::unique(), now.as_nanos())
}

/// How a service proves itself.
pub enum Proof {
    Secret(String),
    /// A private JWK.
    Key(Value),
}

/// A pre-registered client.
pub struct Service<'a> {
    pub instance: &'a Instance,
    pub id: String,
    pub proof: Proof,
}

impl<'a> Service<'a> {
    /// One that has a secret, and that grant type alone.
    pub fn with_secret(instance: &'a Instance, grant_type: &str) -> Self {
        let secret = unique();
        Self::entered(
            instance,
            grant_type,
            ("client_secret_basic", &sha256(&secret), "secret_hash"),
            Proof::Secret(secret),
        )
    }

    /// One that signs its assertions by ES256 or RS256.
    pub fn with_key(instance: &'a Instance, grant_type: &str, algorithm: &str) -> Self {
        let key = instance.key(algorithm);
        let keys = json!([key["public"]]).to_string();
        Self::entered(instance, grant_type, ("private_key_jwt", &keys, "jwks"), Proof::Key(key["private"].clone()))
    }

    fn entered(
        instance: &'a Instance,
        grant_type: &str,
        (method, proof, column): (&str, &str, &str),
        key: Proof,
    ) -> Self {
        let id = format!("service-{}", unique());
        let sql = format!(
            "INSERT INTO clients (id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, {column},
                metadata, created_at, mac)
            VALUES (?1, 'Nightly build', 'pre_registered', '[]', ?2, ?3, ?4, '{{}}', 0, ?5)"
        );
        let grant_types = json!([grant_type]).to_string();
        let mut values = vec![json!(id), json!("Nightly build"), json!("pre_registered"), json!("[]")];
        values.extend([json!(grant_types), json!(method)]);
        let proofs = ["secret_hash", "jwks", "jwks_uri"];
        values.extend(proofs.map(|name| if name == column { json!(proof) } else { Value::Null }));
        values.push(Value::Null);
        let mac = authenticator::row("clients", &values);
        instance.sql(&sql, &[&id, &grant_types, method, proof, &mac]);
        Self { instance, id, proof: key }
    }

    /// Claims of an assertion of this client's own, that is good now.
    pub fn claims(&self) -> Value {
        let now = now();
        json!({ "iss": self.id, "sub": self.id, "aud": self.instance.url, "jti": unique(), "iat": now, "exp": now + 60 })
    }

    pub fn sign(&self, claims: &Value) -> String {
        match &self.proof {
            Proof::Key(key) => self.instance.jwt(Some(key), &json!({}), claims),
            Proof::Secret(_) => panic!("this service has no key"),
        }
    }

    /// Posts a form in which it proves itself.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = match &self.proof {
            Proof::Secret(secret) => vec![("client_id", self.id.clone()), ("client_secret", secret.clone())],
            Proof::Key(_) => vec![
                ("client_assertion_type", CLIENT_ASSERTION.to_owned()),
                ("client_assertion", self.sign(&self.claims())),
            ],
        };
        let proof = proof.iter().map(|(name, value)| (*name, value.as_str()));
        post_form(&format!("{}{path}", self.instance.url), &proof.chain(fields.iter().copied()).collect::<Vec<_>>())
    }

    /// A client with an access token of this service's own.
    pub fn client(&self) -> Client {
        self.client_by(&self.post("/token", &[("grant_type", "client_credentials")]))
    }

    /// A client with the access token of that reply.
    pub fn client_by(&self, reply: &Answer) -> Client {
        assert_eq!(reply.status, 200, "{reply:?}");
        let mut client = Client {
            origin: self.instance.url.clone(),
            id: self.id.clone(),
            access_token: String::new(),
            refresh_token: String::new(),
            view: String::new(),
        };
        client.keep(&reply.json());
        client
    }
}
