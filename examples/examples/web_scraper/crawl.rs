//! The crawl.

use crate::args::Crawl;
use crate::graph::{Graph, Outcome, Page};
use crate::html::Html;
use crate::normal::{normal, resolve};
use crate::pace::Pace;
use crate::robots::Rules;
use indicatif::ProgressBar;
use nimsync::http::{
    BodyExt, Client, Connector, Full, Incoming, Request, Response, StatusCode, header,
};
use nimsync::prelude::*;
use nimsync::{BoxError, GroupError, Retry, retry};
use nimsync_examples::Chain;
use nimsync_examples::web::retry_after;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// By what name the robot goes, and what it tells of itself.
const ROBOT: &str = "nimsync-web-scraper";
const USER_AGENT: &str = "nimsync-web-scraper/0.1 (an example program)";

/// The most bytes of a page that are looked at.
const LONGEST_PAGE: usize = 5 * 1024 * 1024;

/// The longest pause that is made when a site asks for one (`Retry-After`).
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Crawls a site; what was seen is in `graph`, also when this is cancelled.
///
/// All pages at one distance from the first are visited before those at the next: so
/// each is found on a shortest way.
pub(crate) async fn crawl(
    args: &Crawl,
    connector: Connector,
    graph: &mut Graph,
    bar: &ProgressBar,
) -> Result<(), GroupError> {
    task_group!(name = "crawl", |g| {
        let web = Arc::new(Web {
            // Redirects are links here; each has its turn, and robots.txt a say in it.
            client: Client::builder()
                .redirects(0)
                .connector(connector)
                .build(&g.spawner()),
            pace: Pace::new(1.seconds() / args.rate),
            timeout: args.timeout,
            retries: Retry::times(args.retries)
                .backoff(500.milliseconds())
                .jitter(),
        });
        let jobs = args.jobs as usize;
        let start = normal(args.url.clone());
        let mut hosts: HashSet<String> = args.hosts.iter().cloned().collect();
        hosts.extend(start.host_str().map(str::to_owned));
        let mut rules = HashMap::new();
        let mut found = HashSet::from([start.clone()]);
        let mut level = vec![start];
        for depth in 0..=args.depth {
            web.look_up_rules(&mut rules, &level, jobs).await;
            let visits = level
                .into_iter()
                .map(|url| (rules[&origin(&url)].clone(), url));
            let visits: Vec<_> = visits
                .take(args.pages as usize - graph.pages.len())
                .collect();
            let web = web.clone();
            let mut pages = stream::iter(visits).par_map(jobs, move |(rules, url)| {
                let web = web.clone();
                async move { web.visit(url, depth, &rules).await }
            });
            level = Vec::new();
            while let Some(page) = pages.next().await {
                for link in &page.links {
                    let follow = link.host_str().is_some_and(|host| hosts.contains(host));
                    if follow && found.insert(link.clone()) {
                        level.push(link.clone());
                    }
                }
                bar.inc(1);
                bar.set_message(page.url.to_string());
                graph.pages.push(page);
            }
            if level.is_empty() || graph.pages.len() == args.pages as usize {
                break;
            }
        }
    })
    .await
}

/// What all visits share.
struct Web {
    client: Client,
    pace: Pace,
    timeout: Duration,
    retries: Retry,
}

/// What came of an attempt that is worth another one.
#[derive(Debug)]
struct Passing(Outcome);

impl fmt::Display for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Error for Passing {}

impl Web {
    /// Asks the sites of some addresses what robots may do, those that are not known.
    async fn look_up_rules(
        self: &Arc<Self>,
        rules: &mut HashMap<String, Rules>,
        urls: &[Url],
        jobs: usize,
    ) {
        let mut unknown: Vec<Url> = Vec::new();
        for url in urls {
            let site = origin(url);
            if !rules.contains_key(&site) && unknown.iter().all(|other| origin(other) != site) {
                unknown.push(url.clone());
            }
        }
        let web = self.clone();
        let mut asked = stream::iter(unknown).par_map_unordered(jobs, move |url| {
            let web = web.clone();
            async move { (origin(&url), web.ask_for_rules(&url).await) }
        });
        while let Some((site, rule)) = asked.next().await {
            rules.insert(site, rule);
        }
    }

