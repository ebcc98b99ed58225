#![expect(clippy::unwrap_used, reason = "a test may stop")]
use super::*;

fn told(connector: &Connector, kind: io::ErrorKind) -> (String, String) {
    match connector.explain_send(&SendError::Connect(kind.into())) {
        EngineError::Unreachable { reason, hint } => (reason, hint),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn every_way_to_fail_names_the_line_that_mends_it() {
    let default = Connector::parse(None).unwrap();
    let (reason, hint) = told(&default, io::ErrorKind::PermissionDenied);
    assert!(reason.contains(DEFAULT_SOCKET));
    assert!(hint.contains("sudo usermod -aG docker "), "{hint}");
    let (_, hint) = told(&default, io::ErrorKind::ConnectionRefused);
    assert_eq!(hint, "Start it: sudo systemctl start docker");
    let (_, hint) = told(&default, io::ErrorKind::NotFound);
    if is_installed() {
        assert!(hint.contains("systemctl start docker"));
    } else {
        assert!(hint.contains("apt-get install docker.io"));
    }
    let set = Connector::parse(Some("unix:///nowhere/d.sock")).unwrap();
    assert!(
        told(&set, io::ErrorKind::NotFound)
            .1
            .contains("DOCKER_HOST")
    );
}

#[tokio::test]
async fn a_far_engine_that_vanishes_is_noticed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stream = connect_tcp(&address).await.unwrap();
    let socket = SockRef::from(&stream);
    assert!(socket.keepalive().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE);
}

#[test]
fn only_sockets_and_tcp_are_taken() {
    for wrong in [
        "npipe://x",
        "unix://relative",
        "tcp://host",
        "https://host:2376",
    ] {
        assert!(Connector::parse(Some(wrong)).is_err(), "{wrong}");
    }
    assert_eq!(
        Connector::parse(Some("tcp://10.0.0.1:2375/"))
            .unwrap()
            .place,
        Place::Tcp("10.0.0.1:2375".to_owned())
    );
}
