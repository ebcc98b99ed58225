//! Which charts there are, and which series they show.

use types::charts::View;

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
    /// How full a disk may be, by the settings.
    Disk,
    /// How full memory may be, by the settings.
    Memory,
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
        label,
    }
}

const CPU_USED: &str = "system.cpu.utilization";
const MODE: &str = "cpu.mode";
const CORE: &str = "cpu.logical_number";
const PRESSURE: &str = "system.linux.pressure";
const RESOURCE: &str = "linux.pressure.resource";
const KIND: &str = "linux.pressure.kind";
const MEMORY: &str = "system.memory.usage";
const MEMORY_STATE: &str = "system.memory.state";
const SWAP: &str = "system.paging.usage";
const SWAP_STATE: &str = "system.paging.state";
const MOUNT: &str = "system.filesystem.mountpoint";
const FILES_STATE: &str = "system.filesystem.state";
const DEVICE: &str = "system.device";
const DISK_DIRECTION: &str = "disk.io.direction";
const INTERFACE: &str = "network.interface.name";
const DIRECTION: &str = "network.io.direction";
const GPU: &str = "hw.name";
const CONTAINER: &str = "container.name";

const BY_DISK: Label = Label::By(&[DEVICE, DISK_DIRECTION]);
const BY_INTERFACE: Label = Label::By(&[INTERFACE, DIRECTION]);
const BY_MOUNT: Label = Label::By(&[MOUNT]);
const BY_GPU: Label = Label::By(&[GPU]);
const BY_CONTAINER: Label = Label::By(&[CONTAINER]);

const CPU: Definition = chart(
    "cpu",
    "CPU",
    &[
        only(CPU_USED, MODE, "user", "user"),
        only(CPU_USED, MODE, "nice", "nice"),
        only(CPU_USED, MODE, "system", "system"),
        only(CPU_USED, MODE, "interrupt", "interrupts"),
        only(CPU_USED, MODE, "softirq", "soft interrupts"),
        only(CPU_USED, MODE, "steal", "stolen"),
        only(CPU_USED, MODE, "iowait", "waiting for I/O"),
    ],
)
.stacked()
.most(Most::One);
const CORES: Definition =
    chart("cores", "Cores", &[each(CPU_USED, Label::By(&[CORE]))]).most(Most::One);
const LOAD: Definition = chart(
    "load",
    "Load",
    &[
        each("system.cpu.load_average.1m", Label::Is("1 min")),
        each("system.cpu.load_average.5m", Label::Is("5 min")),
        each("system.cpu.load_average.15m", Label::Is("15 min")),
    ],
);
const WAITING: Definition = chart(
    "pressure",
    "Tasks waiting",
    &[some(PRESSURE, KIND, "some", Label::By(&[RESOURCE]))],
)
.most(Most::One);
const STALLED: Definition = chart(
    "pressure-full",
    "All tasks waiting",
    &[some(PRESSURE, KIND, "full", Label::By(&[RESOURCE]))],
)
.most(Most::One);
const PROCESSES: Definition = chart(
    "processes",
    "Processes",
    &[each("system.process.count", Label::Is("processes"))],
);
const FORKS: Definition = chart(
    "process-starts",
    "Processes and threads started",
    &[each("system.process.created", Label::Is("started"))],
);

