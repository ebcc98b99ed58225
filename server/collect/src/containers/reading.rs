//! What is read of a container, whoever tells it.

/// Figures of a container; each is `None` where it is not told. Counters count from the container's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContainerReading {
    /// CPU time in nanoseconds, a counter.
    pub cpu_ns: Option<u64>,
    /// Time in nanoseconds in which it was held back by its CPU limit, a counter.
    pub throttled_ns: Option<u64>,
    /// Memory in bytes, page cache included.
    pub memory: Option<u64>,
    /// Memory in bytes without the page cache that can be dropped at once: what the limit bites on.
    pub working_set: Option<u64>,
    /// Its limit of memory in bytes; `None` as well where it has none.
    pub memory_limit: Option<u64>,
    /// Processes that the kernel killed for memory, a counter.
    pub oom_kills: Option<u64>,
    /// Bytes received, a counter.
    pub received: Option<u64>,
    /// Bytes sent, a counter.
    pub transmitted: Option<u64>,
    /// Bytes read from block devices, a counter.
    pub read: Option<u64>,
    /// Bytes written to block devices, a counter.
    pub written: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

impl ContainerReading {
    /// What is not told here is taken from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.or(other.cpu_ns),
            throttled_ns: self.throttled_ns.or(other.throttled_ns),
            memory: self.memory.or(other.memory),
            working_set: self.working_set.or(other.working_set),
            memory_limit: self.memory_limit.or(other.memory_limit),
            oom_kills: self.oom_kills.or(other.oom_kills),
            received: self.received.or(other.received),
            transmitted: self.transmitted.or(other.transmitted),
            read: self.read.or(other.read),
            written: self.written.or(other.written),
            pids: self.pids.or(other.pids),
        }
    }
}
