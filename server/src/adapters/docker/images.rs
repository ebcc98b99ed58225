//! What is wanted of images; they never change, so each is asked for once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Deserialize;

use super::{
    PATIENCE,
    connect::Connector,
    facts::{name_of, nullable},
    read,
};

/// The most images that are remembered.
const MOST: usize = 1_000;

/// An image's digest and the names of the environment variables that it sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// `sha256:…` of the repository; empty for an image that was built here.
    pub digest: String,
    /// Names of environment variables.
    pub environment: Vec<String>,
}

/// Images by id.
#[derive(Debug, Default)]
pub struct Images(Mutex<HashMap<String, Arc<Image>>>);

impl Images {
    /// The image `id`; nothing is known of one that can't be read.
    pub async fn get(&self, connector: &Connector, id: &str) -> Arc<Image> {
        let known = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned();
        if let Some(image) = known {
            return image;
        }
        let is_id = id
            .strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if !is_id {
            return Arc::default();
        }
        let path = format!("/images/{id}/json");
        let Ok(inspected) = read::json::<Inspected>(connector, &path, PATIENCE).await else {
            return Arc::default();
        };
        let image = Arc::new(Image::from(inspected));
        let mut images = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if images.len() >= MOST {
            images.clear();
        }
        images.insert(id.to_owned(), Arc::clone(&image));
        image
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inspected {
    #[serde(deserialize_with = "nullable")]
    repo_digests: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    config: Config,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Config {
    #[serde(deserialize_with = "nullable")]
    env: Vec<String>,
}

impl From<Inspected> for Image {
    fn from(inspected: Inspected) -> Self {
        let digest = inspected
            .repo_digests
            .first()
            .and_then(|name| name.split_once('@'));
        Self {
            digest: digest
                .map(|(_, digest)| digest.to_owned())
                .unwrap_or_default(),
            environment: inspected
                .config
                .env
                .iter()
                .map(|entry| name_of(entry))
                .collect(),
        }
    }
}
