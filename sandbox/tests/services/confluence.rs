use anyhow::Result;
use serde_json::{Value, json};

use super::client::{Services, text};

#[tokio::test]
async fn a_page_comes_with_the_body_that_was_asked_for() -> Result<()> {
    let services = Services::start().await?;
    let page = async |query: &str| {
        let path = format!("/wiki/api/v2/pages/98306{query}");
        anyhow::Ok(services.confluence(&path).await?.json::<Value>().await?)
    };
    let bare = page("").await?;
    assert_eq!(bare.get("body"), Some(&json!({})));
    assert_eq!(bare.pointer("/version/number"), Some(&json!(7)));
    let storage = text(&page("?body-format=storage").await?, "/body/storage/value")?;
    assert!(storage.contains("<ac:structured-macro ac:name=\"code\""));
    assert!(storage.contains("]]]]><![CDATA[>"), "the end of a CDATA section is split");
    assert!(storage.contains("&plusmn;20 %"), "named entities");
    let view = text(&page("?body-format=export_view").await?, "/body/export_view/value")?;
    assert!(!view.contains("ac:") && view.contains("a[b[0]]&gt;1"));
    let document = text(&page("?body-format=atlas_doc_format").await?, "/body/atlas_doc_format/value")?;
    let document: Value = serde_json::from_str(&document)?;
    assert_eq!(text(&document, "/type")?, "doc");
    let wrong = services.confluence("/wiki/api/v2/pages/98306?body-format=wiki").await?;
    assert_eq!(wrong.status(), 400);
    let large = services.confluence("/wiki/api/v2/pages/98307?body-format=storage").await?;
    assert!(large.text().await?.len() > 100_000);
    Ok(())
}

#[tokio::test]
async fn errors_have_the_shape_of_their_version() -> Result<()> {
    let services = Services::start().await?;
    let absent = services.confluence("/wiki/api/v2/pages/1").await?;
    assert_eq!(absent.status(), 404);
    let absent: Value = absent.json().await?;
    assert_eq!(text(&absent, "/errors/0/code")?, "NOT_FOUND");
    let malformed = services.confluence("/wiki/rest/api/search?cql=text+~+%22open").await?;
    assert_eq!(malformed.status(), 400);
    let malformed: Value = malformed.json().await?;
    assert_eq!(malformed.get("statusCode"), Some(&json!(400)));
    let url = services.url("/wiki/api/v2/spaces");
    let stranger = services.http.get(url).basic_auth("postern@example.com", Some("wrong"));
    assert_eq!(stranger.send().await?.status(), 401);
    Ok(())
}

#[tokio::test]
async fn a_search_marks_what_it_found_and_goes_on_by_cursor() -> Result<()> {
    let services = Services::start().await?;
    let first = services.confluence("/wiki/rest/api/search?cql=title+~+%22Decision%22+AND+space=ENG&limit=20").await?;
    let first: Value = first.json().await?;
    assert_eq!(first.get("totalSize"), Some(&json!(30)));
    assert_eq!(text(&first, "/results/0/title")?, "@@@hl@@@Decision@@@endhl@@@ 01");
    let next = text(&first, "/_links/next")?;
    let second: Value = services.confluence(&format!("/wiki{next}")).await?.json().await?;
    assert_eq!(second.get("size"), Some(&json!(10)));
    assert_eq!(second.pointer("/_links/next"), None);
    Ok(())
}

#[tokio::test]
async fn pages_of_a_space_are_listed() -> Result<()> {
    let services = Services::start().await?;
    let spaces: Value = services.confluence("/wiki/api/v2/spaces?keys=OPS").await?.json().await?;
    let id = text(&spaces, "/results/0/id")?;
    let list = services.confluence(&format!("/wiki/api/v2/pages?space-id={id}&limit=2")).await?;
    assert!(list.headers().contains_key("link"));
    let list: Value = list.json().await?;
    let next = text(&list, "/_links/next")?;
    let rest: Value = services.confluence(&next).await?.json().await?;
    assert_eq!(rest.pointer("/results").and_then(Value::as_array).map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn people_open_a_page_without_a_credential_and_see_what_is_stored() -> Result<()> {
    let services = Services::start().await?;
    for path in ["/wiki/spaces/ENG/pages/98306", "/wiki/spaces/ENG/pages/98306/Retry+policy"] {
        let page = services.http.get(services.url(path)).send().await?.text().await?;
        assert!(page.contains("<h1>Retry policy</h1>") && page.contains("Version 7"), "{page}");
        assert!(page.contains("&lt;ac:structured-macro") && !page.contains("<ac:"), "{page}");
    }
    for path in ["/wiki/spaces/OPS/pages/98306", "/wiki/spaces/ENG/pages/1"] {
        assert_eq!(services.http.get(services.url(path)).send().await?.status(), 404);
    }
    Ok(())
}
