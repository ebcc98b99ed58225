//! Which charts there are, and which series they show.

mod all;

use types::charts::View;

use self::all::{
    ANSWERS, CONTAINER_CPU, CONTAINER_DISK, CONTAINER_NETWORK, CONTAINER_PIDS, CONTAINER_SET,
    CONTAINER_THROTTLED, CORES, CPU, DISK_BUSY, DISK_IO, DISK_LATENCY, DISK_OPERATIONS,
    DISK_WAITING, DROPS, FAULTS, FORKS, GPU_CLOCKS, GPU_CODECS, GPU_CONTROLLER, GPU_ERRORS,
    GPU_FANS, GPU_IO, GPU_MEMORY, GPU_POWER, GPU_PROCESS_COUNT, GPU_PROCESSES, GPU_TEMPERATURE,
    GPU_THROTTLED, GPU_USED, INODES, KILLS, LOAD, MEMORY_PARTS, MEMORY_USED, MEMORY_WAITING,
    NETWORK_ERRORS, NETWORK_IO, NETWORK_OUTSIDE, PACKETS, PROCESSES, SERVICE_MEMORY, SPACE,
    SPACE_USED, STALLED, SWAP_PARTS, SWAPPING, WAITING,
};

/// A chart.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Names it in addresses.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its lines, in the order of the legend.
    pub select: &'static [Select],
    /// Each line stands on the one before it.
    pub is_stacked: bool,
    /// What the values can't be above.
    pub most: Most,
    /// Its threshold.
    pub limit: Limited,
}

/// Some series.
#[derive(Clone, Copy, Debug)]
pub struct Select {
    /// Their name.
    pub name: &'static str,
    /// An attribute, and what it must be: empty where there must be none.
    pub only: Option<(&'static str, &'static str)>,
    /// An attribute, and what it must not be.
    pub not: Option<(&'static str, &'static str)>,
    /// What tells them from each other.
    pub label: Label,
}

/// What is told of a line.
#[derive(Clone, Copy, Debug)]
pub enum Label {
    /// This.
    Is(&'static str),
    /// Its attributes of these names.
    By(&'static [&'static str]),
    /// This, after its attribute of this name.
    And(&'static str, &'static str),
}

/// What the values of a chart can't be above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// Nothing.
    Open,
    /// One: a share of a whole.
    One,
    /// The newest value of the series of this name.
    Of(&'static str),
}

/// A threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// None.
    No,
    /// How busy processors may be, by the settings.
    Cpu,
    /// How full a disk may be, by the settings.
    Disk,
    /// How full memory may be, by the settings.
    Memory,
    /// How long a check may take to answer, by the settings.
    Response,
    /// The newest values of the series of this name, which are limits themselves.
    By(&'static str),
}

const fn chart(id: &'static str, title: &'static str, select: &'static [Select]) -> Definition {
    Definition {
        id,
        title,
        select,
        is_stacked: false,
        most: Most::Open,
        limit: Limited::No,
    }
}

impl Definition {
    const fn stacked(self) -> Self {
        Self {
            is_stacked: true,
            ..self
        }
    }

    const fn most(self, most: Most) -> Self {
        Self { most, ..self }
    }

    const fn limit(self, limit: Limited) -> Self {
        Self { limit, ..self }
    }

    /// The names of the series that it needs.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let most = match self.most {
            Most::Of(name) => Some(name),
            _ => None,
        };
        let limit = match self.limit {
            Limited::By(name) => Some(name),
            _ => None,
        };
        let lines = self.select.iter().map(|select| select.name);
        lines.chain(most).chain(limit)
    }
}

const fn each(name: &'static str, label: Label) -> Select {
    Select {
        name,
        only: None,
        not: None,
        label,
    }
}

const fn only(
    name: &'static str,
    attribute: &'static str,
    value: &'static str,
    label: &'static str,
) -> Select {
    Select {
        name,
        only: Some((attribute, value)),
        not: None,
        label: Label::Is(label),
    }
}

const fn some(
    name: &'static str,
    attribute: &'static str,
    value: &'static str,
    label: Label,
) -> Select {
    Select {
        name,
        only: Some((attribute, value)),
        not: None,
        label,
    }
}

