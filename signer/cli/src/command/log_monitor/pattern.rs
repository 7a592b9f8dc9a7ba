//! Names to watch: literals, in which `*` stands for any characters. Matching takes time linear in the name.

/// A name to watch.
pub(super) struct Pattern {
    /// What stands between the asterisks, in order; one part where there is none.
    parts: Vec<String>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self { parts: text.split('*').map(str::to_owned).collect() }
    }

    /// Whether a whole name fits.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self.parts.as_slice() {
            [] => false,
            [literal] => literal == name,
            [first, middle @ .., last] => {
                let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
                for part in middle {
                    let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
                    rest = after;
                }
                rest.ends_with(last.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_fit_and_parts_of_names_do_not() {
        for (pattern, name, fits) in [
            ("alice@example.org", "alice@example.org", true),
            ("alice@example.org", "malice@example.org", false),
            ("alice@example.org", "alice@example.org.evil", false),
            ("*@example.org", "alice@example.org", true),
            ("*@example.org", "alice@example.org.evil", false),
            ("spiffe://*/agent/builder/*", "spiffe://x.internal/agent/builder/1", true),
            ("spiffe://*/agent/builder/*", "spiffe://x.internal/agent/builder2/1", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*", "", true),
            ("", "alice", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), fits, "{pattern} {name}");
        }
    }

    // SRV-18.
    #[test]
    fn a_hostile_name_costs_no_more_than_its_length() {
        let pattern = Pattern::new(&"a*".repeat(200));
        assert!(!pattern.matches(&"b".repeat(1_000_000)));
        assert!(pattern.matches(&"a".repeat(1_000_000)));
    }
}
