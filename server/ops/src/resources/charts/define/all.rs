//! The charts themselves.

use super::{Definition, Label, Limited, Most, Select, chart, each, only, some};

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

pub const CPU: Definition = chart(
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
.most(Most::One)
.limit(Limited::Cpu);
pub const CORES: Definition =
    chart("cores", "Cores", &[each(CPU_USED, Label::By(&[CORE]))]).most(Most::One);
pub const LOAD: Definition = chart(
    "load",
    "Load",
    &[
        each("system.cpu.load_average.1m", Label::Is("1 min")),
        each("system.cpu.load_average.5m", Label::Is("5 min")),
        each("system.cpu.load_average.15m", Label::Is("15 min")),
    ],
);
pub const WAITING: Definition = chart(
    "pressure",
    "Tasks waiting",
    &[some(PRESSURE, KIND, "some", Label::By(&[RESOURCE]))],
)
.most(Most::One);
pub const STALLED: Definition = chart(
    "pressure-full",
    "All tasks waiting",
    &[some(PRESSURE, KIND, "full", Label::By(&[RESOURCE]))],
)
.most(Most::One);
pub const PROCESSES: Definition = chart(
    "processes",
    "Processes",
    &[each("system.process.count", Label::Is("processes"))],
);
pub const FORKS: Definition = chart(
    "process-starts",
    "Processes and threads started",
    &[each("system.process.created", Label::Is("started"))],
);

pub const ANSWERS: Definition = chart(
    "check-duration",
    "Response times of checks",
    &[each(
        "ytops.check.duration",
        Label::By(&["ytops.check.name"]),
    )],
)
.limit(Limited::Response);

pub const MEMORY_PARTS: Definition = chart(
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
pub const MEMORY_USED: Definition = chart(
    "memory-used",
    "Memory that is not available",
    &[each(
        "system.memory.utilization",
        Label::Is("not available"),
    )],
)
.most(Most::One)
.limit(Limited::Memory);
pub const SWAP_PARTS: Definition = chart(
    "swap",
    "Swap",
    &[
        only(SWAP, SWAP_STATE, "used", "used"),
        only(SWAP, SWAP_STATE, "free", "free"),
    ],
)
.stacked();
pub const SWAPPING: Definition = chart(
    "swapping",
    "Pages swapped",
    &[each(
        "system.paging.operations",
        Label::By(&["system.paging.direction"]),
    )],
);
pub const FAULTS: Definition = chart(
    "page-faults",
    "Page faults from disk",
    &[each("system.paging.faults", Label::Is("major faults"))],
);
pub const KILLS: Definition = chart(
    "oom-kills",
    "Killed for memory",
    &[each(
        "system.linux.memory.oom_kills",
        Label::Is("processes"),
    )],
);
pub const MEMORY_WAITING: Definition = chart(
    "memory-pressure",
    "Tasks waiting for memory",
    &[some(PRESSURE, RESOURCE, "memory", Label::By(&[KIND]))],
)
.most(Most::One);

pub const SPACE: Definition = chart(
    "filesystems",
    "Filesystems, share used",
    &[each("system.filesystem.utilization", BY_MOUNT)],
)
.most(Most::One)
.limit(Limited::Disk);
pub const SPACE_USED: Definition = chart(
    "filesystem-space",
    "Filesystems, space used",
    &[some(
        "system.filesystem.usage",
        FILES_STATE,
        "used",
        BY_MOUNT,
    )],
);
pub const INODES: Definition = chart(
    "inodes",
    "Filesystems, inodes used",
    &[some(
        "system.filesystem.inodes.usage",
        FILES_STATE,
        "used",
        BY_MOUNT,
    )],
);
pub const DISK_IO: Definition = chart("disk-io", "Disk I/O", &[each("system.disk.io", BY_DISK)]);
pub const DISK_OPERATIONS: Definition = chart(
    "disk-operations",
    "Disk operations",
    &[each("system.disk.operations", BY_DISK)],
);
pub const DISK_BUSY: Definition = chart(
    "disk-busy",
    "Disks, share of time busy",
    &[each("system.disk.io_time", Label::By(&[DEVICE]))],
)
.most(Most::One);
pub const DISK_LATENCY: Definition = chart(
    "disk-latency",
    "Disk latency",
    &[each("system.disk.operation_latency", BY_DISK)],
);
pub const DISK_WAITING: Definition = chart(
    "disk-pressure",
    "Tasks waiting for I/O",
    &[some(PRESSURE, RESOURCE, "io", Label::By(&[KIND]))],
)
.most(Most::One);

pub const NETWORK_IO: Definition = chart(
    "network",
    "Network",
    &[each("system.network.io", BY_INTERFACE)],
);
/// What programs on the host send to each other would hide what goes out.
pub const NETWORK_OUTSIDE: Definition = chart(
    "network",
    "Network",
    &[Select {
        not: Some((INTERFACE, "lo")),
        ..each("system.network.io", BY_INTERFACE)
    }],
);
pub const PACKETS: Definition = chart(
    "packets",
    "Packets",
    &[each("system.network.packet.count", BY_INTERFACE)],
);
pub const DROPS: Definition = chart(
    "packets-dropped",
    "Packets dropped",
    &[each("system.network.packet.dropped", BY_INTERFACE)],
);
pub const NETWORK_ERRORS: Definition = chart(
    "network-errors",
    "Network errors",
    &[each("system.network.errors", BY_INTERFACE)],
);

pub const GPU_USED: Definition = chart(
    "gpu",
    "GPU",
    &[some("hw.gpu.utilization", "hw.gpu.task", "", BY_GPU)],
)
.most(Most::One);
pub const GPU_MEMORY: Definition = chart(
    "gpu-memory",
    "GPU memory",
    &[each("hw.gpu.memory.usage", BY_GPU)],
)
.most(Most::Of("hw.gpu.memory.limit"));
pub const GPU_TEMPERATURE: Definition = chart(
    "gpu-temperature",
    "GPU temperature",
    &[each("hw.temperature", BY_GPU)],
);
pub const GPU_POWER: Definition = chart("gpu-power", "GPU power", &[each("hw.power", BY_GPU)])
    .limit(Limited::By("hw.power.limit"));
pub const GPU_PROCESSES: Definition = chart(
    "gpu-process-memory",
    "GPU memory by container",
    &[each(
        "hw.gpu.process.memory.usage",
        Label::By(&[GPU, CONTAINER]),
    )],
);
pub const GPU_PROCESS_COUNT: Definition = chart(
    "gpu-processes",
    "GPU processes by container",
    &[each("hw.gpu.process.count", Label::By(&[GPU, CONTAINER]))],
);
pub const GPU_CONTROLLER: Definition = chart(
    "gpu-memory-controller",
    "GPU memory controller",
    &[each("hw.gpu.memory.controller.utilization", BY_GPU)],
)
.most(Most::One);
pub const GPU_CODECS: Definition = chart(
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
pub const GPU_CLOCKS: Definition = chart(
    "gpu-clocks",
    "GPU clocks",
    &[each("hw.gpu.speed", Label::By(&[GPU, "hw.gpu.clock"]))],
);
pub const GPU_FANS: Definition = chart(
    "gpu-fans",
    "GPU fans",
    &[each("hw.fan.speed_ratio", BY_GPU)],
)
.most(Most::One);
pub const GPU_THROTTLED: Definition = chart(
    "gpu-throttled",
    "GPU clocks held down",
    &[each(
        "hw.gpu.throttled",
        Label::By(&[GPU, "hw.gpu.throttle.reason"]),
    )],
)
.most(Most::One);
pub const GPU_ERRORS: Definition = chart(
    "gpu-errors",
    "GPU errors",
    &[each("hw.errors", Label::By(&[GPU, "error.type"]))],
);
pub const GPU_IO: Definition = chart(
    "gpu-pcie",
    "GPU PCIe",
    &[each("hw.gpu.io", Label::By(&[GPU, DIRECTION]))],
);

pub const CONTAINER_CPU: Definition = chart(
    "container-cpu",
    "CPU",
    &[each("container.cpu.usage", BY_CONTAINER)],
);
pub const CONTAINER_THROTTLED: Definition = chart(
    "container-throttled",
    "Held back by its CPU limit",
    &[each("container.cpu.throttled_time", BY_CONTAINER)],
);
pub const CONTAINER_SET: Definition = chart(
    "container-memory",
    "Memory",
    &[each("container.memory.working_set", BY_CONTAINER)],
);
pub const CONTAINER_NETWORK: Definition = chart(
    "container-network",
    "Network",
    &[each(
        "container.network.io",
        Label::By(&[CONTAINER, DIRECTION]),
    )],
);
pub const CONTAINER_DISK: Definition = chart(
    "container-disk",
    "Disk I/O",
    &[each(
        "container.disk.io",
        Label::By(&[CONTAINER, DISK_DIRECTION]),
    )],
);
pub const CONTAINER_PIDS: Definition = chart(
    "container-pids",
    "Processes and threads",
    &[each("container.pids.count", BY_CONTAINER)],
);
pub const SERVICE_MEMORY: Definition = chart(
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
