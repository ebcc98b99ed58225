//! Recovery plans and their runs.

use leptos::prelude::*;
use types::{
    Error,
    runbooks::{Act, Plan, PlanListed, Run},
};

/// The plans, what each can be made for, and their last runs.
#[server(prefix = "/fn", endpoint = "runbooks", output = types::wire::Json)]
pub async fn runbooks() -> Result<Vec<PlanListed>, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::runbooks::plans(&ops, &actor)
        .await
        .map_err(crate::ssr::tell)
}

/// A run with its steps.
#[server(prefix = "/fn", endpoint = "runbook_run", output = types::wire::Json)]
pub async fn runbook_run(id: i64) -> Result<Run, Error> {
    let (ops, actor) = crate::ssr::asked()?;
    ops::runbooks::run(&ops, &actor, id)
        .await
        .map_err(crate::ssr::tell)
}

/// Begins a run; gives its number. It needs the name of what is recovered typed and a proof of password.
#[server(prefix = "/fn", endpoint = "start_runbook", output = types::wire::Json)]
pub async fn start_runbook(
    plan: Plan,
    of: String,
    typed_name: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<i64, Error> {
    use crate::ssr;
    let fields = [("of", of.as_str()), ("typed_name", typed_name.as_str())];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep("runbook", &fields))?;
    let run = ops::runbooks::start(&ops, &actor, plan, &of, &typed_name)
        .await
        .map_err(|fault| ssr::tell_form(fault, "runbook", &fields))?;
    ssr::go_on(&run_page(run));
    Ok(run)
}

/// Begins a rehearsal; gives its number.
#[server(prefix = "/fn", endpoint = "rehearse_runbook", output = types::wire::Json)]
pub async fn rehearse_runbook(plan: Plan, of: String) -> Result<i64, Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    let run = ops::runbooks::rehearse(&ops, &actor, plan, &of)
        .await
        .map_err(ssr::tell)?;
    ssr::go_on(&run_page(run));
    Ok(run)
}

/// Begins, checks off or skips the step whose turn it is. A step that changes something needs a proof of password.
#[server(prefix = "/fn", endpoint = "runbook_step", output = types::wire::Json)]
pub async fn runbook_step(
    id: i64,
    place: i16,
    act: Act,
    #[server(default)] note: String,
    #[server(default)] password: String,
    #[server(default)] code: String,
) -> Result<(), Error> {
    use crate::ssr;
    let fields = [("note", note.as_str())];
    let (ops, actor) = ssr::asked_with_proof(&password, &code)
        .await
        .inspect_err(|_| ssr::typed::keep(act.as_str(), &fields))?;
    ops::runbooks::act(&ops, &actor, id, place, act, &note)
        .await
        .map_err(|fault| ssr::tell_form(fault, act.as_str(), &fields))?;
    ssr::go_on(&run_page(id));
    Ok(())
}

/// Gives a run up.
#[server(prefix = "/fn", endpoint = "abandon_runbook", output = types::wire::Json)]
pub async fn abandon_runbook(id: i64, reason: String) -> Result<(), Error> {
    use crate::ssr;
    let (ops, actor) = ssr::asked()?;
    ops::runbooks::abandon(&ops, &actor, id, &reason)
        .await
        .map_err(|fault| ssr::tell_form(fault, "abandon", &[("reason", &reason)]))?;
    ssr::go_on(&run_page(id));
    Ok(())
}

/// The page of a run.
pub fn run_page(id: i64) -> String {
    format!("/backups/runbooks/runs/{id}")
}

/// The page on which a run of a plan is begun.
pub fn start_page(plan: Plan) -> String {
    format!("/backups/runbooks/start/{}", plan.as_str())
}
