//! "Did you mean": the known name that is nearest to what was written.

/// Returns the known name within reach of a typing slip. Case and underscores do not count, so that
/// a name in another style is near as well.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written = normalized(written);
    let distance_to = |name: &&str| distance(&written, &normalized(name));
    let best = known.iter().copied().min_by_key(distance_to)?;
    // A third of the name may be wrong; more than that is another word.
    (distance_to(&best) <= (best.len() / 3).max(1)).then_some(best)
}

/// Lists names as a message shows them: `` `a`, `b`, `c` ``.
pub(crate) fn listed(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn normalized(name: &str) -> Vec<char> {
    name.chars()
        .filter(|&c| c != '_')
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Counts the insertions, removals and replacements between two names (Levenshtein), one row of the
/// table at a time.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: &[&str] = &["flavor", "workers", "collect_errors"];

    #[test]
    fn finds_a_slip_or_another_style_but_not_another_word() {
        assert_eq!(nearest("wokers", KNOWN), Some("workers"));
        assert_eq!(nearest("flavour", KNOWN), Some("flavor"));
        assert_eq!(nearest("CollectErrors", KNOWN), Some("collect_errors"));
        assert_eq!(nearest("threads", KNOWN), None);
    }
}