/// The chart of GPU memory by container.
pub const GPU_PROCESSES_ID: &str = GPU_PROCESSES.id;

/// The most charts of the overview: three rows of three.
pub const OVERVIEW: usize = 9;

/// What the overview leaves out first when there is more to show. Load is not among it: every host has it, so that hosts
/// side by side can be compared by it.
pub const LESS_TELLING: [&str; 3] = ["gpu-power", "pressure", "check-duration"];

/// The charts of a view of a host, in order.
pub const fn of_host(view: View) -> &'static [Definition] {
    match view {
        View::Overview => &[
            CPU,
            LOAD,
            WAITING,
            MEMORY_PARTS,
            GPU_USED,
            GPU_MEMORY,
            GPU_TEMPERATURE,
            GPU_POWER,
            SPACE,
            DISK_IO,
            NETWORK_OUTSIDE,
            ANSWERS,
        ],
        View::Cpu => &[CPU, CORES, LOAD, WAITING, STALLED, PROCESSES, FORKS],
        View::Memory => &[
            MEMORY_PARTS,
            MEMORY_USED,
            SWAP_PARTS,
            SWAPPING,
            FAULTS,
            MEMORY_WAITING,
            KILLS,
        ],
        View::Disks => &[
            SPACE,
            SPACE_USED,
            INODES,
            DISK_IO,
            DISK_OPERATIONS,
            DISK_BUSY,
            DISK_LATENCY,
            DISK_WAITING,
        ],
        View::Network => &[NETWORK_IO, PACKETS, DROPS, NETWORK_ERRORS],
        View::Gpus => &[
            GPU_USED,
            GPU_MEMORY,
            GPU_PROCESSES,
            GPU_PROCESS_COUNT,
            GPU_TEMPERATURE,
            GPU_POWER,
            GPU_CLOCKS,
            GPU_THROTTLED,
            GPU_FANS,
            GPU_CONTROLLER,
            GPU_CODECS,
            GPU_IO,
            GPU_ERRORS,
        ],
        View::Containers => &[
            CONTAINER_CPU,
            CONTAINER_SET,
            CONTAINER_NETWORK,
            CONTAINER_DISK,
            CONTAINER_THROTTLED,
            CONTAINER_PIDS,
            ANSWERS,
        ],
    }
}

/// The charts of a service, in order.
pub const OF_SERVICE: &[Definition] = &[
    CONTAINER_CPU,
    SERVICE_MEMORY,
    GPU_PROCESSES,
    CONTAINER_NETWORK,
    CONTAINER_DISK,
    CONTAINER_PIDS,
    CONTAINER_THROTTLED,
];

/// States that concern every view: nothing is taken of the host.
pub const OF_ALL_SOURCES: [&str; 2] = ["clock", "writer"];

/// The sources whose failing a view tells of; all where it is empty.
pub const fn sources(view: View) -> &'static [&'static str] {
    match view {
        View::Overview => &[],
        View::Cpu => &["cpu", "load", "pressure"],
        View::Memory => &["memory", "paging", "pressure"],
        View::Disks => &["filesystem", "disk", "pressure"],
        View::Network => &["network"],
        View::Gpus => &["gpu"],
        View::Containers => &["container"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_charts_of_a_page_have_one_name() {
        let pages = View::ALL.map(of_host);
        for page in pages.into_iter().chain([OF_SERVICE]) {
            let ids: BTreeSet<&str> = page.iter().map(|chart| chart.id).collect();
            assert_eq!(ids.len(), page.len());
            assert!(!ids.contains("container-oom-kills"), "marks tell them");
        }
    }

    #[test]
    fn what_the_overview_leaves_out_first_is_in_it() {
        for id in LESS_TELLING {
            assert!(of_host(View::Overview).iter().any(|chart| chart.id == id));
        }
    }

    #[test]
    fn a_host_with_everything_keeps_its_load() {
        let kept = of_host(View::Overview).len() - LESS_TELLING.len();
        assert!(kept <= OVERVIEW, "{kept}");
        assert!(!LESS_TELLING.contains(&LOAD.id));
    }
}
