//! Another web site on this machine: a client's loopback callback, a stranger's page.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use url::Url;

/// How long a browser may take to come here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A site whose every address shows the same page. It lives as long as the test binary.
pub struct Site {
    /// Without a slash at the end.
    pub url: String,
    visits: Receiver<Url>,
}

impl Site {
    pub fn showing(html: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let (sender, visits) = channel();
        let (origin, html) = (url.clone(), html.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser opens connections ahead of need, and may leave them unused.
                let Some(path) = answer(stream, &html) else { continue };
                let visit = Url::parse(&format!("{origin}{path}")).expect("a URL");
                if visit.path() != "/favicon.ico" && sender.send(visit).is_err() {
                    break;
                }
            }
        });
        Self { url, visits }
    }

    /// Waits for the next visit: the address that was asked for.
    pub fn visit(&self) -> Url {
        self.visits.recv_timeout(PATIENCE).expect("a browser comes here")
    }
}

fn answer(mut stream: TcpStream, html: &str) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    while !lines.next()?.ok()?.is_empty() {}
    let length = html.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {length}");
    stream.write_all(format!("{head}\r\n\r\n{html}").as_bytes()).ok()?;
    Some(path)
}
