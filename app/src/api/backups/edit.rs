//! Making and changing sets.
#![expect(
    clippy::too_many_arguments,
    clippy::similar_names,
    clippy::unused_async,
    reason = "the fields of a form are its function's parameters, and a server function is async"
)]

use leptos::prelude::*;
use types::Error;
#[cfg(feature = "ssr")]
use types::{
    FieldError,
    backups::{Keep, SetKind, SetSettings},
};

#[cfg(feature = "ssr")]
use crate::api::done;

/// When a schedule runs next, in a sentence, or what is wrong with it.
#[server(prefix = "/fn", endpoint = "next_runs", output = types::wire::Json)]
pub async fn next_runs(schedule: String, time_zone: String) -> Result<String, Error> {
    let (ops, _) = crate::ssr::asked()?;
    let told = ops::backups::next_runs(&schedule, &time_zone, ops.clock.now());
    told.inspect_err(crate::ssr::answer)
}

/// Makes a set of folders; gives its number. Figures come as they were typed, so that each that is no number is named.
#[server(prefix = "/fn", endpoint = "create_backup_set", output = types::wire::Json)]
pub async fn create_backup_set(
    name: String,
    team: String,
    #[server(default)] enabled: String,
    schedule: String,
    time_zone: String,
    within_days: String,
    daily: String,
    weekly: String,
    monthly: String,
    rpo_minutes: String,
    rto_minutes: String,
    #[server(default)] checksum_mib: String,
    #[server(default)] paths: String,
    #[server(default)] excludes: String,
    #[server(default)] targets: Vec<i64>,
) -> Result<i64, Error> {
    use crate::ssr;
    let typed = Typed {
        name,
        team,
        enabled,
        schedule,
        time_zone,
        within_days,
        daily,
        weekly,
        monthly,
        rpo_minutes,
        rto_minutes,
        checksum_mib,
        paths,
        excludes,
        targets,
    };
    let (ops, actor) = ssr::asked()?;
    let settings = typed.settings(&ops::backups::defaults(SetKind::Directory))?;
    let set = ops::backups::create(&ops, &actor, &settings)
        .await
        .map_err(|fault| renamed(ssr::tell_form(fault, "set", &typed.fields())))?;
    ssr::done::say(done::BACKUP_SET_MADE);
    ssr::go_on(&format!("/backups/{}", set.id));
    Ok(set.id)
}

/// Changes a set.
#[server(prefix = "/fn", endpoint = "update_backup_set", output = types::wire::Json)]
pub async fn update_backup_set(
    id: i64,
    name: String,
    team: String,
    #[server(default)] enabled: String,
    schedule: String,
    time_zone: String,
    within_days: String,
    daily: String,
    weekly: String,
    monthly: String,
    rpo_minutes: String,
    rto_minutes: String,
    #[server(default)] checksum_mib: String,
    #[server(default)] paths: String,
    #[server(default)] excludes: String,
    #[server(default)] targets: Vec<i64>,
) -> Result<i64, Error> {
    use crate::ssr;
    let typed = Typed {
        name,
        team,
        enabled,
        schedule,
        time_zone,
        within_days,
        daily,
        weekly,
        monthly,
        rpo_minutes,
        rto_minutes,
        checksum_mib,
        paths,
        excludes,
        targets,
    };
    let (ops, actor) = ssr::asked()?;
    let before = ops::backups::set(&ops, &actor, id)
        .await
        .map_err(ssr::tell)?;
    let settings = typed.settings(&before.settings)?;
    ops::backups::update(&ops, &actor, id, &settings)
        .await
        .map_err(|fault| renamed(ssr::tell_form(fault, "set", &typed.fields())))?;
    ssr::done::say(done::BACKUP_SET_CHANGED);
    ssr::go_on(&format!("/backups/{id}"));
    Ok(id)
}

/// What was typed into the form of a set.
#[cfg(feature = "ssr")]
struct Typed {
    name: String,
    team: String,
    enabled: String,
    schedule: String,
    time_zone: String,
    within_days: String,
    daily: String,
    weekly: String,
    monthly: String,
    rpo_minutes: String,
    rto_minutes: String,
    checksum_mib: String,
    paths: String,
    excludes: String,
    targets: Vec<i64>,
}

#[cfg(feature = "ssr")]
impl Typed {
    fn fields(&self) -> [(&str, &str); 13] {
        [
            ("name", &self.name),
            ("team", &self.team),
            ("schedule", &self.schedule),
            ("time_zone", &self.time_zone),
            ("within_days", &self.within_days),
            ("daily", &self.daily),
            ("weekly", &self.weekly),
            ("monthly", &self.monthly),
            ("rpo_minutes", &self.rpo_minutes),
            ("rto_minutes", &self.rto_minutes),
            ("checksum_mib", &self.checksum_mib),
            ("paths", &self.paths),
            ("excludes", &self.excludes),
        ]
    }

    /// What is to be stored in place of `base`.
    fn settings(&self, base: &SetSettings) -> Result<SetSettings, Error> {
        use crate::api::health::number;
        let mut refused: Vec<FieldError> = Vec::new();
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let minutes: u32 = number("rpo_minutes", &self.rpo_minutes, &mut refused);
        let longest: u32 = number("rto_minutes", &self.rto_minutes, &mut refused);
        let keep = Keep {
            within_days: number("within_days", &self.within_days, &mut refused),
            daily: number("daily", &self.daily, &mut refused),
            weekly: number("weekly", &self.weekly, &mut refused),
            monthly: number("monthly", &self.monthly, &mut refused),
        };
        // Sets of folders have no such field.
        let checksum_up_to = if self.checksum_mib.is_empty() {
            base.checksum_up_to
        } else {
            let mib: u32 = number("checksum_mib", &self.checksum_mib, &mut refused);
            u64::from(mib) << 20
        };
        if !refused.is_empty() {
            crate::ssr::typed::keep("set", &self.fields());
            let error = Error::Invalid { fields: refused };
            crate::ssr::answer(&error);
            return Err(error);
        }
        Ok(SetSettings {
            name: self.name.clone(),
            team: self.team.clone(),
            is_enabled: !self.enabled.is_empty(),
            schedule: self.schedule.clone(),
            time_zone: self.time_zone.clone(),
            keep,
            rpo_s: minutes.saturating_mul(60),
            rto_s: longest.saturating_mul(60),
            checksum_up_to,
            paths: lines(&self.paths),
            excludes: lines(&self.excludes),
            targets: self.targets.clone(),
        })
    }
}

/// Fields as the form calls them.
#[cfg(feature = "ssr")]
fn renamed(error: Error) -> Error {
    let named = [
        ("rpo_s", "rpo_minutes"),
        ("rto_s", "rto_minutes"),
        ("checksum_up_to", "checksum_mib"),
    ];
    named.into_iter().fold(error, |error, (from, to)| {
        crate::ssr::rename_field(error, from, to)
    })
}
