//! What is said when something was done: in the page's corner by a script, at the top of the next page without one.

use types::{
    deployment::{Operation, Progress},
    health::Health,
};

/// After `create_user`.
pub const ACCOUNT_MADE: &str = "The account was made.";
/// After `update_user`.
pub const ACCOUNT_CHANGED: &str = "The account was changed.";
/// After `change_password`.
pub const PASSWORD_CHANGED: &str = "The password was changed; your other sessions ended.";
/// After `reset_password`.
pub const PASSWORD_SET: &str = "The password was set; their sessions ended.";
/// After `disable_totp` and `remove_totp`.
pub const FACTOR_REMOVED: &str = "The second factor was taken away.";
/// After `end_session`.
pub const SESSION_ENDED: &str = "The session was ended.";
/// After `create_team`.
pub const TEAM_MADE: &str = "The team was made.";
/// After `rename_team`.
pub const TEAM_RENAMED: &str = "The team has its new name.";
/// After `delete_team`.
pub const TEAM_REMOVED: &str = "The team was removed.";
/// After `set_service_team`.
pub const OWNER_CHANGED: &str = "The owner team was changed.";
/// After `revoke_token`.
pub const TOKEN_REVOKED: &str = "The token was revoked.";
/// After `set_thresholds`.
pub const THRESHOLDS_SAVED: &str = "The thresholds were saved.";
/// After `set_retention`.
pub const RETENTION_SAVED: &str = "How long samples are kept was saved.";
/// After `set_target`.
pub const TARGET_SAVED: &str = "The target was saved.";

/// After `create_backup_set`.
pub const BACKUP_SET_MADE: &str = "The backup set was made.";
/// After `update_backup_set`.
pub const BACKUP_SET_CHANGED: &str = "The backup set was changed.";
/// After `create_backup_target`.
pub const BACKUP_TARGET_ADDED: &str =
    "The target was added; its repository is made with the first backup.";
/// After `remove_backup_target`.
pub const BACKUP_TARGET_REMOVED: &str = "The target was removed; what lies there stays.";
/// After `cancel_operation`.
pub const CANCEL_ASKED: &str = "It was asked to stop; what it changed is undone.";

/// After `set_user_disabled`.
pub const fn access_set(is_disabled: bool) -> &'static str {
    if is_disabled {
        "The account was disabled; its sessions ended."
    } else {
        "The account may sign in again."
    }
}

/// After `operate`.
pub fn operated(service: &str, operation: Operation, progress: Progress) -> String {
    let done = match operation {
        Operation::Start => "started",
        Operation::Stop => "stopped",
        Operation::Restart => "restarted",
    };
    match progress {
        Progress::Done => format!("{service} was {done}."),
        Progress::UnderWay => {
            format!("{service} is still being {done}; the audit log tells how it ends.")
        }
    }
}

/// After `verify`.
pub fn verified(health: &Health) -> String {
    let passed = health.checks.iter().filter(|check| check.ok).count();
    let all = health.checks.len();
    format!("Verified: {passed} of {all} checks passed.")
}
