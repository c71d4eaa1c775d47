//! The functions of border.js, and how headers travel: as one text.

use js_sys::Uint8Array;
use wasm_bindgen::{
    JsValue,
    prelude::{Closure, wasm_bindgen},
};
use worker::web_sys;

/// Hears of an id whether its promise was kept, and its value; of one that was abandoned, the id alone.
pub type Listener = dyn Fn(u32, Option<bool>, JsValue);

#[wasm_bindgen(module = "/src/platform/workers/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = headOf)]
    pub fn head_of(request: &web_sys::Request) -> String;

    pub fn listen(listener: &Closure<Listener>);

    #[wasm_bindgen(catch)]
    pub fn receive(id: u32, request: &web_sys::Request, limit: usize, discarded: usize) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn watch(id: u32, request: &web_sys::Request) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn respond(status: u16, headers: &str, body: &[u8]) -> Result<web_sys::Response, JsValue>;

    #[wasm_bindgen(catch)]
    pub fn exchange(
        id: u32,
        url: &str,
        method: &str,
        headers: &str,
        body: Option<Uint8Array>,
        milliseconds: u32,
        limit: usize,
        decodes: bool,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn turn(id: u32, stub: &JsValue, command: &str, milliseconds: u32) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn put(id: u32, bucket: &JsValue, name: &str, text: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn get(id: u32, bucket: &JsValue, name: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub fn first(id: u32, bucket: &JsValue, prefix: &str, after: &str) -> Result<(), JsValue>;

    /// What [`exchange`] comes to.
    pub type Exchanged;

    #[wasm_bindgen(method, getter)]
    pub fn status(this: &Exchanged) -> u16;

    #[wasm_bindgen(method, getter)]
    pub fn headers(this: &Exchanged) -> String;

    #[wasm_bindgen(method, getter)]
    pub fn body(this: &Exchanged) -> Uint8Array;

    #[wasm_bindgen(method, getter)]
    pub fn truncated(this: &Exchanged) -> bool;
}

/// Headers as border.js reads them.
pub fn written<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        // A line feed would make of one header two; the runtime refuses all else that HTTP forbids.
        for part in [name, value] {
            text.extend(part.chars().filter(|character| *character != '\n'));
            text.push('\n');
        }
    }
    text
}

/// Headers as border.js writes them.
pub fn read(text: &str) -> Vec<(String, String)> {
    let mut lines = text.split('\n');
    let mut headers = Vec::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        headers.push((name.to_owned(), value.to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_travel_there_and_back() {
        let headers = [("a", "1"), ("b", ""), ("a", "x: y")];
        let owned: Vec<(String, String)> = headers.map(|(name, value)| (name.into(), value.into())).into();
        assert_eq!(read(&written(headers.into_iter())), owned);
        assert_eq!(read(&written([].into_iter())), []);
    }

    #[test]
    fn a_value_cannot_begin_another_header() {
        assert_eq!(written([("a", "1\nb: 2")].into_iter()), "a\n1b: 2\n");
    }
}
