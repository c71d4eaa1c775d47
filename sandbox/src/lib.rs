//! A stand-in for Bitbucket Cloud (REST and OAuth consumer endpoints), Confluence Cloud (REST) and Atlassian's
//! OAuth 2.0 (3LO), faithful where an integration can notice the difference: real git data, rotating refresh tokens,
//! scopes fixed on the consumer, pagination, redirects, HTML error pages. `/control` injects faults
//! and tells what was asked.
//!
//! It is for a loopback address and for made-up data only.

mod accounts;
mod atlassian;
mod bitbucket;
mod clock;
mod confluence;
mod control;
mod identifier;
mod ledger;
mod request;
mod samples;
mod settings;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use settings::{App, Consumer, Samples, Settings};
use world::World;

/// A sandbox that runs in the background of this process, until it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    world: Arc<World>,
    task: JoinHandle<Result<()>>,
}

impl Sandbox {
    /// Starts on a free loopback port.
    pub async fn start(settings: Settings) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        Self::listen(listener, settings).await
    }

    /// Starts on a listener that is bound already. Data is made or loaded before this returns.
    pub async fn listen(listener: TcpListener, settings: Settings) -> Result<Self> {
        let address = listener.local_addr()?;
        ensure!(
            address.ip().is_loopback(),
            "the sandbox has no secrets to keep and listens on loopback addresses only"
        );
        let world = Arc::new(World::create(settings).await?);
        let task = tokio::spawn(run(listener, world.clone()));
        Ok(Self { address, world, task })
    }

    /// Waits until it stops by itself, which only a failure makes it do.
    pub async fn ended(&mut self) -> Result<()> {
        (&mut self.task).await?
    }

    /// Where it listens, without a slash at the end: `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces the callbacks of the app at Atlassian, each of which has to be named exactly.
    pub fn register_app_callbacks(&self, urls: &[String]) {
        self.world.change_settings(|settings| settings.app.callbacks = urls.to_vec());
    }

    /// Replaces the callback registered on every consumer, for a Worker whose port became known
    /// after the sandbox had started.
    pub fn register_callback(&self, url: &str) {
        self.world.change_settings(|settings| {
            for consumer in &mut settings.consumers {
                consumer.callback = url.to_owned();
            }
        });
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn method_not_allowed() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, Extension(samples::NoRoute))
}

async fn run(listener: TcpListener, world: Arc<World>) -> Result<()> {
    let services = Router::new()
        .merge(bitbucket::routes())
        .merge(confluence::routes())
        .merge(atlassian::routes(&world))
        .fallback(bitbucket::errors::page_not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(world.clone(), samples::serve))
        .layer(from_fn_with_state(world.clone(), bitbucket::access::guard))
        .layer(from_fn_with_state(world.clone(), confluence::guard))
        .with_state(world.clone());
    let router = Router::new()
        // A service of its own, so that what the gateway makes of an address is what is routed.
        .fallback_service(services)
        .layer(from_fn_with_state(world.clone(), atlassian::gateway::enter))
        .layer(from_fn_with_state(world.clone(), control::watch))
        // Merged after the layers: the control endpoints are neither recorded nor made to fail.
        .merge(control::routes().with_state(world));
    axum::serve(listener, router).await.context("the sandbox stopped listening")
}
