use proptest::prelude::*;

use super::*;

/// What stands in the place of a text, where it is a credential. Made here, so that no file of the project holds one.
fn shown(text: &str) -> String {
    mask(text).0
}

fn tail(rule: &Rule) -> String {
    let letter = if rule.alphabet == Alphabet::Capitals { "7" } else { "a" };
    letter.repeat(rule.least)
}

fn credential_of(rule: &Rule) -> String {
    format!("{}{}", str::from_utf8(rule.prefix).unwrap(), tail(rule))
}

fn key(label: &str, line_end: &str) -> String {
    let body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"; 3].join(line_end);
    format!("-----BEGIN {label}-----{line_end}{body}{line_end}-----END {label}-----")
}

#[test]
fn every_rule_masks_what_it_describes_and_nothing_shorter() {
    for rule in RULES {
        let credential = credential_of(rule);
        assert_eq!(shown(&format!("token: {credential}, end")), format!("token: [masked: {}], end", rule.kind));
        let shorter = &credential[..credential.len() - 1];
        assert_eq!(shown(&format!("token: {shorter}, end")), format!("token: {shorter}, end"), "{}", rule.kind);
    }
}

#[test]
fn no_rule_is_hidden_by_one_before_it() {
    for (index, rule) in RULES.iter().enumerate() {
        let earlier = RULES[..index].iter().find(|earlier| rule.prefix.starts_with(earlier.prefix));
        assert!(earlier.is_none(), "{:?}", str::from_utf8(rule.prefix));
    }
}

#[test]
fn a_prefix_within_a_word_begins_no_credential() {
    let word = format!("a{}", credential_of(&RULES[0]));
    assert_eq!(shown(&word), word);
}

#[test]
fn a_json_web_token_is_masked_whole() {
    let token = format!("eyJ{0}.eyJ{0}.{0}", "a-_1".repeat(4));
    assert_eq!(shown(&format!("id={token} ok")), "id=[masked: JSON Web Token] ok");
    assert_eq!(shown("eyJhbGciOi.eyJz.x"), "eyJhbGciOi.eyJz.x");
}

#[test]
fn the_password_of_an_address_is_masked_and_its_user_is_not() {
    assert_eq!(
        shown("git clone https://x-token-auth:opensesame@bitbucket.org/acme/backend.git"),
        "git clone https://x-token-auth:[masked: password]@bitbucket.org/acme/backend.git"
    );
}

#[test]
fn an_address_without_a_password_stays() {
    for text in [
        "http://127.0.0.1:8080/a@b",
        "https://ann@example.com/",
        "postgres://user:$PASSWORD@db/x",
        "https://user:***@example.com",
        "npm ERR! see https://example.com:443/x",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn the_credential_of_a_header_is_masked() {
    let secret = "0123456789abcdef";
    assert_eq!(shown(&format!("> authorization: Basic {secret}")), "> authorization: Basic [masked: authorization]");
    assert_eq!(
        shown(&format!("\"Authorization\": \"Bearer {secret}\"")),
        "\"Authorization\": \"Bearer [masked: authorization]\""
    );
    assert_eq!(shown("Authorization: Bearer <token>"), "Authorization: Bearer <token>");
}

#[test]
fn a_private_key_is_masked_to_its_end() {
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        for line_end in ["\n", "\r\n", "\\n", "\n    "] {
            let text = format!("key: '{}' after", key(label, line_end));
            assert_eq!(shown(&text), "key: '[masked: private key]' after", "{label:?} {line_end:?}");
        }
    }
}

#[test]
fn a_private_key_with_headers_is_masked() {
    let key =
        key("RSA PRIVATE KEY", "\n").replacen("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\n", 1);
    assert_eq!(shown(&key), "[masked: private key]");
}

#[test]
fn a_private_key_that_is_cut_is_masked_as_far_as_it_goes() {
    let key = key("PRIVATE KEY", "\n");
    let cut = key.split("-----END").next().unwrap();
    assert_eq!(shown(cut), "[masked: private key]");
}

#[test]
fn a_program_that_looks_for_keys_holds_none() {
    let text = "if line.starts_with(\"-----BEGIN PRIVATE KEY-----\") { return Err(\"a key\"); }";
    assert_eq!(shown(text), text);
    let public = key("CERTIFICATE", "\n");
    assert_eq!(shown(&public), public);
}

#[test]
fn a_text_that_only_begins_credentials_is_looked_at_a_fixed_number_of_times() {
    // Of this length, a pass that went back for each beginning would not end.
    const LENGTH: usize = 200_000;
    let pieces = ["eyJ-", "eyJaaaaaaaaaaa.", "://", "://a:", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "sk-ant-"];
    for piece in pieces.into_iter().chain(["ghp_a", "_authToken=", "authorization: bearer ", "\\n", "a"]) {
        let text = piece.repeat(LENGTH / piece.len());
        for begun in [text.clone(), format!("eyJ{text}"), format!("-----BEGIN PRIVATE KEY-----{text}")] {
            assert!(find(begun.as_bytes()).len() <= LENGTH / piece.len());
        }
    }
}

proptest! {
    #[test]
    fn a_credential_is_masked_wherever_it_stands(
        index in 0..RULES.len(),
        before in "[a-z0-9 .:=\n]{0,40}[ =:\"\n]",
        after in "[ \n\"',;)][a-z0-9 .:\n]{0,40}",
    ) {
        let credential = credential_of(&RULES[index]);
        let masked = shown(&format!("{before}{credential}{after}"));
        prop_assert!(!masked.contains(&credential), "{masked}");
        prop_assert!(masked.starts_with(before.trim_end_matches([' ', '=', ':', '"', '\n'])), "{}", masked);
    }

    #[test]
    fn whatever_a_text_holds_masks_lie_in_it_one_after_the_other(text in "(eyJ|ghp_|://|:|@|-----BEGIN PRIVATE KEY-----|\\.|\n|a{1,40}|é|🦀){0,30}") {
        let mut shown = 0;
        for mask in find(text.as_bytes()) {
            prop_assert!(mask.at.start >= shown && mask.at.end > mask.at.start && mask.at.end <= text.len());
            // Nothing is cut within a character.
            prop_assert!(text.is_char_boundary(mask.at.start) && text.is_char_boundary(mask.at.end));
            shown = mask.at.end;
        }
    }

    #[test]
    fn what_was_masked_once_holds_no_credential_more(
        index in 0..RULES.len(),
        around in "[a-zA-Z0-9 /:@.=\n-]{0,60}",
    ) {
        let (masked, _) = mask(&format!("{around} {} {around}", credential_of(&RULES[index])));
        prop_assert_eq!(mask(&masked).1, 0, "{}", masked);
    }

    #[test]
    fn words_stay_as_they_are(text in "([a-z]{1,12}[ \n.,]){0,40}") {
        prop_assert_eq!(shown(&text), text);
    }
}