    async fn ask_for_rules(&self, url: &Url) -> Rules {
        let Some(robots) = resolve(url, "/robots.txt") else {
            return Rules::default();
        };
        self.turn(&robots, None).await;
        let answer = with_timeout!(self.timeout, async {
            let response = self.get(&robots).await?;
            let status = response.status();
            Ok::<_, BoxError>((status, body(response).await?))
        });
        match answer.await {
            Ok(Ok((status, text))) if status.is_success() => {
                Rules::parse(&String::from_utf8_lossy(&text), ROBOT)
            }
            // There is none, or it is kept from us: all is allowed (RFC 9309, 2.3.1.3).
            Ok(Ok((status, _))) if !status.is_server_error() => Rules::default(),
            Ok(Ok((status, _))) => Rules::nothing(format!("its robots.txt: {status}")),
            Ok(Err(error)) => Rules::nothing(format!("its robots.txt: {}", Chain(&*error))),
            Err(late) => Rules::nothing(format!("its robots.txt: {late}")),
        }
    }

    async fn visit(&self, url: Url, depth: usize, rules: &Rules) -> Page {
        let path = &url[url::Position::BeforePath..];
        let (outcome, links) = if rules.allow(path) {
            let visits = retry(self.retries, || self.attempt(&url, rules));
            match visits.await {
                Ok(visited) => visited,
                Err(error) => match error.into_error().downcast::<Passing>() {
                    Ok(passing) => (passing.0, Vec::new()),
                    Err(other) => unreachable!("all errors are of one type: {other}"),
                },
            }
        } else if let Some(why) = rules.unknown() {
            (Outcome::Failed(why.to_owned()), Vec::new())
        } else {
            (Outcome::Forbidden, Vec::new())
        };
        Page {
            url,
            depth,
            outcome,
            links,
        }
    }

    async fn attempt(&self, url: &Url, rules: &Rules) -> Result<(Outcome, Vec<Url>), Passing> {
        self.turn(url, rules.delay()).await;
        let visited = with_timeout!(self.timeout, self.fetch(url)).await;
        let (outcome, links) = match visited {
            Ok(Ok(visited)) => visited,
            Ok(Err(error)) => return Err(Passing(Outcome::Failed(Chain(&*error).to_string()))),
            Err(late) => return Err(Passing(Outcome::Failed(late.to_string()))),
        };
        match outcome {
            Outcome::Fetched { status, .. } if status == 429 || status >= 500 => {
                Err(Passing(outcome))
            }
            good => Ok((good, links)),
        }
    }

    async fn fetch(&self, url: &Url) -> Result<(Outcome, Vec<Url>), BoxError> {
        let response = self.get(url).await?;
        let status = response.status();
        if let Some(pause) = retry_after(response.headers()) {
            let host = url.host_str().unwrap_or_default();
            self.pace.hold(host, pause.min(LONGEST_PAUSE));
        }
        let text = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        if status.is_redirection()
            && let Some(to) = text(header::LOCATION)
        {
            let to = resolve(url, &to);
            return Ok((Outcome::Redirect(status.as_u16()), to.into_iter().collect()));
        }
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        let is_html = matches!(&*kind, "text/html" | "application/xhtml+xml");
        let (mut bytes, mut html) = (0, Html::default());
        // What is no page has no links; of it the head is enough.
        if is_html {
            let text = body(response).await?;
            bytes = text.len();
            if status == StatusCode::OK {
                html = Html::parse(&text, url);
            }
        }
        let outcome = Outcome::Fetched {
            status: status.as_u16(),
            kind,
            bytes,
            title: html.title,
        };
        Ok((outcome, html.links))
    }

    /// Waits until a request may go to the host of an address. It does not count as time
    /// that the page takes.
    async fn turn(&self, url: &Url, delay: Option<Duration>) {
        let host = url.host_str().unwrap_or_default();
        self.pace.turn(host, delay).await;
    }

    async fn get(&self, url: &Url) -> Result<Response<Incoming>, BoxError> {
        let request = Request::get(url.as_str())
            .header(header::USER_AGENT, USER_AGENT)
            .body(Full::default())?;
        Ok(self.client.request(request).await?)
    }
}

/// Reads a body; of a long one the beginning.
async fn body(response: Response<Incoming>) -> Result<Vec<u8>, BoxError> {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() >= LONGEST_PAGE {
            bytes.truncate(LONGEST_PAGE);
            break;
        }
    }
    Ok(bytes)
}

/// Scheme, host and port: what has one robots.txt.
fn origin(url: &Url) -> String {
    url[..url::Position::BeforePath].to_owned()
}
