//! The last reading for a Prometheus, so that it needs no further exporter: in the names of `node_exporter`,
//! `nvidia_gpu_exporter` and cAdvisor.

mod containers;
mod devices;
mod gpu;
mod node;
mod text;

use crate::{containers::Containers, gpu::Gpus, host::Host};

/// Appends everything to `out`.
pub(crate) fn write(host: &Host, containers: &Containers, gpus: &Gpus, out: &mut String) {
    node::write(host, out);
    devices::write(host, out);
    containers::write(containers, out);
    gpu::write(gpus, containers, out);
}
