//! Debian's nginx with the project's site.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

/// Nothing takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The site's name.
pub const HOST: &str = "ops.example.com";

/// nginx with the project's site on ports of its own.
pub struct Nginx {
    process: Child,
    pub folder: PathBuf,
    pub http: u16,
    pub https: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM lets the master end its workers too.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// nginx, where it is installed.
pub fn find_nginx() -> Option<PathBuf> {
    ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Takes the place of one line of the site; a line that is not there fails the test.
fn replace(site: &str, from: &str, to: &str) -> String {
    assert!(site.contains(from), "the site has no line {from:?}");
    site.replace(from, to)
}

impl Nginx {
    /// In front of `console`, with a certificate for [`HOST`] and `names` (`IP:10.0.0.1`, `DNS:localhost`).
    pub fn start(program: &Path, console: SocketAddr, names: &[String]) -> Self {
        let (http, https) = (free_port(), free_port());
        let folder = format!("ytops-nginx-{}-{https}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        make_certificate(&folder, names);
        let site = include_str!("../../../deploy/nginx/ytops.conf");
        let mut site = site.to_owned();
        for (from, to) in [
            ("listen 80;", format!("listen {http};")),
            ("listen [::]:80;", String::new()),
            (
                "listen 443 ssl http2;",
                format!("listen {https} ssl http2;"),
            ),
            ("listen [::]:443 ssl http2;", String::new()),
            ("server 127.0.0.1:3000;", format!("server {console};")),
            ("/etc/ssl/ytops/fullchain.pem", at("cert.pem")),
            ("/etc/ssl/ytops/privkey.pem", at("key.pem")),
            ("/var/log/nginx/ytops.log", at("access.log")),
            ("/var/log/nginx/error.log", at("error.log")),
        ] {
            site = replace(&site, from, &to);
        }
        fs::write(folder.join("site.conf"), site).unwrap();
        let main = format!(
            "daemon off; worker_processes 1; pid {pid}; error_log {log} warn; events {{}}
             http {{
                 access_log off; gzip on; gzip_types text/event-stream application/json;
                 client_body_temp_path {tmp}; proxy_temp_path {tmp}; fastcgi_temp_path {tmp};
                 uwsgi_temp_path {tmp}; scgi_temp_path {tmp};
                 include {site};
             }}",
            pid = at("pid"),
            log = at("error.log"),
            tmp = at("tmp"),
            site = at("site.conf"),
        );
        fs::write(folder.join("nginx.conf"), main).unwrap();
        let process = Command::new(program)
            .args(["-e", &at("error.log"), "-p", &folder.display().to_string()])
            .args(["-c", &at("nginx.conf")])
            .spawn()
            .unwrap();
        let mut nginx = Self {
            process,
            folder,
            http,
            https,
        };
        nginx.wait_until_up();
        nginx
    }

    fn wait_until_up(&mut self) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.https)).is_err() {
            let ended = self.process.try_wait().unwrap();
            let log = fs::read_to_string(self.folder.join("error.log")).unwrap_or_default();
            assert!(ended.is_none(), "nginx ended: {ended:?}\n{log}");
            assert!(begun.elapsed() < PATIENCE, "nginx did not come up\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// `ca.pem`, and `cert.pem` for the site and `names`, which it signed.
fn make_certificate(folder: &Path, names: &[String]) {
    let names = names.iter().map(|name| format!(",{name}"));
    let names = format!("subjectAltName=DNS:{HOST}{}", names.collect::<String>());
    let subject = format!("/CN={HOST}");
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
    let openssl = |words: &str, others: &[&str]| {
        let made = Command::new("openssl")
            .current_dir(folder)
            .args(words.split(' '))
            .args(others)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    };
    openssl(
        &format!("req -x509 {new} -keyout ca.key -out ca.pem"),
        &["-subj", "/CN=An authority of its own"],
    );
    openssl(
        &format!("req {new} -keyout key.pem -out cert.csr"),
        &["-subj", &subject, "-addext", &names],
    );
    openssl(
        "x509 -req -days 1 -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -in cert.csr -out cert.pem",
        &[],
    );
}