const MEMORY_PARTS: Definition = chart(
    "memory",
    "Memory",
    &[
        only(MEMORY, MEMORY_STATE, "used", "used"),
        only(MEMORY, MEMORY_STATE, "buffers", "buffers"),
        only(MEMORY, MEMORY_STATE, "cached", "cached"),
    ],
)
.stacked()
.most(Most::Of("system.memory.limit"));
const MEMORY_USED: Definition = chart(
    "memory-used",
    "Memory that is not available",
    &[each(
        "system.memory.utilization",
        Label::Is("not available"),
    )],
)
.most(Most::One)
.limit(Limited::Memory);
const SWAP_PARTS: Definition = chart(
    "swap",
    "Swap",
    &[
        only(SWAP, SWAP_STATE, "used", "used"),
        only(SWAP, SWAP_STATE, "free", "free"),
    ],
)
.stacked();
const SWAPPING: Definition = chart(
    "swapping",
    "Pages swapped",
    &[each(
        "system.paging.operations",
        Label::By(&["system.paging.direction"]),
    )],
);
const FAULTS: Definition = chart(
    "page-faults",
    "Page faults from disk",
    &[each("system.paging.faults", Label::Is("major faults"))],
);
const KILLS: Definition = chart(
    "oom-kills",
    "Killed for memory",
    &[each(
        "system.linux.memory.oom_kills",
        Label::Is("processes"),
    )],
);
const MEMORY_WAITING: Definition = chart(
    "memory-pressure",
    "Tasks waiting for memory",
    &[some(PRESSURE, RESOURCE, "memory", Label::By(&[KIND]))],
)
.most(Most::One);

const SPACE: Definition = chart(
    "filesystems",
    "Filesystems, share used",
    &[each("system.filesystem.utilization", BY_MOUNT)],
)
.most(Most::One)
.limit(Limited::Disk);
const SPACE_USED: Definition = chart(
    "filesystem-space",
    "Filesystems, space used",
    &[some(
        "system.filesystem.usage",
        FILES_STATE,
        "used",
        BY_MOUNT,
    )],
);
const INODES: Definition = chart(
    "inodes",
    "Filesystems, inodes used",
    &[some(
        "system.filesystem.inodes.usage",
        FILES_STATE,
        "used",
        BY_MOUNT,
    )],
);
const DISK_IO: Definition = chart("disk-io", "Disk I/O", &[each("system.disk.io", BY_DISK)]);
const DISK_OPERATIONS: Definition = chart(
    "disk-operations",
    "Disk operations",
    &[each("system.disk.operations", BY_DISK)],
);
const DISK_BUSY: Definition = chart(
    "disk-busy",
    "Disks, share of time busy",
    &[each("system.disk.io_time", Label::By(&[DEVICE]))],
)
.most(Most::One);
const DISK_LATENCY: Definition = chart(
    "disk-latency",
    "Disk latency",
    &[each("system.disk.operation_latency", BY_DISK)],
);
const DISK_WAITING: Definition = chart(
    "disk-pressure",
    "Tasks waiting for I/O",
    &[some(PRESSURE, RESOURCE, "io", Label::By(&[KIND]))],
)
.most(Most::One);

const NETWORK_IO: Definition = chart(
    "network",
    "Network",
    &[each("system.network.io", BY_INTERFACE)],
);
const PACKETS: Definition = chart(
    "packets",
    "Packets",
    &[each("system.network.packet.count", BY_INTERFACE)],
);
const DROPS: Definition = chart(
    "packets-dropped",
    "Packets dropped",
    &[each("system.network.packet.dropped", BY_INTERFACE)],
);
const NETWORK_ERRORS: Definition = chart(
    "network-errors",
    "Network errors",
    &[each("system.network.errors", BY_INTERFACE)],
);

const GPU_USED: Definition = chart(
    "gpu",
    "GPU",
    &[some("hw.gpu.utilization", "hw.gpu.task", "", BY_GPU)],
)
.most(Most::One);
const GPU_MEMORY: Definition = chart(
    "gpu-memory",
    "GPU memory",
    &[each("hw.gpu.memory.usage", BY_GPU)],
)
.most(Most::Of("hw.gpu.memory.limit"));
const GPU_TEMPERATURE: Definition = chart(
    "gpu-temperature",
    "GPU temperature",
    &[each("hw.temperature", BY_GPU)],
);
const GPU_POWER: Definition = chart("gpu-power", "GPU power", &[each("hw.power", BY_GPU)])
    .limit(Limited::By("hw.power.limit"));
