//! The password again, before something of a backup is downloaded.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use types::Capability;

use super::set::id_here;
use crate::{
    api::backups::UnlockDownload,
    components::{
        action::{ActionForm, ServerAction},
        effect::{effect, memo},
        field::{FormError, Submit, failure},
        proof::Proof,
    },
    pages::settings::refusal_of,
};

/// The page.
#[component]
pub fn DownloadPage() -> impl IntoView {
    let head = view! {
        <Title text="Download" />
        <div class="head">
            <div class="min-w-0">
                <small>
                    <a href="/backups">"Backups"</a>
                </small>
                <h1>"Download of a backup"</h1>
            </div>
        </div>
    };
    if let Some(refusal) = refusal_of(Capability::Restore) {
        return view! { {head} {refusal} }.into_any();
    }
    let action = ServerAction::<UnlockDownload>::new();
    let failure = failure(action.into());
    let address = action.value();
    effect(move || {
        if let Some(Ok(address)) = address.get() {
            let _ = window().location().set_href(&address);
        }
    });
    let (id, query) = (id_here(), use_query_map());
    let path = memo(move || query.read().get("path").unwrap_or_default());
    let what = move || {
        let path = path.get();
        if path.is_empty() {
            "The dump of the database, as pg_restore takes it.".to_owned()
        } else {
            path
        }
    };
    view! {
        {head}
        <section class="card max-w-[720px] mb-3">
            <div class="body">
                <ActionForm action=action>
                    <div class="form">
                        <p class="break-all">{what}</p>
                        <p class="hint">"It may hold secrets, and whoever downloads it stands in the audit log."</p>
                        <FormError failure fields=&["password", "code"] />
                        <input type="hidden" name="id" value=move || id.get().to_string() />
                        <input type="hidden" name="path" value=move || path.get() />
                        <Proof form="download" failure />
                        <Submit text="Download" pending=action.pending() />
                    </div>
                </ActionForm>
            </div>
        </section>
    }
    .into_any()
}
