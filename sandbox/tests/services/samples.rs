use std::path::Path;

use anyhow::Result;
use sandbox::{Samples, Settings};
use serde_json::{Value, json};

use super::client::Services;

#[tokio::test]
async fn where_there_is_no_route_the_documents_sample_is_answered() -> Result<()> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/openapi/mock");
    if !documents.is_dir() {
        return Ok(());
    }
    let samples = Some(Samples { documents, everywhere: false });
    let services = Services::with(Settings { samples, ..Settings::default() }).await?;
    let page: Value = services.confluence("/wiki/api/v2/pages/98306").await?.json().await?;
    assert_eq!(page.get("title"), Some(&json!("Retry policy")));
    assert_eq!(services.confluence("/wiki/api/v2/pages/1").await?.status(), 404);
    let whiteboard = services.confluence("/wiki/api/v2/whiteboards/98601").await?;
    assert_eq!(whiteboard.status(), 200);
    assert_eq!(whiteboard.json::<Value>().await?.get("title"), Some(&json!("sample title")));
    assert_eq!(services.confluence("/wiki/api/v2/no-such-things").await?.status(), 404);
    let token = services.access_token("developer").await?;
    let report = services.json(&token, "/2.0/workspaces/acme/pipelines-config/identity/oidc/keys.json").await?;
    assert_eq!(report.pointer("/keys/0/kty"), Some(&json!("RSA")));
    Ok(())
}
