//! Which filesystems are mounted, by /proc/self/mountinfo.

use crate::parse::{lines, text, words};

/// What holds no data of anybody's, or shows what lies elsewhere.
const NOT_REAL: &[&[u8]] = &[
    b"autofs",
    b"binfmt_misc",
    b"bpf",
    b"cgroup",
    b"cgroup2",
    b"configfs",
    b"debugfs",
    b"devpts",
    b"devtmpfs",
    b"efivarfs",
    b"fuse.gvfsd-fuse",
    b"fuse.lxcfs",
    b"fuse.portal",
    b"fusectl",
    b"hugetlbfs",
    b"iso9660",
    b"mqueue",
    b"nsfs",
    b"overlay",
    b"proc",
    b"pstore",
    b"ramfs",
    b"rpc_pipefs",
    b"securityfs",
    b"selinuxfs",
    b"squashfs",
    b"sysfs",
    b"tmpfs",
    b"tracefs",
];

/// Where Docker mounts the layers of images and containers on ZFS: each is a filesystem of the same pool.
const LAYERS: &[u8] = b"/docker/zfs/graph/";

/// A filesystem and one place where it is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Its device's numbers, such as `259:2`: what tells filesystems apart.
    pub(crate) id: Vec<u8>,
    /// What was mounted, such as `/dev/nvme0n1p2`.
    pub(crate) device: String,
    /// Where it is mounted.
    pub(crate) point: String,
    /// Such as `ext4`.
    pub(crate) kind: String,
    pub(crate) read_only: bool,
}

/// Filesystems that hold data, each once: at the shortest of its mount points.
pub(crate) fn real(mountinfo: &[u8]) -> Vec<Mount> {
    let mut found: Vec<Mount> = Vec::new();
    for mount in lines(mountinfo).filter_map(mount) {
        // What is mounted over another hides it.
        found.retain(|known| known.point != mount.point || known.id == mount.id);
        match found.iter_mut().find(|known| known.id == mount.id) {
            Some(known) if mount.point.len() < known.point.len() => *known = mount,
            Some(_) => {}
            None => found.push(mount),
        }
    }
    found
}

fn mount(line: &[u8]) -> Option<Mount> {
    let mut words = words(line).skip(2);
    let id = words.next()?;
    let point = words.nth(1)?;
    let options = words.next()?;
    let mut words = words.skip_while(|word| *word != b"-").skip(1);
    let (kind, device) = (words.next()?, words.next()?);
    // The root of a container is an overlay, and all that it can tell of its host's disk.
    if NOT_REAL.contains(&kind) && !(kind == b"overlay" && point == b"/") {
        return None;
    }
    if (point.windows(LAYERS.len())).any(|part| part == LAYERS) {
        return None;
    }
    Some(Mount {
        id: id.to_vec(),
        device: unescape(device),
        point: unescape(point),
        kind: text(kind),
        read_only: options
            .split(|byte| *byte == b',')
            .any(|option| option == b"ro"),
    })
}

/// Spaces, tabs, ends of lines and backslashes stand in the file as three octal digits after a backslash.
fn unescape(word: &[u8]) -> String {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *byte == b'\\');
        let code = digits.and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        if let Some(code) = code {
            plain.push(code);
            rest = after.get(3..).unwrap_or_default();
        } else {
            plain.push(*byte);
            rest = after;
        }
    }
    text(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_filesystems_are_found_once() {
        let mountinfo = b"22 27 0:21 / /proc rw - proc proc rw\n\
            42 27 254:0 /var/lib/data /var/lib/data ro,relatime shared:1 master:2 - ext4 /dev/vda rw\n\
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n\
            49 42 0:40 / /var/lib/merged rw shared:2 - overlay overlay rw\n\
            50 27 0:50 / /mnt/two\\040words\\134 rw - nfs4 server:/x\\040y rw\n\
            51 27 0:51 / /short rw - ext4\n\
            54 27 0:54 / /var/lib/docker/zfs/graph/5d1c rw - zfs rpool/docker/5d1c rw\n\
            52 27 0:52 / /tmp rw - tmpfs tmpfs rw\n\
            53\n";
        let found = real(mountinfo);
        let told: Vec<_> = found
            .iter()
            .map(|mount| (mount.point.as_str(), mount.device.as_str(), mount.read_only))
            .collect();
        assert_eq!(
            told,
            [
                ("/", "/dev/vda", false),
                ("/mnt/two words\\", "server:/x y", false),
            ]
        );
    }

    #[test]
    fn odd_escapes_stay_as_they_are() {
        for odd in ["\\", "\\04", "\\999", "a\\xyz"] {
            assert_eq!(unescape(odd.as_bytes()), odd);
        }
    }
}
