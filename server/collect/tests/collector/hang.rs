//! A filesystem that hangs: a FUSE mount whose server never answers.

use std::{
    ffi::CString,
    fs::{File, OpenOptions},
    os::fd::AsRawFd,
    path::Path,
};

use rustix::{
    mount::{MountFlags, MountPropagationFlags, mount, mount_change},
    thread::UnshareFlags,
};

/// Mounts one at `path`, for this thread and those that it starts; `None` where that is not allowed. statvfs(3) hangs
/// there until the file is closed.
#[expect(unsafe_code, reason = "rustix marks unsharing unsafe")]
pub fn mount_at(path: &Path) -> Option<File> {
    let server = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/fuse")
        .ok()?;
    // SAFETY: mounts alone are unshared, not the table of file descriptors, of which safe code relies on being one.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.ok()?;
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .ok()?;
    let data = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0",
        server.as_raw_fd()
    );
    let data = CString::new(data).ok()?;
    mount(
        "ytops-hang",
        path,
        "fuse",
        MountFlags::empty(),
        data.as_c_str(),
    )
    .ok()?;
    Some(server)
}
