//! A way to the database that can be shut, or stall.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::PgPool;

const OPEN: u8 = 0;
/// Connections are closed as they come.
const SHUT: u8 = 1;
/// Connections stand, and nothing passes.
const STALLED: u8 = 2;

#[derive(Clone)]
pub struct Gate {
    state: Arc<AtomicU8>,
    held: Arc<AtomicUsize>,
    pub url: String,
}

impl Gate {
    /// A gate before the test's database.
    pub fn before(db: &PgPool) -> Self {
        let options = db.connect_options();
        let socket = options
            .get_socket()
            .map(|folder| folder.join(format!(".s.PGSQL.{}", options.get_port())))
            .expect("the tests' cluster listens on a Unix socket");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = Self {
            state: Arc::default(),
            held: Arc::default(),
            url: format!(
                "postgres://{}@127.0.0.1:{port}/{}?sslmode=disable",
                options.get_username(),
                options.get_database().unwrap()
            ),
        };
        let keeper = gate.clone();
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if keeper.state.load(Ordering::SeqCst) == SHUT {
                    continue;
                }
                let Ok(far) = UnixStream::connect(&socket) else {
                    continue;
                };
                keeper.join(near, far);
            }
        });
        gate
    }

    fn join(&self, near: TcpStream, far: UnixStream) {
        let (near_in, far_in) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        let there = self.clone();
        std::thread::spawn(move || {
            there.copy(near_in, &far);
            let _ = far.shutdown(Shutdown::Both);
        });
        let back = self.clone();
        std::thread::spawn(move || {
            back.copy(far_in, &near);
            let _ = near.shutdown(Shutdown::Both);
        });
    }

    fn copy(&self, mut from: impl Read, mut to: impl Write) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if self.state.load(Ordering::SeqCst) == STALLED {
                self.held.fetch_add(1, Ordering::SeqCst);
                while self.state.load(Ordering::SeqCst) == STALLED {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            if to.write_all(&buffer[..length]).is_err() {
                return;
            }
        }
    }

    pub fn open(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }

    pub fn shut(&self) {
        self.state.store(SHUT, Ordering::SeqCst);
    }

    pub fn stall(&self) {
        self.state.store(STALLED, Ordering::SeqCst);
    }

    /// Messages that wait to be let through.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }
}
