//! The other way round: axum on tokio, and a handler that uses nimsync's groups.
//!
//! ```text
//! cargo run --release --example inside_tokio -- --listen 127.0.0.1:8080
//! curl http://127.0.0.1:8080/prices/tea
//! ```
//!
//! The body of the group is polled by tokio, its children by workers that nimsync
//! starts for them. When a client goes away, axum drops the handler, and the group
//! cancels its children.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser;
use nimsync::prelude::*;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Asks shops for prices, all at once.
#[derive(Parser)]
struct Args {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// How many shops are being asked.
type Asking = Arc<AtomicUsize>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let listener = tokio::net::TcpListener::bind(&args.listen).await?;
    println!(
        "listening on {}; press ctrl-c to stop",
        listener.local_addr()?
    );
    let app = Router::new()
        .route("/prices/{item}", get(prices))
        .route("/asking", get(asking))
        .with_state(Asking::default());
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            // Nothing can be done about an error here but to go on.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    println!("stopped");
    Ok(())
}

#[derive(Serialize)]
struct Offer {
    shop: u32,
    pence: u32,
}

/// Asks four shops; the first that is closed ends it for all.
async fn prices(
    State(asking): State<Asking>,
    Path(item): Path<String>,
) -> Result<Json<Vec<Offer>>, (StatusCode, String)> {
    let offers = task_group!(timeout = 5.seconds(), |g| {
        let shops: Vec<_> = (1..=4)
            .map(|shop| g.spawn(ask(shop, item.clone(), asking.clone())))
            .collect();
        let mut offers = Vec::new();
        for shop in shops {
            offers.push(shop.await);
        }
        offers
    });
    match offers.await {
        Ok(offers) => Ok(Json(offers)),
        Err(error) => Err((StatusCode::BAD_GATEWAY, format!("{error}\n"))),
    }
}

async fn ask(shop: u32, item: String, asking: Asking) -> Result<Offer, &'static str> {
    /// Counts a shop for as long as it is asked.
    struct Asked(Asking);
    impl Drop for Asked {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    asking.fetch_add(1, Ordering::Relaxed);
    let _asked = Asked(asking);
    // A child finds the tokio runtime that its group was opened in.
    let takes = if item == "patience" { 4000 } else { 10 };
    tokio::time::sleep(Duration::from_millis(takes)).await;
    match &*item {
        "tea" => Ok(Offer {
            shop,
            pence: 300 + shop,
        }),
        _ => Err("not in stock"),
    }
}

async fn asking(State(asking): State<Asking>) -> String {
    format!("{}\n", asking.load(Ordering::Relaxed))
}
