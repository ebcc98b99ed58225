//! One service of the stack, followed wherever it stands in it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use leptos::prelude::*;
use types::deployment::{Project, Service, Stack};

/// What of a project is read, if it is still there.
pub fn of_project<'a, T>(
    stack: &'a Stack,
    name: &str,
    read: impl FnOnce(&'a Project) -> T,
) -> Option<T> {
    stack
        .projects
        .iter()
        .find(|project| project.name == name)
        .map(read)
}

/// A service of the stack as a row follows it.
#[derive(Clone, Copy)]
pub struct OneService {
    /// With all that changes.
    pub now: Memo<Arc<Service>>,
    /// The same, touched only when something other than its usage changes; the usage in it is old.
    pub lasting: Memo<Arc<Service>>,
}

impl OneService {
    /// Follows the service; `at` is its place among the project's services now.
    pub fn follow(stack: Signal<Stack>, project: Arc<str>, name: Arc<str>, at: usize) -> Self {
        let at = AtomicUsize::new(at);
        let now = Memo::new_owning(move |old: Option<Arc<Service>>| {
            let stack = stack.read();
            let new = of_project(&stack, &project, |project| find(project, &name, &at)).flatten();
            match (old, new) {
                (Some(old), Some(new)) if *old == *new => (old, false),
                (_, Some(new)) => (Arc::new(new.clone()), true),
                // It is gone, and its row goes as well.
                (old, None) => (old.unwrap_or_default(), false),
            }
        });
        let lasting = Memo::new_owning(move |old: Option<Arc<Service>>| {
            let new = now.get();
            match old {
                Some(old) if is_same_but_for_usage(&old, &new) => (old, false),
                _ => (new, true),
            }
        });
        Self { now, lasting }
    }
}

/// Finds a service where it was last, or else wherever it is now.
fn find<'a>(project: &'a Project, name: &str, at: &AtomicUsize) -> Option<&'a Service> {
    let there = project.services.get(at.load(Ordering::Relaxed));
    if let Some(service) = there.filter(|service| service.name == name) {
        return Some(service);
    }
    let now = project
        .services
        .iter()
        .position(|service| service.name == name)?;
    at.store(now, Ordering::Relaxed);
    project.services.get(now)
}

fn is_same_but_for_usage(old: &Service, new: &Service) -> bool {
    let new = Service {
        usage: old.usage.clone(),
        ..new.clone()
    };
    *old == new
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::deployment::Usage;

    fn stack(services: &[(&str, f64)]) -> Stack {
        let services = services.iter().map(|(name, cpu)| Service {
            name: (*name).to_owned(),
            usage: Usage {
                cpu_percent: Some(*cpu),
                ..Usage::default()
            },
            ..Service::default()
        });
        let project = Project {
            name: "shop".to_owned(),
            services: services.collect(),
            ..Project::default()
        };
        Stack {
            projects: vec![project],
            ..Stack::default()
        }
    }

    #[test]
    fn a_row_follows_its_service_wherever_it_stands() {
        let owner = Owner::new();
        owner.set();
        let all = RwSignal::new(stack(&[("db", 1.0), ("web", 2.0)]));
        let web = OneService::follow(all.into(), "shop".into(), "web".into(), 1);
        let cpu = || (web.now.get().name.clone(), web.now.get().usage.cpu_percent);
        assert_eq!(cpu(), ("web".to_owned(), Some(2.0)));
        all.set(stack(&[("web", 3.0), ("db", 1.0), ("new", 0.0)]));
        assert_eq!(cpu(), ("web".to_owned(), Some(3.0)));
        // Gone: what was last known stands until the row goes.
        all.set(stack(&[("db", 1.0)]));
        assert_eq!(cpu(), ("web".to_owned(), Some(3.0)));
    }

    #[test]
    fn usage_alone_touches_no_other_cell() {
        let owner = Owner::new();
        owner.set();
        let all = RwSignal::new(stack(&[("web", 2.0)]));
        let web = OneService::follow(all.into(), "shop".into(), "web".into(), 0);
        let before = web.lasting.get();
        all.set(stack(&[("web", 50.0)]));
        assert_eq!(web.now.get().usage.cpu_percent, Some(50.0));
        assert!(Arc::ptr_eq(&before, &web.lasting.get()));
        all.update(|all| all.projects[0].services[0].restarts = 1);
        assert_eq!(web.lasting.get().restarts, 1);
    }
}
