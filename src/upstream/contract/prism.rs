//! Prism, the mock server that checks requests against an OpenAPI document.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::platform::fetch::OutboundRequest;

/// Reading a large document takes Prism seconds, and more where other tests keep the machine busy.
const START_LIMIT: Duration = Duration::from_secs(120);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// A running Prism; dropping it ends it.
pub struct Prism {
    process: Child,
    document: PathBuf,
    address: SocketAddr,
}

/// Node.js and Prism, as the npm packages bring them.
fn programs() -> [PathBuf; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/.bin");
    ["node", "prism"].map(|name| folder.join(name))
}

impl Prism {
    /// Whether the npm packages are there.
    pub fn is_installed() -> bool {
        programs().iter().all(|program| program.exists())
    }

    /// Starts it and does not wait.
    pub fn start(document: &Path) -> Self {
        let [node, prism] = programs();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let process = Command::new(node)
            .arg(prism)
            .args(["mock", "-h", "127.0.0.1", "-p", &address.port().to_string()])
            .arg(document)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prism starts");
        Self { process, document: document.to_owned(), address }
    }

    pub fn wait_until_ready(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let document = self.document.display();
            let ended = self.process.try_wait().expect("a child");
            assert!(ended.is_none(), "Prism ended: run `npx prism mock {document}` to see why");
            assert!(start.elapsed() < START_LIMIT, "Prism does not answer; it reads {document}");
            sleep(Duration::from_millis(100));
        }
    }

    /// Sends the request to this path.
    ///
    /// # Errors
    /// What Prism has against it.
    pub fn send(&self, request: &OutboundRequest, path: &str, authorization: &str) -> Result<(), String> {
        let method = request.method.name();
        let answer =
            self.exchange(request, path, authorization).map_err(|error| format!("{method} {path}: {error}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).unwrap_or_default();
        if matches!(status.as_bytes().first(), Some(b'2' | b'3')) && violations(head).is_empty() {
            return Ok(());
        }
        Err(format!("{method} {path}: {status} {} {}", violations(head).join(", "), body.get(..1_000).unwrap_or(body)))
    }

    fn exchange(&self, request: &OutboundRequest, path: &str, authorization: &str) -> std::io::Result<String> {
        let body = request.body.as_deref().unwrap_or_default();
        let mut message = format!("{} {path} HTTP/1.1\r\nhost: {}\r\n", request.method.name(), self.address);
        message +=
            &format!("authorization: {authorization}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in &request.headers {
            message += &format!("{name}: {value}\r\n");
        }
        message += "\r\n";
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        stream.write_all(message.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// What Prism's header says against the request. It says there too where its own made-up answer is not as the document
/// has it, which is no concern of ours.
fn violations(head: &str) -> Vec<String> {
    let header = head.lines().find_map(|line| line.strip_prefix("sl-violations: "));
    let violations: Vec<Value> = header.map_or_else(Vec::new, |json| serde_json::from_str(json).expect("a JSON array"));
    violations.into_iter().filter(|one| one["location"][0] == "request").map(|one| one.to_string()).collect()
}

impl Drop for Prism {
    fn drop(&mut self) {
        // Errors say that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
