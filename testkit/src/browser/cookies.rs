//! A jar of cookies. As in every browser, the port does not part them: all of 127.0.0.1 shares one jar.

use url::Url;

#[derive(Default)]
pub(crate) struct Cookies(Vec<Cookie>);

struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

impl Cookies {
    /// Obeys one Set-Cookie header of an answer from `url`. `Secure` is taken as met: browsers trust loopback.
    pub(crate) fn keep(&mut self, url: &Url, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let Some(host) = url.host_str() else { return };
        let mut path = default_path(url.path());
        let mut is_gone = false;
        for part in parts {
            let (attribute, setting) = part.split_once('=').unwrap_or((part, ""));
            match attribute.to_ascii_lowercase().as_str() {
                "path" if setting.starts_with('/') => path = setting.to_owned(),
                "max-age" => is_gone = setting.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "expires" => is_gone |= setting.contains(" 1970 "),
                _ => {}
            }
        }
        self.0.retain(|old| (old.name.as_str(), old.host.as_str(), old.path.as_str()) != (name, host, path.as_str()));
        if !is_gone {
            self.0.push(Cookie { host: host.to_owned(), path, name: name.to_owned(), value: value.to_owned() });
        }
    }

    /// The Cookie header for a request to `url`, the longest paths first.
    pub(crate) fn header_for(&self, url: &Url) -> Option<String> {
        let host = url.host_str()?;
        let mut fitting: Vec<&Cookie> =
            self.0.iter().filter(|cookie| cookie.host == host && covers(&cookie.path, url.path())).collect();
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = fitting.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// The path that a cookie without one belongs to: the folder of the address (RFC 6265, section 5.1.4).
fn default_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
    }
}

fn covers(cookie: &str, request: &str) -> bool {
    request.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_cookie_goes_to_its_path_and_below_it_on_any_port() {
        let mut jar = Cookies::default();
        jar.keep(&url("http://127.0.0.1:8791/auth"), "step=1; Path=/interaction/a; HttpOnly");
        jar.keep(&url("http://127.0.0.1:8791/auth"), "__Host-session=2; Path=/; Secure");
        let header_for = |to: &str| jar.header_for(&url(to));
        assert_eq!(header_for("http://127.0.0.1:8750/interaction/a/b").as_deref(), Some("step=1; __Host-session=2"));
        assert_eq!(header_for("http://127.0.0.1:8750/interaction/ab").as_deref(), Some("__Host-session=2"));
        assert_eq!(header_for("http://localhost:8750/"), None);
    }

    #[test]
    fn a_cookie_is_replaced_and_removed() {
        let mut jar = Cookies::default();
        let here = url("http://127.0.0.1/");
        jar.keep(&here, "a=1");
        jar.keep(&here, "a=2");
        assert_eq!(jar.header_for(&here).as_deref(), Some("a=2"));
        jar.keep(&here, "a=; Max-Age=0");
        assert_eq!(jar.header_for(&here), None);
    }
}
