//! Where the palette leads, and what of it a few words find.

use types::Capability;

/// The most results shown; more words narrow them.
const SHOWN: usize = 12;

/// Somewhere to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is called.
    pub label: String,
    /// What tells it from others of that name.
    pub hint: String,
    /// Its address.
    pub href: String,
}

/// The pages of those who `may` do this and that.
pub fn pages(may: impl Fn(Capability) -> bool) -> Vec<Target> {
    const PAGES: [(&str, &str, Capability); 16] = [
        ("Overview", "/", Capability::SeeStack),
        ("Deployment", "/deployment", Capability::SeeStack),
        ("Resources", "/resources", Capability::SeeStack),
        ("Wall view", "/wall", Capability::SeeStack),
        ("Backups", "/backups", Capability::SeeStack),
        ("Backup targets", "/backups/targets", Capability::SeeStack),
        ("Audit log", "/audit", Capability::SeeAudit),
        ("Account", "/account", Capability::SeeStack),
        ("Settings", "/settings", Capability::SeeStack),
        ("Users", "/settings/users", Capability::Manage),
        ("Teams", "/settings/teams", Capability::Manage),
        ("API tokens", "/settings/tokens", Capability::Manage),
        (
            "Thresholds and targets",
            "/settings/thresholds",
            Capability::Manage,
        ),
        ("Samples", "/settings/samples", Capability::Manage),
        ("Preflight", "/settings/preflight", Capability::SeeStack),
        ("Roles", "/settings/roles", Capability::SeeStack),
    ];
    PAGES
        .into_iter()
        .filter(|(_, _, needs)| may(*needs))
        .map(|(label, href, _)| Target {
            label: label.to_owned(),
            hint: "page".to_owned(),
            href: href.to_owned(),
        })
        .collect()
}

/// Targets that hold every word; those that begin with what was typed come first.
pub fn matching(typed: &str, targets: Vec<Target>) -> Vec<Target> {
    let typed = typed.trim().to_ascii_lowercase();
    let words: Vec<_> = typed.split_whitespace().collect();
    let found = targets.into_iter().filter(|target| {
        let text = format!("{} {}", target.label, target.hint).to_ascii_lowercase();
        words.iter().all(|word| text.contains(word))
    });
    let (mut found, others): (Vec<_>, Vec<_>) =
        found.partition(|target| target.label.to_ascii_lowercase().starts_with(&typed));
    found.extend(others);
    found.truncate(SHOWN);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(label: &str, hint: &str) -> Target {
        Target {
            label: label.to_owned(),
            hint: hint.to_owned(),
            href: String::new(),
        }
    }

    #[test]
    fn every_word_must_be_there_and_beginnings_come_first() {
        let targets = vec![
            target("the-backend", "shop"),
            target("backend", "shop"),
            target("backend", "test"),
        ];
        let found = matching("back", targets.clone());
        assert_eq!(
            found.iter().map(|t| t.label.as_str()).collect::<Vec<_>>(),
            ["backend", "backend", "the-backend"]
        );
        assert_eq!(matching("Backend TEST", targets.clone()).len(), 1);
        assert!(matching("nothing", targets).is_empty());
    }

    #[test]
    fn only_pages_that_may_be_seen() {
        let seen = pages(|needs| needs == Capability::SeeStack);
        assert!(
            seen.iter()
                .all(|page| page.label != "Users" && page.label != "Audit log")
        );
        assert_eq!(pages(|_| true).len(), 16);
    }
}
