//! Overview, health, verification, preflight, and the settings of all of them.
//!
//! Each function makes a type of its own name in upper camel case, so the records keep their paths here.
#![expect(
    missing_docs,
    reason = "the fields of the types that the macro makes are the functions' parameters"
)]

use leptos::prelude::*;
use types::Error;

/// What is wrong, the worst and oldest first, and how much runs.
#[server(prefix = "/fn", endpoint = "overview", output = types::wire::Json)]
pub async fn overview() -> Result<types::overview::Overview, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::overview::overview(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Every check's last result.
#[server(prefix = "/fn", endpoint = "health", output = types::wire::Json)]
pub async fn health() -> Result<types::health::Health, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::health(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Runs every check at once.
#[server(prefix = "/fn", endpoint = "verify", output = types::wire::Json)]
pub async fn verify() -> Result<types::health::Health, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    let health = ops::health::verify_now(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)?;
    crate::ssr::done::say(&super::done::verified(&health));
    Ok(health)
}

/// Compares the machine with what the platform needs.
#[server(prefix = "/fn", endpoint = "preflight", output = types::wire::Json)]
pub async fn preflight() -> Result<types::preflight::Preflight, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::preflight::preflight(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// The thresholds in force.
#[server(prefix = "/fn", endpoint = "thresholds", output = types::wire::Json)]
pub async fn thresholds() -> Result<types::preflight::Thresholds, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::preflight::thresholds(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Sets all thresholds. Numbers come as they were typed, so that each that is none is named, and shares in per cent; a
/// box that is not ticked sends nothing.
#[server(prefix = "/fn", endpoint = "set_thresholds", output = types::wire::Json)]
#[allow(clippy::too_many_arguments, reason = "they are a form's fields")]
pub async fn set_thresholds(
    min_cores: String,
    min_memory_gib: String,
    min_storage_tb: String,
    max_response_ms: String,
    max_error_rate: String,
    max_cpu_usage: String,
    max_disk_usage: String,
    max_memory_usage: String,
    #[server(default)] expect_gpu: String,
) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    let fields = [
        ("min_cores", min_cores.as_str()),
        ("min_memory_gib", &min_memory_gib),
        ("min_storage_tb", &min_storage_tb),
        ("max_response_ms", &max_response_ms),
        ("max_error_rate", &max_error_rate),
        ("max_cpu_usage", &max_cpu_usage),
        ("max_disk_usage", &max_disk_usage),
        ("max_memory_usage", &max_memory_usage),
    ];
    let mut refused = Vec::new();
    let thresholds = types::preflight::Thresholds {
        min_cores: number("min_cores", &min_cores, &mut refused),
        min_memory_gib: number("min_memory_gib", &min_memory_gib, &mut refused),
        min_storage_tb: number("min_storage_tb", &min_storage_tb, &mut refused),
        max_response_ms: number("max_response_ms", &max_response_ms, &mut refused),
        max_error_rate: share("max_error_rate", &max_error_rate, 0.0, &mut refused),
        max_cpu_usage: share("max_cpu_usage", &max_cpu_usage, 1.0, &mut refused),
        max_disk_usage: share("max_disk_usage", &max_disk_usage, 1.0, &mut refused),
        max_memory_usage: share("max_memory_usage", &max_memory_usage, 1.0, &mut refused),
        expect_gpu: !expect_gpu.is_empty(),
    };
    if !refused.is_empty() {
        ssr::typed::keep("thresholds", &fields);
        let error = Error::Invalid { fields: refused };
        ssr::answer(&error);
        return Err(error);
    }
    ops::preflight::set_thresholds(&ops, &actor, thresholds)
        .await
        .map_err(|fault| ssr::tell_form(fault, "thresholds", &fields))?;
    ssr::done::say(super::done::THRESHOLDS_SAVED);
    Ok(())
}

/// A share that was typed in per cent, `least` at least. The use-case would name its bounds as shares.
#[cfg(feature = "ssr")]
fn share(field: &str, text: &str, least: f64, refused: &mut Vec<types::FieldError>) -> f64 {
    let before = refused.len();
    let percent: f64 = number(field, text.trim_end_matches(['%', ' ']), refused);
    if refused.len() == before && !(least..=100.0).contains(&percent) {
        refused.push(types::FieldError {
            field: field.to_owned(),
            message: format!("Give a percentage from {least} to 100."),
        });
    }
    percent / 100.0
}

/// A number as it was typed, with a point or a comma; what is none is refused.
#[cfg(feature = "ssr")]
pub(super) fn number<N: std::str::FromStr + Default>(
    field: &str,
    text: &str,
    refused: &mut Vec<types::FieldError>,
) -> N {
    text.trim().replace(',', ".").parse().unwrap_or_else(|_| {
        let message = "Give a number without its unit.".to_owned();
        refused.push(types::FieldError {
            field: field.to_owned(),
            message,
        });
        N::default()
    })
}

/// Where the checks ask; passwords are masked.
#[server(prefix = "/fn", endpoint = "targets", output = types::wire::Json)]
pub async fn targets() -> Result<Vec<types::health::Target>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::health::targets(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// Sets where the check `name` asks; an empty `url` goes back to what is found by itself. One that is refused is told by the
/// check's name: the page has a form for each.
#[server(prefix = "/fn", endpoint = "set_target", output = types::wire::Json)]
pub async fn set_target(name: String, url: String) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    ops::health::set_target(&ops, &actor, &name, &url)
        .await
        .map_err(|fault| ssr::rename_field(ssr::tell(fault), "url", &name))?;
    ssr::done::say(super::done::TARGET_SAVED);
    Ok(())
}
