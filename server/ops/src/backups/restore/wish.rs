//! What may be wished for of a restore: where to, and which files.

use std::path::{Component, Path, PathBuf};

use backup::restore;
use store::backups::{
    sets::{self, Set},
    targets,
};
use types::{
    Error as Told,
    backups::{Way, Wish},
};

use super::super::source;
use crate::{Ops, Outcome};

/// The most paths that are picked at once.
const MOST_PATHS: usize = 50;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 1_000;

/// The longest name of a database, in bytes.
const LONGEST_NAME: usize = 63;

/// What the system, or another program, keeps for itself: nothing is restored to in there.
const KEPT: [&str; 18] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/cache",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/dpkg",
    "/var/lib/postgresql",
    "/var/run",
];

/// What was wished for, as it is stored.
///
/// # Errors
/// `Invalid` names the field, `to` or `only`; the database failed.
pub async fn checked(ops: &Ops, set: &Set, wish: &Wish) -> Outcome<Wish> {
    let is_database = set.kind.is_database();
    let only = if is_database {
        if !wish.only.is_empty() {
            return Err(Told::field("only", "Single files are picked of folders alone.").into());
        }
        Vec::new()
    } else {
        picked(&wish.only)?
    };
    let way = match &wish.way {
        Way::InPlace => Way::InPlace,
        Way::Beside(name) if is_database => Way::Beside(new_database(ops, set, name).await?),
        Way::Beside(folder) => Way::Beside(new_folder(ops, folder).await?),
    };
    Ok(Wish { way, only })
}

/// Whole paths of a backup.
///
/// # Errors
/// `Invalid` of `only`.
pub fn picked(paths: &[String]) -> Result<Vec<String>, Told> {
    if paths.len() > MOST_PATHS {
        return Err(Told::field(
            "only",
            format!("Pick at most {MOST_PATHS} files or folders."),
        ));
    }
    let whole = paths.iter().map(|path| {
        whole_path(path).ok_or_else(|| Told::field("only", "Give whole paths that begin with /."))
    });
    whole.collect()
}

/// A path that begins with `/`, without what leads elsewhere or stands for nothing; none where it is no such path.
pub fn whole_path(text: &str) -> Option<String> {
    let is_plain = text.starts_with('/')
        && text.len() <= LONGEST_PATH
        && !text.chars().any(char::is_control)
        && !text.split('/').any(|part| part == "..");
    let parts = || {
        text.split('/')
            .filter(|part| !part.is_empty() && *part != ".")
    };
    is_plain.then(|| {
        let path: String = parts().flat_map(|part| ["/", part]).collect();
        if path.is_empty() {
            "/".to_owned()
        } else {
            path
        }
    })
}

/// The name of a database that is to be made.
async fn new_database(ops: &Ops, set: &Set, name: &str) -> Outcome<String> {
    let refuse = |message: String| Told::field("to", message);
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(refuse(format!(
            "Give the new database a name of 1 to {LONGEST_NAME} bytes."
        ))
        .into());
    }
    if ["postgres", "template0", "template1"].contains(&name) {
        return Err(refuse(format!("{name} belongs to the server itself.")).into());
    }
    let (server, _) = source::server(ops, set)
        .await?
        .map_err(|error| Told::conflict(error.message))?;
    match restore::is_taken(&server, name).await {
        Ok(false) => Ok(name.to_owned()),
        Ok(true) => Err(refuse(format!(
            "There is a database {name} already. Choose another name."
        ))
        .into()),
        Err(error) => Err(Told::conflict(error.message).into()),
    }
}

/// A folder that is new or empty, and in which nothing else lives.
async fn new_folder(ops: &Ops, text: &str) -> Outcome<String> {
    let refuse = |message: &str| Told::field("to", message);
    let Some(path) = whole_path(text.trim()).filter(|path| path != "/") else {
        return Err(
            refuse("Give the whole path of a new or an empty folder, beginning with /.").into(),
        );
    };
    let meant = PathBuf::from(&path);
    let real = resolved(&meant);
    for one in [&meant, &real] {
        if KEPT.iter().any(|kept| one.starts_with(kept)) {
            return Err(
                refuse("The system keeps that folder for itself. Choose another one.").into(),
            );
        }
        if lies_in_backups(ops, one).await? {
            return Err(refuse(
                "A backup set holds that folder, or backups lie there. Choose one beside it.",
            )
            .into());
        }
    }
    let is_free = match std::fs::read_dir(&real) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if !is_free {
        return Err(
            refuse("It holds something already, or is no folder. Choose a new one.").into(),
        );
    }
    Ok(path)
}

/// Where a path leads to by links; what of it is not there yet stays as it is.
fn resolved(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|one| one.exists());
    let Some((there, real)) = there.and_then(|one| Some((one, one.canonicalize().ok()?))) else {
        return path.to_owned();
    };
    let rest = path.strip_prefix(there).unwrap_or(Path::new(""));
    let rest: PathBuf = (rest.components())
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect();
    if rest.as_os_str().is_empty() {
        real
    } else {
        real.join(rest)
    }
}

/// Whether a path lies in what is backed up, or in what the console keeps its backups in; or one of these in it.
async fn lies_in_backups(ops: &Ops, path: &Path) -> Outcome<bool> {
    let sets = sets::list(&ops.db, None).await?;
    let backed_up = sets.into_iter().flat_map(|set| set.settings.paths);
    let targets = targets::list(&ops.db).await?;
    let repositories = targets.into_iter().map(|target| target.location);
    let own = ops.backups.folder().display().to_string();
    let mut all = (backed_up.chain(repositories).chain([own])).map(PathBuf::from);
    Ok(all.any(|one| one.is_absolute() && (path.starts_with(&one) || one.starts_with(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_path_leads_nowhere_else() {
        for (given, whole) in [
            ("/a/b", Some("/a/b")),
            ("//a/./b/", Some("/a/b")),
            ("/", Some("/")),
            ("a/b", None),
            ("", None),
            ("/a/../etc", None),
            ("/a\nb", None),
        ] {
            assert_eq!(whole_path(given).as_deref(), whole, "{given}");
        }
        assert!(whole_path(&format!("/{}", "x".repeat(LONGEST_PATH))).is_none());
    }

    #[test]
    fn so_many_are_picked_and_no_more() {
        assert!(picked(&vec!["/a".to_owned(); MOST_PATHS]).is_ok());
        let many = picked(&vec!["/a".to_owned(); MOST_PATHS + 1]).err();
        assert!(many.is_some_and(|error| error.of_field("only").is_some()));
        assert!(picked(&["a".to_owned()]).is_err());
    }
}
