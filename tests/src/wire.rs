//! One TCP connection, down to the bytes: several requests on it, header names in any case.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use crate::client::Answer;

/// A connection that stays open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub fn open(origin: &str) -> Self {
        let host = origin.strip_prefix("http://").expect("plain HTTP").to_owned();
        let stream = TcpStream::connect(&host).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a deadline");
        Self { stream: BufReader::new(stream), host }
    }

    /// Sends a request and waits for the answer.
    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send("POST", path, headers, body);
        self.answer()
    }

    /// Hangs up as a client does that was ended. Whoever merely stops sending may still be listening: workerd takes that
    /// for no end.
    pub fn hang_up(self) {
        socket2::SockRef::from(self.stream.get_ref())
            .set_linger(Some(Duration::ZERO))
            .expect("an option of the socket");
    }

    /// Sends a request and waits for nothing.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n", self.host, body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        self.stream.get_mut().write_all(format!("{request}\r\n{body}").as_bytes()).expect("sent");
    }

    /// The status and headers of an answer whose body is still to come.
    pub fn head(&mut self) -> (u16, BTreeMap<String, String>) {
        let status = self.line().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        (status, headers)
    }

    /// The next message of a stream of events, each of which comes in a chunk of its own; `None` at its end.
    pub fn message(&mut self) -> Option<Value> {
        loop {
            let line = self.line();
            match line.strip_prefix("data: ") {
                Some(message) => return Some(serde_json::from_str(message).expect("JSON in one line")),
                None if line == "0" => return None,
                None => {}
            }
        }
    }

    fn answer(&mut self) -> Answer {
        let (status, headers) = self.head();
        let mut body = Vec::new();
        if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            loop {
                let length = usize::from_str_radix(&self.line(), 16).expect("the length of a chunk");
                body.extend(self.bytes(length));
                self.line();
                if length == 0 {
                    break;
                }
            }
        } else if let Some(length) = headers.get("content-length") {
            body = self.bytes(length.parse().expect("a length"));
        }
        Answer { status, headers, body: String::from_utf8(body).expect("UTF-8") }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).expect("as many bytes");
        bytes
    }
}
