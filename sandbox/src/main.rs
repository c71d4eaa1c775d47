//! `sandbox --port 8790 --state .dev/sandbox [--callback URL]`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use sandbox::{Samples, Sandbox, Settings};
use tokio::net::TcpListener;

const USAGE: &str = "usage: sandbox [--port 8790] [--state FOLDER] [--callback URL]
                     [--access-token-seconds 7200] [--refresh-leeway-seconds 0]
                     [--documents FOLDER]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let (port, settings) = arguments(std::env::args().skip(1))?;
    let listener =
        TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("cannot listen on port {port}"))?;
    let mut sandbox = Sandbox::listen(listener, settings).await?;
    let _ = writeln!(std::io::stdout(), "sandbox listening on {}", sandbox.url());
    tokio::select! {
        ended = sandbox.ended() => ended,
        signal = stopped() => signal,
    }
}

async fn stopped() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<(u16, Settings)> {
    use std::time::Duration;

    let mut port = 8790;
    let mut settings = Settings::default();
    while let Some(name) = words.next() {
        let value = words.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
        let wrong = || format!("{name} cannot be {value}\n{USAGE}");
        match name.as_str() {
            "--port" => port = value.parse().with_context(wrong)?,
            "--state" => settings.state = Some(PathBuf::from(value)),
            "--callback" => {
                for consumer in &mut settings.consumers {
                    consumer.callback.clone_from(&value);
                }
            }
            "--access-token-seconds" => {
                settings.access_token_lifetime = Duration::from_secs(value.parse().with_context(wrong)?);
            }
            "--refresh-leeway-seconds" => {
                settings.refresh_leeway = Duration::from_secs(value.parse().with_context(wrong)?);
            }
            "--documents" => {
                settings.samples = Some(Samples { documents: PathBuf::from(value), everywhere: false });
            }
            _ => bail!("unknown argument {name}\n{USAGE}"),
        }
    }
    Ok((port, settings))
}
