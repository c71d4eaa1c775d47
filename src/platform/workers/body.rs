//! Reading bodies: in one piece where the length is known and small enough, else piece by piece up to a limit.

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader};

/// The length that the `content-length` header tells.
pub(super) fn announced_length(headers: &[(String, String)]) -> Option<usize> {
    headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok())
}

/// The bytes of an `arrayBuffer()` promise: ten times faster than piece by piece.
pub(super) async fn whole(array_buffer: Promise) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(array_buffer).await?).to_vec())
}

/// At most `limit` bytes, and whether there were more.
pub(super) async fn up_to(stream: Option<ReadableStream>, limit: usize) -> Result<(Vec<u8>, bool), JsValue> {
    let Some(stream) = stream else { return Ok((Vec::new(), false)) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok((bytes, false));
        }
        let piece = Uint8Array::new(&Reflect::get(&piece, &"value".into())?);
        let room = u32::try_from(limit.saturating_sub(bytes.len())).unwrap_or(u32::MAX);
        if piece.length() > room {
            bytes.extend(piece.subarray(0, room).to_vec());
            // The rest is not wanted; whether the other side hears of it is its own matter.
            drop(reader.cancel());
            return Ok((bytes, true));
        }
        bytes.extend(piece.to_vec());
    }
}

/// Reads a body that is not wanted, up to `limit` bytes: a client that is still sending when the connection closes
/// never sees the answer.
pub(super) async fn discard(stream: Option<ReadableStream>, limit: usize) -> Result<(), JsValue> {
    let Some(stream) = stream else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut read = 0;
    while read < limit {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.unchecked_into();
        read = read.saturating_add(usize::try_from(piece.length()).unwrap_or(limit));
    }
    drop(reader.cancel());
    Ok(())
}
