//! A socket before the engine's that can be cut: to the console the engine went away.

use std::path::PathBuf;

use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};

/// Passes everything on to the engine while it is open.
pub struct Gateway {
    path: PathBuf,
    engine: PathBuf,
    passing: Option<JoinHandle<()>>,
}

impl Gateway {
    /// A closed way to the engine at `unix://…`.
    pub fn to(host: &str) -> Self {
        let engine = PathBuf::from(host.strip_prefix("unix://").unwrap());
        let path = std::env::temp_dir().join(format!("ytops-{}.sock", ops::trace_id()));
        Self {
            path,
            engine,
            passing: None,
        }
    }

    /// Where it listens.
    pub fn host(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Lets everything through.
    pub fn open(&mut self) {
        let listener = UnixListener::bind(&self.path).unwrap();
        let engine = self.engine.clone();
        self.passing = Some(tokio::spawn(async move {
            // Dropped with the task, and every connection with it.
            let mut connections = JoinSet::new();
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let engine = engine.clone();
                connections.spawn(async move {
                    let mut server = UnixStream::connect(engine).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
                while connections.try_join_next().is_some() {}
            }
        }));
    }

    /// Cuts every connection and takes no new one.
    pub fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.cut();
    }
}
