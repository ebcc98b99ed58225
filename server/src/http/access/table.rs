//! The table itself. Two tests walk it: every entry of the program is here, and every row refuses who lacks it.

use types::Capability::{
    Manage, OperateServices, Restore, SeeAudit, SeeStack, SendSamples, TakeBackups,
};

use super::Gate::{self, May, Public, SignedIn};

/// A way in.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The HTTP method.
    pub method: &'static str,
    /// The route's pattern, or a server function's path.
    pub path: &'static str,
    /// What it asks for.
    pub gate: Gate,
}

const fn get(path: &'static str, gate: Gate) -> Entry {
    Entry {
        method: "GET",
        path,
        gate,
    }
}

/// A server function, or an act of the API.
const fn act(path: &'static str, gate: Gate) -> Entry {
    Entry {
        method: "POST",
        path,
        gate,
    }
}

/// A change of something that the API names.
const fn patch(path: &'static str, gate: Gate) -> Entry {
    Entry {
        method: "PATCH",
        path,
        gate,
    }
}

/// Every way in.
pub const ENTRIES: &[Entry] = &[
    // The console itself. `/metrics` asks for loopback or a token in its handler.
    get("/healthz", Public),
    get("/readyz", Public),
    get("/metrics", Public),
    get("/stream", May(SeeStack)),
    get("/stream/logs", May(SeeStack)),
    get("/audit.csv", May(SeeAudit)),
    get("/download/backups/{id}", May(Restore)),
    // Pages.
    get("/sign-in", Public),
    get("/setup", Public),
    get("/account", SignedIn),
    get("/settings", SignedIn),
    get("/", May(SeeStack)),
    get("/deployment", May(SeeStack)),
    get("/deployment/{project}/{service}", May(SeeStack)),
    get("/resources", May(SeeStack)),
    get("/wall", May(SeeStack)),
    get("/backups", May(SeeStack)),
    get("/backups/new", May(TakeBackups)),
    get("/backups/targets", May(SeeStack)),
    get("/backups/recovery", May(Manage)),
    get("/backups/operations/{id}", May(SeeStack)),
    get("/backups/restore/{id}", May(Restore)),
    get("/backups/download/{id}", May(Restore)),
    get("/backups/{id}/backups/{backup}/files", May(Restore)),
    get("/backups/runbooks", May(SeeStack)),
    get("/backups/runbooks/start/{plan}", May(Restore)),
    get("/backups/runbooks/runs/{id}", May(SeeStack)),
    get("/backups/{id}", May(SeeStack)),
    get("/backups/{id}/edit", May(TakeBackups)),
    get("/settings/preflight", May(SeeStack)),
    get("/settings/roles", May(SeeStack)),
    get("/audit", May(SeeAudit)),
    get("/settings/users", May(Manage)),
    get("/settings/users/new", May(Manage)),
    get("/settings/users/{id}", May(Manage)),
    get("/settings/teams", May(Manage)),
    get("/settings/tokens", May(Manage)),
    get("/settings/thresholds", May(Manage)),
    get("/settings/samples", May(Manage)),
    // Server functions: identity.
    act("/fn/set_up", Public),
    act("/fn/setup_link", Public),
    act("/fn/sign_in", Public),
    act("/fn/set_theme", Public),
    act("/fn/sign_out", SignedIn),
    act("/fn/me", SignedIn),
    act("/fn/change_password", SignedIn),
    act("/fn/sessions", SignedIn),
    act("/fn/end_session", SignedIn),
    act("/fn/end_other_sessions", SignedIn),
    act("/fn/begin_totp", SignedIn),
    act("/fn/confirm_totp", SignedIn),
    act("/fn/regenerate_codes", SignedIn),
    act("/fn/disable_totp", SignedIn),
    act("/fn/tokens", May(Manage)),
    act("/fn/create_token", May(Manage)),
    act("/fn/revoke_token", May(Manage)),
    act("/fn/users", May(Manage)),
    act("/fn/user", May(Manage)),
    act("/fn/create_user", May(Manage)),
    act("/fn/update_user", May(Manage)),
    act("/fn/set_user_disabled", May(Manage)),
    act("/fn/reset_password", May(Manage)),
    act("/fn/remove_totp", May(Manage)),
    act("/fn/teams", May(Manage)),
    act("/fn/named_teams", May(Manage)),
    act("/fn/create_team", May(Manage)),
    act("/fn/rename_team", May(Manage)),
    act("/fn/delete_team", May(Manage)),
    act("/fn/set_service_team", May(Manage)),
    act("/fn/thresholds", May(Manage)),
    act("/fn/set_thresholds", May(Manage)),
    act("/fn/targets", May(Manage)),
    act("/fn/set_target", May(Manage)),
    // Server functions: what is seen and done.
    act("/fn/overview", May(SeeStack)),
    act("/fn/health", May(SeeStack)),
    act("/fn/preflight", May(SeeStack)),
    act("/fn/stack", May(SeeStack)),
    act("/fn/service", May(SeeStack)),
    act("/fn/events", May(SeeStack)),
    act("/fn/verify", May(OperateServices)),
    act("/fn/operate", May(OperateServices)),
    act("/fn/audit", May(SeeAudit)),
    act("/fn/charts", May(SeeStack)),
    act("/fn/retention", May(Manage)),
    act("/fn/set_retention", May(Manage)),
    act("/fn/sample_sizes", May(SeeStack)),
    // Server functions: backups.
    act("/fn/backup_sets", May(SeeStack)),
    act("/fn/backup_set", May(SeeStack)),
    act("/fn/backup_trend", May(SeeStack)),
    act("/fn/backups", May(SeeStack)),
    act("/fn/run_backup", May(TakeBackups)),
    act("/fn/run_drill", May(TakeBackups)),
    act("/fn/operation", May(SeeStack)),
    act("/fn/cancel_operation", May(TakeBackups)),
    act("/fn/next_runs", May(TakeBackups)),
    act("/fn/create_backup_set", May(TakeBackups)),
    act("/fn/update_backup_set", May(TakeBackups)),
    act("/fn/backup_targets", May(SeeStack)),
    act("/fn/create_backup_target", May(Manage)),
    act("/fn/remove_backup_target", May(Manage)),
    act("/fn/check_backup_target", May(TakeBackups)),
    act("/fn/recovery_sheet", May(Manage)),
    act("/fn/restore_plan", May(Restore)),
    act("/fn/restore_backup", May(Restore)),
    act("/fn/undo_restore", May(Restore)),
    act("/fn/backup_files", May(Restore)),
    act("/fn/unlock_download", May(Restore)),
    act("/fn/runbooks", May(SeeStack)),
    act("/fn/runbook_run", May(SeeStack)),
    act("/fn/start_runbook", May(Restore)),
    act("/fn/rehearse_runbook", May(Restore)),
    act("/fn/runbook_step", May(Restore)),
    act("/fn/abandon_runbook", May(Restore)),
    // The API.
    get("/api/v1/openapi.json", Public),
    get("/api/v1/stack", May(SeeStack)),
    get("/api/v1/stack/{project}/{service}", May(SeeStack)),
    get("/api/v1/stack/{project}/{service}/logs", May(SeeStack)),
    get("/api/v1/events", May(SeeStack)),
    get("/api/v1/preflight", May(SeeStack)),
    get("/api/v1/verification", May(SeeStack)),
    get("/api/v1/overview", May(SeeStack)),
    get("/api/v1/stream", May(SeeStack)),
    get("/api/v1/hosts", May(SeeStack)),
    get("/api/v1/series", May(SeeStack)),
    get("/api/v1/series/{id}/points", May(SeeStack)),
    act(
        "/api/v1/stack/{project}/{service}/start",
        May(OperateServices),
    ),
    act(
        "/api/v1/stack/{project}/{service}/stop",
        May(OperateServices),
    ),
    act(
        "/api/v1/stack/{project}/{service}/restart",
        May(OperateServices),
    ),
    act("/api/v1/verification", May(OperateServices)),
    act("/api/v1/samples", May(SendSamples)),
    get("/api/v1/backup-sets", May(SeeStack)),
    act("/api/v1/backup-sets", May(TakeBackups)),
    get("/api/v1/backup-sets/{id}", May(SeeStack)),
    patch("/api/v1/backup-sets/{id}", May(TakeBackups)),
    act("/api/v1/backup-sets/{id}/run", May(TakeBackups)),
    act("/api/v1/backup-sets/{id}/drill", May(TakeBackups)),
    get("/api/v1/backup-sets/{id}/history", May(SeeStack)),
    get("/api/v1/backups", May(SeeStack)),
    get("/api/v1/backups/{id}", May(SeeStack)),
    get("/api/v1/backups/{id}/restore-plan", May(SeeStack)),
    get("/api/v1/backup-targets", May(SeeStack)),
    act("/api/v1/backup-targets/{id}/verify", May(TakeBackups)),
    get("/api/v1/operations/{id}", May(SeeStack)),
    act("/api/v1/operations/{id}/cancel", May(TakeBackups)),
    // The use-case lets a CTO's token read, which may not manage.
    get("/api/v1/users", SignedIn),
    get("/api/v1/audit", May(SeeAudit)),
];
