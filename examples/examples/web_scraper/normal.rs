//! One spelling for addresses that are the same.

use url::Url;

/// Returns the address that a link leads to, in its normal form; `None` if it leads to
/// no page.
pub(crate) fn resolve(base: &Url, link: &str) -> Option<Url> {
    let url = base.join(link.trim()).ok()?;
    let is_page = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_page.then(|| normal(url))
}

/// Normalises an address.
///
/// Small letters in the host, no default port, no `.` and `..` are the parser's work.
/// Here: no fragment, no credentials, no empty query, nothing escaped that need not be,
/// capital letters in escapes. The order of a query's parts may matter to the server,
/// and is left alone.
pub(crate) fn normal(mut url: Url) -> Url {
    url.set_fragment(None);
    // They only fail for addresses without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    let path = unescape(url.path());
    url.set_path(&path);
    let query = url.query().map(unescape);
    url.set_query(query.as_deref());
    url
}

/// Takes escapes off that mean the same without (RFC 3986, 6.2.2.2).
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = escape.get(1..3);
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(byte.into());
                rest = &escape[3..];
            }
            Some(byte) => {
                out.push_str(&format!("%{byte:02X}"));
                rest = &escape[3..];
            }
            None => {
                out.push('%');
                rest = &escape[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(link: &str) -> Option<String> {
        let base = Url::parse("http://example.org/folder/page?old#there").unwrap();
        resolve(&base, link).map(Into::into)
    }

    #[track_caller]
    fn leads_to(link: &str, url: &str) {
        assert_eq!(of(link).as_deref(), Some(url), "{link}");
    }

    #[test]
    fn links_are_relative_to_their_page() {
        leads_to("other", "http://example.org/folder/other");
        leads_to("/", "http://example.org/");
        leads_to("../a/./b", "http://example.org/a/b");
        leads_to("//example.com", "http://example.com/");
        leads_to("", "http://example.org/folder/page?old");
        leads_to("?new", "http://example.org/folder/page?new");
    }

    #[test]
    fn one_page_has_one_address() {
        leads_to("HTTP://Example.ORG:80/a#part", "http://example.org/a");
        leads_to("http://me:secret@example.org/a?", "http://example.org/a");
        leads_to("/%7euser/%e4%2fb", "http://example.org/~user/%E4%2Fb");
        leads_to("/100%?q=%61%26", "http://example.org/100%?q=a%26");
        leads_to(" /a\n", "http://example.org/a");
    }

    #[test]
    fn other_schemes_lead_to_no_page() {
        for link in [
            "mailto:a@example.org",
            "javascript:go()",
            "data:,x",
            "http://",
        ] {
            assert_eq!(of(link), None, "{link}");
        }
    }
}
