//! Whatever the files hold, a tick ends, and tells nothing that is no number.

use std::time::Duration;

use collect::Container;

use crate::world::World;

const ID: &str = "3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73";

const FILES: [(&str, &str); 17] = [
    (
        "proc/stat",
        "cpu  10 2 3 40 5 0 1 2 0 0\ncpu0 10 2 3 40 5 0 1 2 0 0\nintr 5 4\nprocesses 17\n",
    ),
    (
        "proc/meminfo",
        "MemTotal: 100 kB\nMemFree: 5 kB\nMemAvailable: 9 kB\nCached: 3 kB\nSwapTotal: 3 kB\nHugePages_Total: 0\n",
    ),
    (
        "proc/vmstat",
        "pswpin 5\npswpout 6\npgmajfault 7\noom_kill 8\n",
    ),
    ("proc/loadavg", "0.42 1.5 2 3/456 789\n"),
    ("proc/uptime", "1234.5 99\n"),
    (
        "proc/diskstats",
        " 254 0 vda 10 0 100 50 1 0 8 1 0 5 0 0 0 0 0 0 0\n",
    ),
    (
        "proc/self/net/dev",
        " face |bytes\n eth0: 9 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n",
    ),
    (
        "proc/self/mountinfo",
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n",
    ),
    (
        "proc/pressure/io",
        "some avg10=0 total=55\nfull avg10=0 total=5\n",
    ),
    ("cgroup/cgroup.controllers", "cpu memory\n"),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/cpu.stat",
        "usage_usec 500\nthrottled_usec 3\n",
    ),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/memory.current",
        "4096\n",
    ),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/memory.stat",
        "anon 5\ninactive_file 96\n",
    ),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/memory.max",
        "max\n",
    ),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/io.stat",
        "254:0 rbytes=1 wbytes=2\n",
    ),
    (
        "cgroup/docker/3fc34c61d279123a39e58a1c5d3deb26242aec0ae944d6549239ab3c80b46a73/cgroup.procs",
        "77\n",
    ),
    (
        "proc/77/net/dev",
        " eth0: 9 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n",
    ),
];

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end as u64).max(1)).unwrap()
    }
}

fn spoil(text: &str, dice: &mut Dice) -> Vec<u8> {
    const ODD: [&[u8]; 12] = [
        b"18446744073709551615",
        b"18446744073709551616",
        b"-1",
        b"\xff\xfe",
        b"\0",
        b"\n",
        b":",
        b" ",
        b"NaN",
        b"inf",
        b"1e308",
        b"\"\\",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => {
                let odd = ODD[dice.below(ODD.len())];
                bytes.splice(at..at, odd.iter().copied());
            }
            2 if at < bytes.len() => {
                bytes.remove(at);
            }
            3 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            _ => {
                let half = bytes[at..].to_vec();
                bytes.extend(half);
            }
        }
    }
    bytes
}

#[test]
fn spoilt_files_never_stop_a_tick_nor_tell_nonsense() {
    let mut world = World::new();
    world.collector.set_containers(vec![Container {
        id: ID.to_owned(),
        project: "p".to_owned(),
        service: "s".to_owned(),
        name: "p-s-1".to_owned(),
    }]);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for (path, text) in FILES {
        world.write(path, text);
    }
    world.second();
    // The filesystem answers from a thread of its own.
    let whole = world.until(|_, samples| {
        let is_there = |label: &String| label.starts_with("system.filesystem");
        samples.keys().any(is_there).then_some(samples.len())
    });
    assert!(whole > 40, "{whole} samples while all is well");
    let mut written = FILES.map(|(_, text)| text.as_bytes().to_vec());
    for round in 0..150_u32 {
        for ((path, text), written) in FILES.into_iter().zip(&mut written) {
            let text = if dice.below(3) == 0 {
                spoil(text, &mut dice)
            } else {
                text.as_bytes().to_vec()
            };
            if text != *written {
                world.write(path, &text);
                *written = text;
            }
        }
        // What every tick must keep to is checked in there.
        let pause = if round % 7 == 0 { 11 } else { 1 };
        world.after(Duration::from_secs(pause));
        let text = world.prometheus();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let value: f64 = line.rsplit(' ').next().unwrap().parse().expect(line);
            assert!(value.is_finite(), "{line}");
        }
    }
    for (path, text) in FILES {
        world.write(path, text);
    }
    world.now += Duration::from_secs(10);
    // It mends by itself.
    world.until(|_, samples| (samples.len() == whole).then_some(()));
}
