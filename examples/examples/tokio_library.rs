//! A library made for tokio, awaited in tasks of nimsync: `reqwest`.
//!
//! ```text
//! cargo run --release --example tokio_library
//! cargo run --release --example tokio_library -- http://127.0.0.1:8080/
//! ```
//!
//! `#[nimsync::main(tokio)]` starts a tokio runtime in the background, which each worker
//! can find. Without an address it asks a server of its own.

use clap::Parser;
use nimsync::http::{Bytes, Full, Incoming, Request, Response, ServeOptions, serve, service_fn};
use nimsync::net::TcpListener;
use nimsync::prelude::*;
use std::convert::Infallible;

/// Fetches pages, all at once.
#[derive(Parser)]
struct Args {
    /// What to fetch
    #[arg(value_name = "URL")]
    urls: Vec<String>,
}

#[nimsync::main(tokio)]
async fn main() -> anyhow::Result<()> {
    let mut args = Args::parse();
    task_group!(|g| {
        if args.urls.is_empty() {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            g.service(serve(listener, ServeOptions::new(), service_fn(page)));
            let names = ["tea", "coffee", "water"];
            args.urls = names.map(|name| format!("http://{address}/{name}")).into();
        }
        let client = reqwest::Client::builder().timeout(10.seconds()).build()?;
        let pages: Vec<_> = args
            .urls
            .iter()
            .map(|url| {
                let request = client.get(url);
                g.spawn(async move {
                    let response = request.send().await?.error_for_status()?;
                    response.text().await
                })
            })
            .collect();
        for (page, url) in pages.into_iter().zip(&args.urls) {
            let name = url.rsplit('/').next().unwrap_or_default();
            println!("{name}: {}", page.await.trim_end());
        }
    })
    .await?;
    Ok(())
}

async fn page(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    Ok(Response::new(Full::from(format!("the page {path}\n"))))
}