const GPU_PROCESSES: Definition = chart(
    "gpu-process-memory",
    "GPU memory by container",
    &[each(
        "hw.gpu.process.memory.usage",
        Label::By(&[GPU, CONTAINER]),
    )],
);
const GPU_CONTROLLER: Definition = chart(
    "gpu-memory-controller",
    "GPU memory controller",
    &[each("hw.gpu.memory.controller.utilization", BY_GPU)],
)
.most(Most::One);
const GPU_CODECS: Definition = chart(
    "gpu-codecs",
    "GPU video",
    &[
        some(
            "hw.gpu.utilization",
            "hw.gpu.task",
            "encoder",
            Label::And(GPU, "encoder"),
        ),
        some(
            "hw.gpu.utilization",
            "hw.gpu.task",
            "decoder",
            Label::And(GPU, "decoder"),
        ),
    ],
)
.most(Most::One);
const GPU_CLOCKS: Definition = chart(
    "gpu-clocks",
    "GPU clocks",
    &[each("hw.gpu.speed", Label::By(&[GPU, "hw.gpu.clock"]))],
);
const GPU_FANS: Definition = chart(
    "gpu-fans",
    "GPU fans",
    &[each("hw.fan.speed_ratio", BY_GPU)],
)
.most(Most::One);
const GPU_THROTTLED: Definition = chart(
    "gpu-throttled",
    "GPU clocks held down",
    &[each(
        "hw.gpu.throttled",
        Label::By(&[GPU, "hw.gpu.throttle.reason"]),
    )],
)
.most(Most::One);
const GPU_ERRORS: Definition = chart(
    "gpu-errors",
    "GPU errors",
    &[each("hw.errors", Label::By(&[GPU, "error.type"]))],
);
const GPU_IO: Definition = chart(
    "gpu-pcie",
    "GPU PCIe",
    &[each("hw.gpu.io", Label::By(&[GPU, DIRECTION]))],
);

const CONTAINER_CPU: Definition = chart(
    "container-cpu",
    "CPU",
    &[each("container.cpu.usage", BY_CONTAINER)],
);
const CONTAINER_THROTTLED: Definition = chart(
    "container-throttled",
    "Held back by its CPU limit",
    &[each("container.cpu.throttled_time", BY_CONTAINER)],
);
const CONTAINER_SET: Definition = chart(
    "container-memory",
    "Memory",
    &[each("container.memory.working_set", BY_CONTAINER)],
);
const CONTAINER_KILLS: Definition = chart(
    "container-oom-kills",
    "Killed for memory",
    &[each("container.memory.oom_kills", BY_CONTAINER)],
);
const CONTAINER_NETWORK: Definition = chart(
    "container-network",
    "Network",
    &[each(
        "container.network.io",
        Label::By(&[CONTAINER, DIRECTION]),
    )],
);
const CONTAINER_DISK: Definition = chart(
    "container-disk",
    "Disk I/O",
    &[each(
        "container.disk.io",
        Label::By(&[CONTAINER, DISK_DIRECTION]),
    )],
);
const CONTAINER_PIDS: Definition = chart(
    "container-pids",
    "Processes and threads",
    &[each("container.pids.count", BY_CONTAINER)],
);
const SERVICE_MEMORY: Definition = chart(
    "container-memory",
    "Memory",
    &[
        each(
            "container.memory.working_set",
            Label::And(CONTAINER, "in use"),
        ),
        each(
            "container.memory.usage",
            Label::And(CONTAINER, "with page cache"),
        ),
    ],
)
.limit(Limited::By("container.memory.limit"));

/// The most charts of the overview.
pub const OVERVIEW: usize = 8;

/// What the overview leaves out first when there is more to show.
pub const LESS_TELLING: [&str; 3] = ["load", "gpu-power", "pressure"];

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
            NETWORK_IO,
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
            CONTAINER_KILLS,
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
    CONTAINER_KILLS,
];

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
        }
    }

    #[test]
    fn what_the_overview_leaves_out_first_is_in_it() {
        for id in LESS_TELLING {
            assert!(of_host(View::Overview).iter().any(|chart| chart.id == id));
        }
    }
}
