//! The compose program.

use std::{ffi::OsString, path::PathBuf};

use futures::future::BoxFuture;

use super::Nowhere;

/// A compose project as its files on disk have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeProject {
    /// Its name.
    pub name: String,
    /// Its files, whole paths.
    pub files: Vec<PathBuf>,
    /// The folder that compose works in.
    pub folder: PathBuf,
    /// The file of variables, where it is another than the folder's `.env`.
    pub environment: Option<PathBuf>,
}

impl ComposeProject {
    /// What compose is given to bring `service` up, or all where it is empty. Nothing is built.
    pub fn up(&self, service: &str) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec![
            "--project-name".into(),
            self.name.clone().into(),
            "--project-directory".into(),
            self.folder.clone().into(),
        ];
        if let Some(environment) = &self.environment {
            args.extend(["--env-file".into(), environment.clone().into()]);
        }
        for file in &self.files {
            args.extend(["-f".into(), file.clone().into()]);
        }
        args.extend(["up".into(), "-d".into(), "--no-build".into()]);
        if !service.is_empty() {
            args.extend(["--no-deps".into(), service.into()]);
        }
        args
    }

    /// The same as a line for people.
    pub fn line(&self, service: &str) -> String {
        let args = self.up(service);
        let args = args.iter().map(|arg| arg.to_string_lossy());
        args.fold("docker-compose".to_owned(), |line, arg| {
            format!("{line} {arg}")
        })
    }
}

/// Why compose did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeRefused {
    /// In a sentence, with what to do.
    pub why: String,
    /// The end of what it said.
    pub said: String,
}

/// Runs compose, without a shell.
pub trait Compose: Send + Sync {
    /// Brings a project, or one service of it, up; gives the end of what compose said. It ends within a bounded time, and with
    /// the caller.
    fn up<'a>(
        &'a self,
        project: &'a ComposeProject,
        service: &'a str,
    ) -> BoxFuture<'a, Result<String, ComposeRefused>>;
}

impl Compose for Nowhere {
    fn up<'a>(
        &'a self,
        _project: &'a ComposeProject,
        _service: &'a str,
    ) -> BoxFuture<'a, Result<String, ComposeRefused>> {
        Box::pin(async {
            Err(ComposeRefused {
                why: "There is no compose here.".to_owned(),
                said: String::new(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_built_and_one_service_takes_no_other_with_it() {
        let project = ComposeProject {
            name: "shop".to_owned(),
            files: vec!["/opt/shop/a.yaml".into(), "/opt/shop/b.yaml".into()],
            folder: "/opt/shop".into(),
            environment: Some("/opt/shop/prod.env".into()),
        };
        assert_eq!(
            project.line(""),
            "docker-compose --project-name shop --project-directory /opt/shop --env-file /opt/shop/prod.env \
             -f /opt/shop/a.yaml -f /opt/shop/b.yaml up -d --no-build"
        );
        assert!(
            project
                .line("web")
                .ends_with("up -d --no-build --no-deps web")
        );
    }
}
