//! What a site asks robots to leave alone: RFC 9309, and `Crawl-delay`, which is not in
//! it but in use.

use std::time::Duration;

/// The longest delay that is respected.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// What is asked of this robot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    delay: Option<Duration>,
    unknown: Option<String>,
}

#[derive(Clone, Debug)]
struct Rule {
    allow: bool,
    pattern: String,
}

impl Rules {
    /// For a site whose file could not be had: it is to be left alone.
    pub(crate) fn nothing(why: String) -> Self {
        Self {
            unknown: Some(why),
            ..Self::parse("user-agent: *\ndisallow: /", "")
        }
    }

    /// Why the file could not be had, if that is so.
    pub(crate) fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// Parses the file: the groups that name the robot, or else those for all.
    pub(crate) fn parse(text: &str, robot: &str) -> Self {
        let (mut own, mut general) = (Self::default(), Self::default());
        let mut named = false;
        // Whom the group that is being read is for, and whether its rules have begun.
        let (mut for_own, mut for_all, mut begun) = (false, false, true);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if begun {
                    (for_own, for_all, begun) = (false, false, false);
                }
                for_own |= !robot.is_empty() && value.eq_ignore_ascii_case(robot);
                for_all |= value == "*";
                named |= for_own;
                continue;
            }
            if !matches!(&*key, "allow" | "disallow" | "crawl-delay") {
                continue;
            }
            begun = true;
            for (wanted, rules) in [(for_own, &mut own), (for_all, &mut general)] {
                if wanted {
                    rules.add(&key, value);
                }
            }
        }
        if named { own } else { general }
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse().ok();
            let delay = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
            self.delay = delay.map(|delay| delay.min(LONGEST_DELAY));
        } else if !value.is_empty() {
            self.rules.push(Rule {
                allow: key == "allow",
                pattern: value.to_owned(),
            });
        }
    }

    /// How long to wait between requests.
    pub(crate) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// Whether a path, with its query, may be fetched: the longest pattern that fits
    /// says so, and of two as long the one that allows.
    pub(crate) fn allow(&self, path: &str) -> bool {
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, path));
        let best = fitting.max_by_key(|rule| (rule.pattern.len(), rule.allow));
        best.is_none_or(|rule| rule.allow)
    }
}

/// Whether a pattern fits the beginning of a path. `*` stands for anything, `$` at the
/// end for the end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for (number, part) in parts.iter().enumerate() {
        if to_the_end && number + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    !to_the_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_counts() {
        let rules = Rules::parse("User-agent: *\nDisallow: /a\nAllow: /a/b # but\n", "us");
        assert!(rules.allow("/"));
        assert!(!rules.allow("/about"));
        assert!(rules.allow("/a/b/c"));
        let same = Rules::parse("user-agent: *\ndisallow: /x\nallow: /x", "us");
        assert!(same.allow("/x"));
    }

    #[test]
    fn patterns_have_stars_and_an_end() {
        assert!(fits("/*.php", "/index.php?x"));
        assert!(!fits("/*.php$", "/index.php?x"));
        assert!(fits("/*.php$", "/a/index.php"));
        assert!(fits("/a*b*c", "/a--b--c--"));
        assert!(!fits("/a*b*c", "/a--c--b"));
        assert!(fits("/fish$", "/fish"));
        assert!(!fits("/fish$", "/fishes"));
        assert!(fits("/a*a$", "/aXa") && !fits("/a*a$", "/a"));
    }

    #[test]
    fn a_group_of_ones_own_replaces_that_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-Agent: Us\n\
                    Disallow: /only\nCrawl-delay: 0.5\n\nUser-agent: more\nDisallow: /more";
        let rules = Rules::parse(text, "us");
        assert!(rules.allow("/page") && rules.allow("/more"));
        assert!(!rules.allow("/only/this"));
        assert_eq!(rules.delay(), Some(Duration::from_millis(500)));
        assert!(!Rules::parse(text, "them").allow("/page"));
    }

    #[test]
    fn what_is_no_rule_is_passed_over() {
        let rules = Rules::parse("hello\nDisallow: /before\nUser-agent: *\nDisallow:\n", "us");
        assert!(rules.allow("/before"));
        assert!(Rules::parse("<html>", "us").allow("/"));
        assert!(!Rules::nothing("no answer".to_owned()).allow("/"));
    }
}
