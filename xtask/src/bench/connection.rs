//! One request over plain HTTP/1.1 to this machine, and its answer.

use anyhow::{Context, Result, bail, ensure};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

/// An answer that takes longer ends the run.
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// One request, as often as wanted.
#[derive(Clone)]
pub(crate) struct Call {
    port: u16,
    request: Vec<u8>,
}

impl Call {
    pub(crate) fn get(port: u16, path: &str) -> Self {
        Self { port, request: format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n").into_bytes() }
    }

    pub(crate) fn post(port: u16, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut request =
            format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.extend(["\r\n", body]);
        Self { port, request: request.into_bytes() }
    }

    /// Sends it once, on a connection of its own.
    pub(crate) fn once(&self) -> Result<Answer> {
        Connection::open(self)?.exchange(self)
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Fails unless it is a 200 that holds this text.
    pub(crate) fn check(&self, expected: &str) -> Result<()> {
        let holds = self.body.windows(expected.len()).any(|window| window == expected.as_bytes());
        let beginning = String::from_utf8_lossy(self.body.get(..self.body.len().min(500)).unwrap_or_default());
        ensure!(self.status == 200 && holds, "the answer was not as it should be: {} {beginning}", self.status);
        Ok(())
    }
}

/// A connection that takes one request after the other.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to where that call goes.
    pub(crate) fn open(call: &Call) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, call.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::with_capacity(64 * 1024, stream)))
    }

    /// Sends one request and reads its answer.
    pub(crate) fn exchange(&mut self, call: &Call) -> Result<Answer> {
        self.0.get_mut().write_all(&call.request).context("sending a request")?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP status")?;
        let mut length = None;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse().context("a content-length that is no number")?);
            }
        }
        let body = match length {
            Some(length) => self.bytes(length)?,
            None => self.chunks()?,
        };
        Ok(Answer { status, body })
    }

    /// A body in chunks (RFC 9112 §7.1), without trailers.
    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line()?, 16).context("a chunk without its length")?;
            body.extend(self.bytes(length)?);
            self.line()?;
            if length == 0 || body.len() > LARGEST_ANSWER {
                return Ok(body);
            }
        }
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > LARGEST_ANSWER {
            bail!("an answer of {length} bytes");
        }
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).context("reading an answer")?;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).context("waiting for an answer")?;
        ensure!(read > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    fn answered(bytes: &'static [u8]) -> Result<Answer> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || listener.accept().and_then(|(mut stream, _)| stream.write_all(bytes)));
        Call::get(port, "/").once()
    }

    #[test]
    fn an_answer_of_known_length_is_read() -> Result<()> {
        assert_eq!(answered(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore")?.body, b"ok");
        Ok(())
    }

    #[test]
    fn an_answer_in_chunks_is_read() -> Result<()> {
        let chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n";
        assert_eq!(answered(chunks)?.body, b"okay!");
        Ok(())
    }

    #[test]
    fn another_status_is_not_taken_for_success() -> Result<()> {
        assert!(answered(b"HTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\nok")?.check("ok").is_err());
        Ok(())
    }
}
