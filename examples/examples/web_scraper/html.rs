//! What a page says of itself: its title, and where it links to.

use crate::normal::resolve;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use std::collections::BTreeSet;
use url::Url;

/// The title of a page, and its links in the order in which they come, each once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Html {
    pub(crate) title: Option<String>,
    pub(crate) links: Vec<Url>,
}

impl Html {
    /// Reads a page.
    pub(crate) fn parse(text: &[u8], url: &Url) -> Self {
        let mut html = Self::default();
        let mut base = url.clone();
        let mut seen = BTreeSet::new();
        let mut title: Option<String> = None;
        let mut emitter = DefaultEmitter::default();
        // So that what is in scripts and styles is not taken for tags.
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
            match token {
                Token::StartTag(tag) if *tag.name == b"title" => {
                    title = title.or_else(|| Some(String::new()));
                }
                Token::String(text) => {
                    if let (Some(title), None) = (&mut title, &html.title) {
                        title.push_str(&String::from_utf8_lossy(&text.value));
                    }
                }
                Token::EndTag(tag) if *tag.name == b"title" && html.title.is_none() => {
                    let words = title.as_deref().unwrap_or_default().split_whitespace();
                    html.title = Some(words.collect::<Vec<_>>().join(" "));
                }
                Token::StartTag(tag) if *tag.name == b"base" => {
                    let href = attribute(&tag, b"href").and_then(|href| url.join(&href).ok());
                    base = href.unwrap_or(base);
                }
                Token::StartTag(tag) if matches!(&**tag.name, b"a" | b"area") => {
                    let link = attribute(&tag, b"href").and_then(|href| resolve(&base, &href));
                    html.links
                        .extend(link.filter(|link| seen.insert(link.clone())));
                }
                _ => {}
            }
        }
        html
    }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value = tag.attributes.get(name)?;
    Some(String::from_utf8_lossy(&value.value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<String>, Vec<String>) {
        let url = Url::parse("http://example.org/dir/").unwrap();
        let html = Html::parse(text.as_bytes(), &url);
        (html.title, html.links.into_iter().map(Into::into).collect())
    }

    #[test]
    fn links_are_found_each_once() {
        let (title, links) = parse(
            "<title>A\n &amp; B</title><a href=one>1</a><A HREF='two?a=1&amp;b=2'>2</A>\
             <a href=\"one#again\"><area href=/map><a name=x><link href=/style.css>\
             <a href=mailto:me@example.org>",
        );
        assert_eq!(title.as_deref(), Some("A & B"));
        assert_eq!(
            links,
            [
                "http://example.org/dir/one",
                "http://example.org/dir/two?a=1&b=2",
                "http://example.org/map"
            ]
        );
    }

    #[test]
    fn comments_and_scripts_have_no_links() {
        let (_, links) = parse(
            "<!-- <a href=/comment> --><script>'<a href=/script>'</script>\
             <style>/* <a href=/style> */</style><a href=/real>",
        );
        assert_eq!(links, ["http://example.org/real"]);
    }

    #[test]
    fn a_base_changes_what_links_are_relative_to() {
        let (_, links) = parse("<base href=/other/><a href=one>");
        assert_eq!(links, ["http://example.org/other/one"]);
    }
}
