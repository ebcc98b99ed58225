//! Ctrl/Cmd-K: a word or two leads to any page or service.

mod targets;

use std::sync::Arc;

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::{use_location, use_navigate};
use types::listing::Listing;

use crate::{
    api,
    components::{
        effect::{effect, memo},
        icon::Icon,
        viewer::Viewer,
    },
};
use targets::{Target, matching, pages};

/// Whether the palette is open.
#[derive(Clone, Copy)]
struct PaletteOpen(RwSignal<bool>);

fn is_open() -> RwSignal<bool> {
    use_context::<PaletteOpen>().map_or_else(|| RwSignal::new(false), |open| open.0)
}

/// Makes the palette's state known to the header and the palette alike.
pub fn provide() {
    provide_context(PaletteOpen(RwSignal::new(false)));
}

/// The header's button. It needs scripts, so it shows only with them, in a place kept for it.
#[component]
pub fn OpenPalette() -> impl IntoView {
    let open = is_open();
    let has_scripts = RwSignal::new(false);
    effect(move || has_scripts.set(true));
    view! {
        <button
            class="btn plain"
            class:invisible=move || !has_scripts.get()
            type="button"
            on:click=move |_| open.set(true)
        >
            <span class="phone">{Icon::Search.draw()}</span>
            <span class="kbd hide">"Ctrl K"</span>
            <span class="sr-only">": go to a page or service"</span>
        </button>
    }
}

/// What the palette is asked and what it answers.
#[derive(Clone, Copy)]
struct State {
    open: RwSignal<bool>,
    words: RwSignal<String>,
    /// The place of the chosen result.
    active: RwSignal<usize>,
    results: Memo<Vec<Target>>,
    /// Reads the services when the palette opens.
    services: Action<(), Option<Arc<Listing>>>,
}

impl State {
    fn new() -> Self {
        let words = RwSignal::new(String::new());
        let services = Action::new(|(): &()| async { api::deployment::stack().await.ok() });
        let viewer = Viewer::here();
        let results = memo(move || {
            let mut targets = pages(|needs| {
                viewer.with(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(needs)))
            });
            let listing = services.value().get().flatten().unwrap_or_default();
            for project in &listing.projects {
                for service in &project.services {
                    targets.push(Target {
                        href: crate::pages::service::address(&project.name, &service.name),
                        label: service.name.clone(),
                        hint: project.name.clone(),
                    });
                }
            }
            words.with(|words| matching(words, targets))
        });
        Self {
            open: is_open(),
            words,
            active: RwSignal::new(0),
            results,
            services,
        }
    }

    fn choose(self, step: isize) {
        let count = self.results.with(Vec::len).max(1);
        self.active
            .update(|at| *at = at.saturating_add_signed(step + count.cast_signed()) % count);
    }

    fn chosen(self) -> Option<Target> {
        self.results
            .with(|results| results.get(self.active.get_untracked()).cloned())
    }
}

/// The palette.
#[component]
pub fn Palette() -> impl IntoView {
    let state = State::new();
    let open = state.open;
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    listen_for_keys(open);
    open_and_close(state, dialog, input);
    let navigate = use_navigate();
    let on_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => state.choose(1),
            "ArrowUp" => state.choose(-1),
            "Enter" => {
                if let Some(target) = state.chosen() {
                    open.set(false);
                    navigate(&target.href, leptos_router::NavigateOptions::default());
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <dialog class="dialog palette" node_ref=dialog aria-label="Go to" on:close=move |_| open.set(false)>
            <div class="row">
                <input
                    class="input"
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label="Page or service"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || format!("palette-{}", state.active.get())
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Page or service"
                    autofocus
                    on:keydown=on_key
                    on:input=move |event| {
                        state.words.set(event_target_value(&event));
                        state.active.set(0);
                    }
                />
                <button class="btn plain" type="button" aria-label="Close" on:click=move |_| open.set(false)>
                    {Icon::Close.draw()}
                </button>
            </div>
            <Results state />
        </dialog>
    }
}

#[component]
fn Results(state: State) -> impl IntoView {
    let rows = move || {
        let chosen = state.active.get();
        let row = |(at, target): (usize, Target)| {
            view! {
                <li role="presentation">
                    <a
                        class="nav"
                        id=format!("palette-{at}")
                        role="option"
                        aria-selected=(at == chosen).to_string()
                        href=target.href
                        tabindex="-1"
                    >
                        <span>{target.label}</span>
                        <small class="sp">{target.hint}</small>
                    </a>
                </li>
            }
        };
        state
            .results
            .get()
            .into_iter()
            .enumerate()
            .map(row)
            .collect_view()
    };
    let nothing = move || {
        state
            .results
            .read()
            .is_empty()
            .then(|| view! { <p class="hint p-3" role="status">"Nothing has that name."</p> })
    };
    view! {
        <ul id="palette-list" role="listbox" aria-label="Results">
            {rows}
        </ul>
        {nothing}
    }
}

/// Shows the dialog as the state says, anew each time; going to another page closes it.
fn open_and_close(state: State, dialog: NodeRef<html::Dialog>, input: NodeRef<html::Input>) {
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (state.open.get(), dialog.open()) {
            (true, false) => {
                state.words.set(String::new());
                state.active.set(0);
                state.services.dispatch(());
                if let Some(input) = input.get_untracked() {
                    input.set_value("");
                }
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let path = use_location().pathname;
    effect(move || {
        path.track();
        state.open.set(false);
    });
}

fn listen_for_keys(open: RwSignal<bool>) {
    effect(move || {
        let listener = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                open.update(|open| *open = !*open);
            }
        });
        on_cleanup(move || listener.remove());
    });
}
