use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::client::{Services, header, text};

#[tokio::test]
async fn a_status_hits_as_often_as_it_says_and_nobody_else() -> Result<()> {
    let services = Services::start().await?;
    let mine = services.access_token("test-mine").await?;
    let other = services.access_token("test-other").await?;
    services
        .fault(&json!({"kind": "status", "account": "test-mine", "path": "/2.0/repositories", "method": "GET",
            "status": 429, "times": 2, "headers": {"Retry-After": "7"}}))
        .await?;
    let path = "/2.0/repositories/acme/backend";
    for _ in 0..2 {
        let limited = services.get(&mine, path).send().await?;
        assert_eq!((limited.status().as_u16(), header(&limited, "retry-after")), (429, "7".to_owned()));
        assert_eq!(services.get(&other, path).send().await?.status(), 200);
        assert_eq!(services.get(&mine, "/2.0/user").send().await?.status(), 200);
    }
    assert_eq!(services.get(&mine, path).send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_body_is_cut_short() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("test-cut").await?;
    services.fault(&json!({"kind": "truncate", "account": "test-cut"})).await?;
    let mut answer = services.get(&token, "/2.0/repositories/acme").send().await?;
    assert_eq!(answer.status(), 200);
    let promised = answer.content_length().unwrap_or(0);
    let mut received = 0;
    let end = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => received += chunk.len() as u64,
            other => break other,
        }
    };
    assert!(end.is_err());
    assert!(received > 0 && received < promised, "{received} of {promised}");
    assert_eq!(services.get(&token, "/2.0/user").send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_hang_and_a_slow_token_endpoint_take_their_time() -> Result<()> {
    let services = Services::start().await?;
    let (access, refresh) = services.tokens("test-slow").await?;
    services.fault(&json!({"kind": "hang", "account": "test-slow", "seconds": 0.3})).await?;
    services.fault(&json!({"kind": "slow_token_endpoint", "account": "test-slow", "millis": 300})).await?;
    let begin = Instant::now();
    assert_eq!(services.get(&access, "/2.0/user").send().await?.status(), 200);
    assert!(begin.elapsed() >= Duration::from_millis(300));
    let begin = Instant::now();
    assert_eq!(services.refresh(&refresh).await?.0, 200);
    assert!(begin.elapsed() >= Duration::from_millis(300));
    let request = services.http.delete(services.url("/control/faults?account=test-slow"));
    request.send().await?.error_for_status()?;
    let left = services.http.get(services.url("/control/faults")).send().await?;
    assert_eq!(left.json::<Value>().await?, json!({"faults": []}));
    Ok(())
}

#[tokio::test]
async fn the_journal_tells_which_credential_was_sent() -> Result<()> {
    let services = Services::start().await?;
    let token = services.access_token("test-journal").await?;
    services.access_token("test-stranger").await?;
    let clear = services.http.delete(services.url("/control/requests?account=test-journal"));
    clear.send().await?.error_for_status()?;
    services.get(&token, "/2.0/user?fields=uuid").send().await?;
    let url = services.url("/control/requests?account=test-journal");
    let journal: Value = services.http.get(url).send().await?.json().await?;
    let requests = journal.get("requests").and_then(Value::as_array);
    assert_eq!(requests.map(Vec::len), Some(1));
    assert_eq!(text(&journal, "/requests/0/path")?, "/2.0/user");
    assert_eq!(text(&journal, "/requests/0/query")?, "fields=uuid");
    assert_eq!(text(&journal, "/requests/0/authorization")?, format!("Bearer {token}"));
    assert_eq!(journal.pointer("/requests/0/status"), Some(&json!(200)));
    Ok(())
}

#[tokio::test]
async fn a_mistyped_fault_is_refused() -> Result<()> {
    let services = Services::start().await?;
    let order = json!({"kind": "status", "status": 500, "acount": "test-typo"});
    assert!(services.fault(&order).await.is_err());
    assert!(services.fault(&json!({"kind": "status"})).await.is_err());
    Ok(())
}
