//! Whatever a stranger sends is answered with a status of the checklist, and never with a panic.

use proptest::prelude::*;

use super::*;

const STATUSES: [u16; 10] = [200, 202, 204, 400, 401, 403, 404, 405, 413, 415];

/// JSON made of the members that mean something here, with values that mostly do not.
fn nearly_valid() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            "2.0",
            "2026-07-28",
            "2025-11-25",
            "tools/call",
            "tools/list",
            "resources/read",
            "prompts/get",
            "completion/complete",
            "ref/prompt",
            "ref/resource",
            "initialize",
            "ping",
            "server/discover",
            "subscriptions/listen",
            "notifications/initialized",
            "whoami",
            "accept",
            "decline",
        ])
        .prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "jsonrpc",
        "id",
        "method",
        "params",
        "result",
        "error",
        "_meta",
        "name",
        "uri",
        "arguments",
        "ref",
        "type",
        "argument",
        "value",
        "context",
        "cursor",
        "requestState",
        "inputResponses",
        "bitbucket_connect",
        "action",
        "notifications",
        "protocolVersion",
        "capabilities",
        "elicitation",
        "url",
        "io.modelcontextprotocol/protocolVersion",
        "io.modelcontextprotocol/clientCapabilities",
        "io.modelcontextprotocol/logLevel",
        "other",
    ]);
    scalar.prop_recursive(5, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(vec![
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
        "origin",
        "content-type",
        "authorization",
        "accept",
    ]);
    let value = prop_oneof![
        ".{0,16}",
        prop::sample::select(vec![
            "2026-07-28",
            "2025-11-25",
            "tools/call",
            "tools/list",
            "=?base64?d2hvYW1p?=",
            "=?base64?*?=",
            "null",
            "application/json",
            "Bearer alice/editor",
            "v2.a.b",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..6)
}

thread_local! {
    /// One for all cases: making a database for each would take most of the time.
    static WORLD: Rc<World> = World::new();
}

fn is_answered(sending: Sending) -> Result<(), TestCaseError> {
    let received = WORLD.with(|world| sending.to(world));
    prop_assert!(STATUSES.contains(&received.status), "{received:?}");
    let is_json = received.header("content-type") == Some("application/json");
    if is_json {
        let json: Value = serde_json::from_str(&received.text)?;
        prop_assert!(!received.text.contains("\"id\":null"), "{json}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..256)) {
        is_answered(post(body))?;
    }

    #[test]
    fn any_text_is_answered(body in "[\\[\\]{}\",:0-9a-z\\\\u .-]{0,64}") {
        is_answered(post(body))?;
    }

    #[test]
    fn nearly_valid_messages_are_answered(message in nearly_valid(), headers in any_headers()) {
        let mut sending = post(message.to_string());
        sending.headers.extend(headers);
        is_answered(sending)?;
    }

    #[test]
    fn nearly_valid_params_are_answered(
        method in prop::sample::select(vec![
            "tools/call", "tools/list", "resources/read", "prompts/get", "completion/complete", "initialize",
            "subscriptions/listen", "ping",
        ]),
        params in nearly_valid(),
        is_modern in any::<bool>(),
    ) {
        if let Value::Object(_) = params {
            is_answered(if is_modern { modern(method, params) } else { legacy(method, params) })?;
        }
    }

    #[test]
    fn any_headers_are_answered(headers in any_headers()) {
        is_answered(Sending { method: Method::Post, headers, body: modern("tools/list", json!({})).body })?;
    }

    #[test]
    fn nearly_valid_batches_are_answered(messages in prop::collection::vec(nearly_valid(), 0..25)) {
        is_answered(post(Value::from(messages).to_string()))?;
    }

    #[test]
    fn no_name_reaches_the_tools_that_header_and_body_do_not_agree_on(header in ".{0,12}", body in ".{0,12}") {
        let called = WORLD.with(|world| {
            world.called.take();
            modern("tools/call", json!({ "name": body })).with("mcp-name", &header).to(world);
            world.names_called()
        });
        prop_assert!(called.is_empty() || called == [body.clone()] && header.trim_matches([' ', '\t']) == body);
    }
}
