//! The collector on trees of files that stand in for /proc and cgroups, on a library that stands in for the NVIDIA
//! driver's, and on this host.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]
#![expect(clippy::float_cmp, reason = "the figures are exact in binary")]

mod containers;
mod filesystems;
mod gpu;
mod hang;
mod here;
mod host;
mod odd;
mod prometheus;
mod world;
