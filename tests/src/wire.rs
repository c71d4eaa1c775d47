//! One TCP connection, down to the bytes: several requests on it, header names in any case.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

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
        let mut request = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n", self.host, body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        self.stream.get_mut().write_all(format!("{request}\r\n{body}").as_bytes()).expect("sent");
        self.answer()
    }

    fn answer(&mut self) -> Answer {
        let status = self.line().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
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
