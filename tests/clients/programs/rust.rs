//! An AI client made with rmcp. The conversation is that of conversation.mjs.

use std::{
    error::Error,
    io::{BufRead, Write, stdin},
};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationCapability, Implementation, ProtocolVersion, UrlElicitationCapability,
    },
    service::{RequestContext, RunningService, ServiceError},
    transport::{
        StreamableHttpClientTransport,
        auth::{AuthClient, AuthorizationRequest, CredentialStore, InMemoryCredentialStore, OAuthState},
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

type Answer = Result<Value, Box<dyn Error>>;

fn say(value: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}").and_then(|()| out.flush()).expect("the test listens");
}

fn hear() -> Option<Value> {
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line).expect("the test speaks UTF-8");
    (read > 0).then(|| serde_json::from_str(&line).expect("JSON"))
}

fn ask(question: &Value) -> Value {
    say(question);
    hear().expect("an answer")
}

/// The person in front of the client.
struct Host;

impl ClientHandler for Host {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::new().with_url(UrlElicitationCapability::default()));
        ClientConfig::new(capabilities, Implementation::from_build_env())
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::UrlElicitationParams { url, .. } = request else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
        let answer = ask(&json!({ "open": url }));
        serde_json::from_value(answer).map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }
}

struct Program {
    settings: Value,
    http: reqwest::Client,
    /// Where the client describes itself; it registers where it does not.
    document: Option<String>,
    credentials: InMemoryCredentialStore,
    running: Option<RunningService<RoleClient, Host>>,
}

impl Program {
    fn setting(&self, name: &str) -> String {
        self.settings[name].as_str().expect("a setting").to_owned()
    }

    fn lifecycle(&self) -> ClientLifecycleMode {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        match &*self.setting("mode") {
            "legacy" => ClientLifecycleMode::Initialize,
            "auto" => ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
            _ => ClientLifecycleMode::Discover { preferred_versions },
        }
    }

    async fn obey(&mut self, command: &Value) -> Answer {
        match command["command"].as_str().expect("a command") {
            "connect" => {
                self.document = command["document"].as_str().map(str::to_owned);
                self.connect().await
            }
            "tools" => {
                let tools = self.client().list_all_tools().await?;
                Ok(tools.iter().map(|tool| tool.name.to_string()).collect())
            }
            "call" => {
                let name = command["tool"].as_str().expect("a tool").to_owned();
                let arguments = command["arguments"].as_object().expect("arguments").clone();
                let call = CallToolRequestParams::new(name).with_arguments(arguments);
                let refused = match self.client().call_tool(call.clone()).await {
                    Ok(result) => return Ok(serde_json::to_value(result)?),
                    Err(error) => error,
                };
                let Some(challenge) = refused.auth_challenge() else { return Err(refused.into()) };
                self.authorize(challenge).await?;
                Ok(serde_json::to_value(self.client().call_tool(call).await?)?)
            }
            "token" => {
                let stored = serde_json::to_value(self.credentials.load().await?)?;
                Ok(stored["token_response"]["access_token"].clone())
            }
            "version" => Ok(Implementation::from_build_env().version.into()),
            other => Err(format!("{other} is no command").into()),
        }
    }

    fn client(&self) -> &RunningService<RoleClient, Host> {
        self.running.as_ref().expect("connected before")
    }

    /// Goes through OAuth when, and as, the server's refusal asks for it.
    async fn connect(&mut self) -> Answer {
        let url = self.setting("url");
        let config = StreamableHttpClientTransportConfig::with_uri(url);
        let anonymous = StreamableHttpClientTransport::with_client(self.http.clone(), config);
        let refused = match Host.serve_with_lifecycle(anonymous, self.lifecycle()).await {
            Ok(_) => return Err("let in without a token".into()),
            Err(error) => error,
        };
        let challenge = refused.auth_challenge().ok_or_else(|| refused.to_string())?;
        self.authorize(challenge).await
    }

    /// Asks the person to let the client in, and connects.
    async fn authorize(&mut self, challenge: &str) -> Answer {
        let url = self.setting("url");
        let mut oauth = OAuthState::new(&*url, Some(self.http.clone())).await?;
        if let OAuthState::Unauthorized(manager) = &mut oauth {
            manager.set_credential_store(self.credentials.clone());
        }
        let mut request = AuthorizationRequest::new(self.setting("redirect")).with_client_name("rmcp");
        if let Some(document) = &self.document {
            request = request.with_client_metadata_url(document);
        }
        oauth.start_authorization(request.with_challenge(challenge)).await?;
        let answer = ask(&json!({ "authorize": oauth.get_authorization_url().await? }));
        oauth.handle_callback_url(answer["redirect"].as_str().expect("a URL")).await?;
        let manager = oauth.into_authorization_manager().ok_or("not authorized")?;
        let transport = StreamableHttpClientTransport::with_client(
            AuthClient::new(self.http.clone(), manager),
            StreamableHttpClientTransportConfig::with_uri(url),
        );
        let running = Host.serve_with_lifecycle(transport, self.lifecycle()).await?;
        let protocol = running.peer_info().map(|server| server.protocol_version.to_string());
        self.running = Some(running);
        Ok(json!(protocol))
    }
}

/// Registrations are limited by address: each program is somewhere else, as Cloudflare would say.
fn from_elsewhere(address: &str) -> reqwest::Client {
    let address = HeaderValue::from_str(address).expect("an address");
    let headers = HeaderMap::from_iter([(HeaderName::from_static("cf-connecting-ip"), address)]);
    reqwest::Client::builder().default_headers(headers).build().expect("a client")
}

fn failure(error: &(dyn Error + 'static)) -> Value {
    match error.downcast_ref() {
        Some(ServiceError::McpError(error)) => json!({ "failed": error }),
        _ => json!({ "failed": { "message": format!("{error:?}") } }),
    }
}

#[tokio::main]
async fn main() {
    let settings = std::env::args().nth(1).expect("settings");
    let settings: Value = serde_json::from_str(&settings).expect("JSON");
    let http = from_elsewhere(settings["address"].as_str().expect("an address"));
    let mut program =
        Program { settings, http, document: None, credentials: InMemoryCredentialStore::new(), running: None };
    while let Some(command) = hear() {
        match program.obey(&command).await {
            Ok(done) => say(&json!({ "done": done })),
            Err(error) => say(&failure(&*error)),
        }
    }
}
