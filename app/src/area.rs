//! The console's areas. A browser loads the code of one at a time; from one to the other it loads a page anew, which the
//! server renders whole.

/// A part of the console that has a script and a wasm file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// What is looked at every day: overview, deployment.
    Operations,
    /// The charts of a host, and the wall.
    Resources,
    /// A service with its charts and its log.
    Services,
    /// Backup sets, restores, and what is under way.
    Backups,
    /// What is done now and then: one's own account, users, settings, the audit log, signing in, setting up.
    Administration,
}

impl Area {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Operations,
        Self::Resources,
        Self::Services,
        Self::Backups,
        Self::Administration,
    ];

    /// The name in the site's manifest; the frontend's feature of that name compiles it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operations => "operations",
            Self::Resources => "resources",
            Self::Services => "services",
            Self::Backups => "backups",
            Self::Administration => "administration",
        }
    }

    /// Whose page is at `path`. Where there is none, any area says so.
    pub fn of(path: &str) -> Self {
        let mut parts = path.trim_matches('/').split('/');
        match (parts.next(), parts.next()) {
            (Some("account" | "audit" | "settings" | "setup" | "sign-in"), _) => {
                Self::Administration
            }
            (Some("resources" | "wall"), _) => Self::Resources,
            (Some("deployment"), Some(_)) => Self::Services,
            (Some("backups"), _) => Self::Backups,
            _ => Self::Operations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_area_that_has_its_page() {
        for path in ["/", "/deployment", "/deployment/", "/settingsx"] {
            assert_eq!(Area::of(path), Area::Operations, "{path}");
        }
        for path in ["/resources", "/wall"] {
            assert_eq!(Area::of(path), Area::Resources, "{path}");
        }
        for path in ["/deployment/shop/web", "/deployment/settings/audit"] {
            assert_eq!(Area::of(path), Area::Services, "{path}");
        }
        for path in ["/backups", "/backups/4", "/backups/operations/7"] {
            assert_eq!(Area::of(path), Area::Backups, "{path}");
        }
        for path in [
            "/account",
            "/audit",
            "/settings",
            "/settings/users/7",
            "/setup",
            "/sign-in",
        ] {
            assert_eq!(Area::of(path), Area::Administration, "{path}");
        }
    }
}
