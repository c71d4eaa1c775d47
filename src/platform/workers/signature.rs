//! WebCrypto, reached through JavaScript's own objects: its functions are asynchronous.

use futures::{FutureExt, future::LocalBoxFuture};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use super::thrown;
use crate::platform::{
    Fault,
    signature::{Algorithm, Signatures},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = crypto, js_name = subtle)]
    static SUBTLE: Subtle;

    type Subtle;

    #[wasm_bindgen(method, catch, js_name = importKey)]
    fn import_key(
        this: &Subtle,
        format: &str,
        key: &JsValue,
        algorithm: &Object,
        extractable: bool,
        usages: &Array,
    ) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn verify(
        this: &Subtle,
        algorithm: &Object,
        key: &JsValue,
        signature: &Uint8Array,
        message: &Uint8Array,
    ) -> Result<js_sys::Promise, JsValue>;
}

pub(super) struct WebCrypto;

impl Signatures for WebCrypto {
    fn verify<'a>(
        &'a self,
        algorithm: Algorithm,
        key: &'a Value,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, Fault>> {
        async move { verify(algorithm, key, message, signature).await.map_err(|error| thrown("signature", &error)) }
            .boxed_local()
    }
}

async fn verify(algorithm: Algorithm, key: &Value, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let parameters = match algorithm {
        Algorithm::Rs256 => object(&[("name", "RSASSA-PKCS1-v1_5"), ("hash", "SHA-256")])?,
        Algorithm::Es256 => object(&[("name", "ECDSA"), ("hash", "SHA-256"), ("namedCurve", "P-256")])?,
    };
    let key = js_sys::JSON::parse(&key.to_string())?;
    // A provider may publish a key with `use` or `key_ops` of its own; WebCrypto wants them to agree with ours.
    for member in ["use", "key_ops", "alg", "ext"] {
        Reflect::delete_property(key.unchecked_ref::<Object>(), &member.into())?;
    }
    let usages = Array::of1(&"verify".into());
    let importing = SUBTLE.with(|subtle| subtle.import_key("jwk", &key, &parameters, false, &usages))?;
    let imported = JsFuture::from(importing).await?;
    let verifying = SUBTLE.with(|subtle| {
        subtle.verify(&parameters, &imported, &Uint8Array::from(signature), &Uint8Array::from(message))
    })?;
    Ok(JsFuture::from(verifying).await?.is_truthy())
}

fn object(members: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}
